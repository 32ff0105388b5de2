"""The weekly picture: what it counts, and what it says would help most."""

from datetime import date, timedelta

from bot.console import teach_week
from bot.core.gates import Gate
from bot.services import inbox, teaching_week
from bot.services.teaching_week import Week
from bot.storage import alerts
from tests.engines import SQLITE_ONLY
from tests.services.test_promotion import prove
from tests.teaching.test_review_queue import says
from tests.teaching.test_teaching import question, teach


def look(desk, by="Sam"):
    world = desk.world
    return teaching_week.look_at(
        world.clinic, desk.workshop, desk.directory.entries(), by=desk.visitor(by), now=world.now
    )


@SQLITE_ONLY
def test_the_share_understood_is_counted_by_week(desk):
    world = desk.world
    says(world)
    world.text("Ann", "can i eat before it")
    world.text("Luz", "puedo comer antes")
    says(world, "nlu_fallback", 0.2)
    world.text("Ann", "does the purple one dance")
    newest = look(desk).weeks[-1]
    assert (newest.week, newest.read, newest.understood) == (date(2026, 1, 5), 3, 2)
    assert look(desk).top == [("faq_food", 2)]
    world.clock.time += timedelta(days=7)
    assert look(desk).weeks[-2].read == 3


@SQLITE_ONLY
def test_the_time_until_support_answered_is_there(desk):
    world = desk.world
    world.dialogue.down = True
    world.text("Ann", "can i eat before it")
    with world.clinic.db.reading() as db:
        (item,) = alerts.list_support_items(db)
    world.clock.time += timedelta(hours=3)
    sam = desk.visitor("Sam").staff_id
    inbox.close(world.clinic, item.id, staff_id=sam, now=world.now)
    assert look(desk).weeks[-1].answer_hours == 3


@SQLITE_ONLY
def test_an_approval_comes_before_a_group_and_only_for_who_may_give_it(desk):
    world = desk.world
    assert look(desk).next.href == "/teach/changes"
    says(world, "nlu_fallback", 0.2)
    world.text("Ann", "does the purple one dance")
    assert "1 single text" in look(desk).next.words
    world.text("Luz", "does the purple one dance")
    assert look(desk).next.words.startswith("2 texts ask much the same")
    change = teach(desk, question())
    assert look(desk).next.words.startswith("2 texts ask much the same")
    assert look(desk, "Dr Bose").next.href == f"/teach/changes/{change.id}"


@SQLITE_ONLY
def test_what_is_nearly_live_comes_before_more_lessons(desk):
    """Saved, trained, approved, live: at each step the page names the next one."""
    world = desk.world
    teach(desk, question())
    assert look(desk).next.words.startswith("1 lesson is saved and in no model yet")
    says(world, "nlu_fallback", 0.2)
    for name in ("Ann", "Luz"):
        world.text(name, "does the purple one dance")
    assert "ask much the same" in look(desk).next.words, "a model serves many lessons"
    world.clock.time += timedelta(days=2)
    assert "in no model yet" in look(desk).next.words, "but they do not wait for days"
    prove(world, changes=[])
    assert look(desk).next.words == "tend-new is proved and approved. Make it live."


@SQLITE_ONLY
def test_a_candidate_is_named_to_who_may_approve_it_and_to_nobody_else(desk):
    world = desk.world
    prove(world, by="Sam")
    assert look(desk, "Dr Bose").next.href == "/models/tend-new"
    assert "your approval" in look(desk, "Dr Bose").next.words
    assert "tend-new" not in look(desk).next.words
    prove(world, by="Sam", gates=[Gate("safety", False, "Less safe.")])
    assert "tend-new" not in look(desk, "Dr Bose").next.words


def test_a_share_that_fell_is_told():
    weeks = [Week(date(2026, 1, 5), 20, 19, None), Week(date(2026, 1, 12), 20, 15, None)]
    assert "Fewer" in teaching_week.advise(weeks, [], []).words
    few = [Week(date(2026, 1, 5), 3, 3, None), Week(date(2026, 1, 12), 3, 1, None)]
    assert "Fewer" not in teaching_week.advise(few, [], []).words


def test_bars_are_as_high_as_what_they_say():
    weeks = [Week(date(2026, 1, 5), 20, 10, 2.0), Week(date(2026, 1, 12), 20, 20, None)]
    half, whole = teach_week.understood(weeks).bars
    assert round(half.height * 2, 1) == whole.height
    assert (half.value, whole.value) == ("50", "100")
    assert [bar.value for bar in teach_week.answers(weeks).bars] == ["2.0", ""]
