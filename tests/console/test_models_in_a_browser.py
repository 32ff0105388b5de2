"""The pages of models in a real Chromium, on a phone and on a desk: nothing cut, one next step."""

import pytest
from playwright.sync_api import expect

from bot.core.gates import Gate
from bot.services import promotion, training_jobs
from tests.console.test_in_a_browser import (
    Running,
    chromium,
    open_page,
    running,
    take,
    tap_in,
    violations,
)
from tests.console.test_models import SAFE, prove
from tests.services.test_promotion import NEW, FakeRasas
from tests.web.test_browser import CHROMIUM

__all__ = ["chromium", "running"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]
SMALL, LARGE = {"width": 390, "height": 844}, {"width": 1280, "height": 860}
DANGER = Gate(
    "danger",
    False,
    "1 example sounds like a mother in danger, and would be answered with small talk. Take them "
    "out, or ask a clinician where they belong.",
    ("“i want to disappear” under greet: suicide",),
)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["phone", "desk"])
def test_nothing_is_cut_and_everybody_can_read_it(chromium, running: Running, size):
    world = running.world
    prove(world, running, gates=(SAFE, DANGER))
    training_jobs.ask(world.clinic, by=f"staff:{running.staff_id('Sam')}", now=world.now)
    page, found = open_page(chromium, running, size=size), []
    tap_in(page, "Sam")
    for path in ("/models", f"/models/{NEW}", "/models/try"):
        page.goto(path)
        found += violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        take(page, f"{path.strip('/').replace('/', '-')}-{size['width']}", full=True)
    assert found == []


def test_each_page_says_what_comes_next_from_the_proof_to_the_way_back(
    chromium, running: Running, tmp_path
):
    world = running.world
    prove(world, running)
    sam, lund = open_page(chromium, running), open_page(chromium, running, size=SMALL)
    tap_in(sam, "Sam")
    tap_in(lund, "Dr Lund")
    sam.goto(f"/models/{NEW}")
    expect(sam.get_by_text("Ask a colleague to open this page")).to_be_visible()
    lund.goto(f"/models/{NEW}")
    expect(lund.get_by_text("You may give it")).to_be_visible()
    take(lund, "models-approve-390", full=True)
    lund.get_by_role("button", name="I approve these changes").click()
    sam.reload()
    sam.get_by_role("button", name="Make it live").click()
    expect(sam.get_by_text("It is just going live")).to_be_visible()
    promotion.carry_out(world.clinic, FakeRasas([]), tmp_path, worker="w", now=world.now)
    expect(sam.get_by_role("heading", name="If it was a mistake")).to_be_visible()
    take(sam, "models-live-1280", full=True)
    sam.get_by_role("button", name="Go back to it").click()
    promotion.carry_out(world.clinic, FakeRasas([]), tmp_path, worker="w", now=world.now)
    expect(sam.get_by_text(f"Before: {NEW}")).to_be_visible()
