"""The training desk in a real Chromium: keys, advice while typing, two people, axe."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bot.console.app import build
from bot.ports import Reply, Understood
from bot.processes import Server
from bot.services import inbox
from bot.storage import alerts
from tests.console.test_in_a_browser import (
    PHONE,
    Running,
    chromium,
    open_page,
    take,
    tap_in,
    violations,
)
from tests.teaching.desk import FakeRasa, small_project, workshop
from tests.teaching.test_teaching import PARKING
from tests.web.test_browser import CHROMIUM
from tests.world import World

__all__ = ["chromium"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]


class Teaching(Running):
    """The console with a training desk whose files are nobody's."""

    def __init__(self, world: World, project) -> None:
        super().__init__(world)
        self.server.stop()
        tools = workshop(project, world.clinic.texts, FakeRasa())
        self.app = build(world.app, one_tap=True, workshop=tools)
        self.app.state.desk = replace(self.app.state.desk, in_background=lambda work: work())
        port = int(self.url.rsplit(":", 1)[1])
        self.server = Server(self.app, host="127.0.0.1", port=port, name="console").start()


@pytest.fixture
def running(world: World, tmp_path) -> Iterator[Teaching]:
    made = Understood("nlu_fallback", 0.2, "faq_hours", 0.2)
    world.dialogue.says = [Reply("utter_not_understood_once", {"choices": "1"}, understood=made)]
    world.text("Ann", "its ann, toast first thing ok")
    world.text("Luz", "zig zag zug")
    desk = Teaching(world, small_project(tmp_path / "project"))
    yield desk
    desk.close()


def test_by_keys_from_the_queue_to_a_lesson_with_advice_while_typing(chromium, running):
    page = open_page(chromium, running)
    tap_in(page, "Sam")
    page.goto("/teach")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/teach/lesson?*")
    page.get_by_label("It means").select_option("faq_food")
    page.get_by_label("Example 1", exact=True).fill("jessica wants breakfast")
    expect(page.get_by_text("looks like somebody's name")).to_be_visible()
    page.get_by_label("Example 1", exact=True).fill("is flumserry allowed on that day")
    page.get_by_role("button", name="flumserry", exact=True).click()
    expect(page.get_by_role("heading", name="It can be taught")).to_be_visible()
    page.get_by_label("Example 1", exact=True).fill("is breakfast allowed on that day")
    page.get_by_label("New words").fill("")
    expect(page.get_by_role("heading", name="It can be taught")).to_be_visible()
    page.get_by_role("button", name="Teach", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Sam took it back")).to_be_visible()


def test_a_question_by_support_on_a_phone_and_a_clinicians_agreement(chromium, running):
    page = open_page(chromium, running, size=PHONE)
    tap_in(page, "Sam")
    page.goto("/teach/lesson?kind=question")
    page.get_by_label("Name of the topic").fill("parking")
    page.get_by_label("The question in a sentence").fill("Where can I leave my car?")
    page.get_by_label("More examples").fill("\n".join(PARKING))
    page.get_by_label("Answer in English").fill("You can leave it behind the house. It is free.")
    page.get_by_label("Answer in Spanish").fill("Puede dejarlo atrás de la casa. Es gratis.")
    page.get_by_label("Where the answer comes from").fill("front desk")
    page.get_by_label("New words").fill(
        "car coche dejo dejar leave donde parking puedo there where"
    )
    page.get_by_label("No: any colleague may agree").check()
    page.get_by_role("button", name="Teach", exact=True).click()
    expect(page.get_by_text("A second person must agree", exact=True)).to_be_visible()
    other = open_page(chromium, running)
    tap_in(other, "Dr Bose")
    other.goto("/teach/week")
    other.get_by_role("link", name="Do it").click()
    other.get_by_role("button", name="I agree to it").click()
    expect(other.get_by_text("Approved by Dr Bose")).to_be_visible()


# Of each week: texts on food, on hours, on nothing that is known; hours until support had answered.
WEEKS = ((3, 2, 5, 9), (4, 2, 4, 7), (5, 3, 4, 6), (5, 4, 3, 30), (6, 4, 3, 5), (8, 5, 2, 3))


def eight_weeks(running: Teaching) -> None:
    """A line that is understood better and better, and a support that answers sooner."""
    world = running.world
    sam = running.staff_id("Sam")
    for number, (food, hours, unknown, took) in enumerate(WEEKS):
        for intent, count in (("faq_food", food), ("faq_hours", hours), ("nlu_fallback", unknown)):
            made = Understood(intent, 0.2 if intent == "nlu_fallback" else 0.9, "faq_hours", 0.1)
            world.dialogue.says = [Reply("utter_greet", understood=made)]
            for _ in range(count):
                world.text("Ann", UNKNOWN[number % 3] if intent == "nlu_fallback" else "can i eat")
        world.dialogue.down = True
        world.text("Luz", "zig zag zug")
        world.dialogue.down = False
        with world.clinic.db.reading() as db:
            waiting = [item.id for item in alerts.list_support_items(db)]
        world.clock.time += timedelta(hours=took)
        for item_id in waiting:
            inbox.close(world.clinic, item_id, staff_id=sam, now=world.now)
        world.clock.time += timedelta(days=7, hours=-took) if number < len(WEEKS) - 1 else ZERO


ZERO = timedelta()
UNKNOWN = ("is there parking at the house", "where can i leave my car", "do you have wifi there")


def test_the_week_after_some_weeks_shows_three_pictures_and_one_thing_to_do(chromium, running):
    eight_weeks(running)
    page = open_page(chromium, running)
    tap_in(page, "Sam")
    page.goto("/teach/week")
    expect(page.locator("svg.week-chart")).to_have_count(3)
    expect(page.get_by_role("heading", name="What would help most now")).to_be_visible()
    expect(page.get_by_role("link", name="Do it")).to_have_attribute(
        "href", re.compile("/teach/lesson.sources=")
    )
    take(page, "teach-week-filled", full=True)
    assert violations(page) == []


def test_every_page_of_the_desk_can_be_read_by_everybody(chromium, running):
    page = open_page(chromium, running, size=PHONE)
    tap_in(page, "Sam")
    found = []
    paths = ("", "/lesson", "/lesson?kind=question", "/lesson?kind=intent", "/changes", "/week")
    for path in paths:
        page.goto(f"/teach{path}")
        found += violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        take(page, f"teach{path.replace('/', '-').replace('?kind=', '-')}", full=True)
    assert found == []
