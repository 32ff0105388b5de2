"""The sandbox in a real browser, with every process running; takes the picture of the README."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from rich.console import Console

from bot.sandbox import demo
from bot.settings import PROJECT

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PICTURE = PROJECT / "docs" / "images" / "sandbox.png"
# Waking Rasa is the slowest part on a small machine.
RASA_SECONDS = 180.0
PATIENCE = 30_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.rasa,
    pytest.mark.timeout(420),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
    pytest.mark.skipif(
        not list((PROJECT / "models").glob("*.tar.gz")), reason="needs a model: make train"
    ),
]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """The page of the phones, everything behind it running."""
    with demo.beside_another() as settings:
        running = demo.start(settings, console=Console(quiet=True))
        try:
            assert running.everything.rasa is not None
            assert running.everything.rasa.wait_until_ready(seconds=RASA_SECONDS)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                opened = browser.new_page(viewport={"width": 1500, "height": 1200})
                opened.goto(f"http://127.0.0.1:{running.page.port}/")
                yield opened
                browser.close()
        finally:
            running.stop()


def say(page: Page, phone: str, words: str) -> None:
    """Type on one of the phones, and send."""
    field = page.locator(f"form[action*='/{phone}/texts'] [name=body]").first
    field.fill(words)
    field.press("Enter")


def test_a_newcomer_sees_the_whole_path(page: Page) -> None:
    """A question answered, danger paged and acknowledged, all by typing on the phones."""
    say(page, "ann", "how much does it cost")
    expect(page.get_by_text("tells you the price before you decide")).to_be_visible(
        timeout=PATIENCE
    )

    say(page, "bea", "i want to die")
    expect(page.get_by_text("Call or text 988, any hour.").first).to_be_visible(timeout=PATIENCE)
    paged = page.get_by_text("Tend: open alert").first
    expect(paged).to_be_visible(timeout=PATIENCE)
    words = paged.inner_text()
    say(page, "dr-bose", words[words.rindex("ACK") :].rstrip("."))
    expect(page.get_by_text("is yours. Please phone her")).to_be_visible(timeout=PATIENCE)

    _take_picture(page)


def test_names_and_hints_of_all_phones_fit_on_a_small_laptop(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    try:
        cut = page.evaluate(_CUT_OFF)
    finally:
        page.set_viewport_size({"width": 1500, "height": 1200})

    assert cut == []


# What is wider than its line, or takes a second one; a hint is measured as if it were written.
_CUT_OFF = """() => {
  const cut = [];
  for (const name of document.querySelectorAll(".who h3")) {
    if (name.scrollWidth > name.clientWidth || name.clientHeight > 28) cut.push(name.textContent);
  }
  for (const field of document.querySelectorAll(".write textarea")) {
    const before = field.value;
    field.value = field.placeholder;
    if (field.scrollHeight > field.clientHeight) cut.push(field.id);
    field.value = before;
  }
  return cut;
}"""


def _take_picture(page: Page) -> None:
    """The README's picture, so that it cannot go stale; the repository's copy only on request."""
    target = PICTURE if os.environ.get("TEND_TAKE_PICTURES") else Path("var/sandbox.png")
    target.parent.mkdir(parents=True, exist_ok=True)
    # Where somebody has scrolled, the bar that stays at the top would lie across the phones.
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(500)
    page.screenshot(path=target, full_page=True)
    assert target.stat().st_size > 20_000  # an empty page is smaller
