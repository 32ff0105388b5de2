"""The console in a real Chromium: the main ways through, axe on every page, and the pictures.

The pictures of the documentation are taken here, so that they cannot go stale; the repository's
copies only with ``TEND_TAKE_PICTURES=1``.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.console.app import build
from bot.processes import Server, free_port
from bot.settings import PROJECT, load_settings
from tests.console import history
from tests.console.browser import PASSWORD, Console
from tests.web.test_browser import ARGUMENTS, CHROMIUM
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]
PICTURES = PROJECT / "docs" / "images"
# What the documentation shows; the others are only for looking at.
DOCUMENTED = ("now-phone", "alert-phone", "patients", "inbox", "rota-phone-dark")
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1180, "height": 860}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # A busy machine takes its time; what never comes still fails.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Running(Console):
    """The console of a world behind a real web server."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        world.app = replace(world.app, settings=load_settings(console_url=self.url))
        self.app = build(world.app, one_tap=True)
        # The worker has done its round: the line is well.
        world.settle()
        self.server = Server(self.app, host="127.0.0.1", port=port, name="console").start()

    def close(self) -> None:
        self.app.state.desk.closing.set()
        self.server.stop()


@pytest.fixture
def running(world: World) -> Iterator[Running]:
    made = Running(world)
    yield made
    made.close()


def open_page(
    chromium: Browser, running: Running, *, size: dict[str, int] = DESKTOP, dark: bool = False
) -> Page:
    scheme = "dark" if dark else "light"
    context = chromium.new_context(base_url=running.url, viewport=size, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def tap_in(page: Page, name: str) -> None:
    page.goto("/login")
    page.get_by_role("button", name=name).click()
    page.wait_for_url("**/now" if name != "Pat" else "**/health")


def take(page: Page, name: str, *, full: bool = False) -> None:
    wanted = os.environ.get("TEND_TAKE_PICTURES") and name in DOCUMENTED
    target = (PICTURES if wanted else Path("var")) / f"console-{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target, full_page=full)
    assert target.stat().st_size > 5_000  # an empty page is smaller


# All of axe's rules; what passed is not sent to us.
AXE_RUNS = """async () => (await axe.run({resultTypes: ['violations']})).violations"""


def violations(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE_SCRIPT};null")
    found = page.evaluate(AXE_RUNS)
    return [
        f"{page.url}: {one['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
        for one in found
        for node in one["nodes"]
    ]


def test_login_with_password_and_code(chromium, running):
    login_name, secret = running.account("Dr Bose")
    running.world.clock.time += timedelta(minutes=1)
    page = open_page(chromium, running, size=PHONE)
    page.goto("/patients")
    page.get_by_label("Login name").fill(login_name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Six digits").fill(pyotp.TOTP(secret).at(running.world.now))
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Patients")).to_be_visible()


def test_from_a_new_alert_to_its_outcome(chromium, running):
    """Quiet, an alert appears by itself, is taken, she is written to, and it is closed."""
    world = running.world
    history.give(world, running.patient_id("Bea"))
    page = open_page(chromium, running, size=PHONE)
    tap_in(page, "Dr Bose")
    expect(page.get_by_text("All quiet")).to_be_visible()
    take(page, "quiet-phone")

    world.text("Bea", "hi its bea, bad night")
    world.clock.time += timedelta(minutes=2)
    world.text("Bea", "i cant sleep and i want to die <b>x</b>")
    expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()
    assert page.title().startswith("(1)"), "the tab shows that one is open"
    expect(page.locator("#spoken")).to_contain_text("New alert")
    take(page, "now-phone")

    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("status")).to_contain_text("phone her now")
    expect(page.locator("mark").first).to_contain_text("want to die")
    assert page.get_by_role("link", name="Call").first.get_attribute("href").startswith("tel:+1")
    take(page, "alert-phone", full=True)

    page.get_by_role("link", name="Her page").click()
    expect(page.locator("svg.chart polyline")).to_have_count(3)
    expect(page.locator("svg.chart .alerting")).to_have_count(1)
    page.get_by_role("button", name="I speak with her").click()
    expect(page.get_by_role("status")).to_contain_text("You speak with her now")
    page.get_by_label("Text her").fill("This is Dr Bose. I am calling you in two minutes.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
    world.settle()
    assert "This is Dr Bose. I am calling you in two minutes." in world.words_to("Bea")

    page.get_by_role("link", name="Alert").first.click()
    page.get_by_label("Outcome").select_option("reached_safe")
    page.get_by_label("Was the alert right?").select_option("true")
    page.get_by_label("in a sentence").fill("Spoke for ten minutes. Her sister stays the night.")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("status")).to_contain_text("Closed with its outcome")
    assert world.alert("Bea") is None

    page.get_by_role("link", name="Her page").click()
    page.get_by_role("button", name="Hand back to the bot").click()
    expect(page.get_by_role("status")).to_contain_text("may answer her again")


def test_everything_works_without_scripts(chromium, running):
    world = running.world
    world.text("Bea", "i want to die")
    context = chromium.new_context(base_url=running.url, java_script_enabled=False)
    page = context.new_page()
    tap_in(page, "Dr Bose")
    page.get_by_role("button", name="Acknowledge").click()
    assert "phone her now" in page.content()


def test_words_of_hers_are_never_run(chromium, running):
    """Stored XSS: whatever she texts is text, in every place where it is shown."""
    world = running.world
    evil = "i want to die <script>window.hit=1</script><img src=x onerror=window.hit=1>"
    world.text("Bea", evil)
    page = open_page(chromium, running)
    tap_in(page, "Dr Lund")
    for path in (
        "/now",
        f"/alerts/{world.alert('Bea').id}",
        "/inbox",
        f"/patients/{running.patient_id('Bea')}",
    ):
        page.goto(path)
        page.wait_for_timeout(150)
        assert page.evaluate("window.hit") is None, path
    expect(page.get_by_text("<script>window.hit=1</script>").first).to_be_visible()


def test_an_ended_login_leaves_the_live_page(chromium, running):
    page = open_page(chromium, running)
    tap_in(page, "Dr Bose")
    expect(page.get_by_text("All quiet")).to_be_visible()
    running.world.clock.time += timedelta(minutes=16)
    page.wait_for_url("**/login**")


def test_two_half_filled_fields_survive_the_end_of_a_login(chromium, running):
    """One is sent, the other goes along: the page's own script sees to it."""
    page = open_page(chromium, running)
    tap_in(page, "Dr Bose")
    ann = f"/patients/{running.patient_id('Ann')}"
    page.goto(ann)
    page.locator("#text").fill("I will call you.")
    page.locator("#note").fill("Her sister stays the night.")
    running.world.clock.time += timedelta(minutes=16)
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_text("What you wrote is kept for you")).to_be_visible()
    tap_in(page, "Dr Bose")
    page.goto("/inbox")
    page.get_by_role("link", name="read it there").click()
    expect(page.locator("#text")).to_have_value("I will call you.")
    expect(page.locator("#note")).to_have_value("Her sister stays the night.")


def test_the_audit_is_read_on_a_phone_without_moving_it_sideways(chromium, running):
    running.world.text("Bea", "i want to die")
    page = open_page(chromium, running, size=PHONE)
    tap_in(page, "Dr Lund")
    page.goto("/audit")
    table = page.get_by_role("region", name="Audit events")
    expect(table).to_be_visible()
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    # Where the head of the table is gone, each value says what it is.
    said = table.locator("tr").nth(1).locator("td").first
    assert said.evaluate("one => getComputedStyle(one, '::before').content") == '"Who: "'
