"""She asks for a call, or why nobody calls, while an alert of hers is open: she hears the truth."""

import pytest

from bot.services import closing
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import audited, pass_time
from tests.services.test_alerts import paged, staff_id
from tests.world import SUNDAY_2340, World

pytestmark = SQLITE_ONLY

DANGER = "want to die"
ASKS = ["CALL", "please call me", "can someone call me", "llámame", "LLAMAR"]
WAITS = ["why is nobody calling me", "nobody called", "still waiting", "nadie me llama"]


def last(world: World) -> str:
    return world.to("Bea")[-1]


@pytest.mark.parametrize("words", ASKS)
def test_a_call_that_she_asks_for_is_confirmed(world, words):
    world.text("Bea", DANGER)
    pass_time(world, minutes=2)
    world.text("Bea", words)
    assert last(world) == "crisis_call_added"
    # By day the rota makes an hour true; in Spanish where she asks in Spanish.
    said = world.words_to("Bea")[-1]
    assert "by 12:15 pm" in said or "antes de las 12:15 pm" in said
    assert "988" in world.words_to("Bea")[-1]


def test_at_night_no_hour_is_named_for_the_call(world):
    world.clock.time = SUNDAY_2340
    world.text("Bea", DANGER)
    pass_time(world, minutes=2)
    world.text("Bea", "CALL")
    assert last(world) == "crisis_call_added_now"


def test_the_call_is_confirmed_between_two_fixed_sentences_too(world):
    world.text("Bea", DANGER)
    pass_time(world, minutes=2)
    world.text("Bea", "in bed now")
    pass_time(world, minutes=2)
    world.text("Bea", "call me please")
    assert last(world) == "crisis_call_added"


def test_whoever_has_her_hears_that_she_wants_a_call(world):
    world.text("Bea", DANGER)
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=2)
    world.text("Bea", "in bed now")
    world.text("Bea", "CALL")
    assert world.to("Dr Bose")[-2:] == ["page_new_words", "page_wants_call"]
    pass_time(world, minutes=1)
    assert last(world) == "crisis_call_added_held"
    assert len(audited(world, "asks_for_call")) == 1


def test_no_call_is_confirmed_to_who_does_not_want_one(world):
    world.text("Bea", DANGER)
    pass_time(world, minutes=2)
    world.text("Bea", "dont call me he is here")
    assert last(world) == "crisis_added"


@pytest.mark.parametrize("words", WAITS)
def test_who_waits_hears_who_was_told_and_that_nobody_has_it(world, words):
    world.text("Bea", DANGER)
    pass_time(world, minutes=3)
    world.text("Bea", words)
    assert last(world) == "crisis_waiting"
    said = world.words_to("Bea")[-1]
    assert "the clinician on call at 10 am" in said or "la persona de turno a las 10 am" in said
    for number in ("988", "911", "555-01"):
        assert number in said
    assert len(audited(world, "says_nobody_called")) == 1


def test_while_a_page_is_fresh_her_words_move_no_ladder(world):
    world.text("Bea", DANGER)
    pass_time(world, minutes=3)
    world.text("Bea", "nobody called")
    assert paged(world) == ["Dr Bose"]


def test_once_it_is_overdue_her_words_page_the_next_one_at_once(world):
    world.text("Bea", DANGER)
    world.wait(minutes=18)
    assert paged(world) == ["Dr Bose", "Dr Ruiz"]
    world.text("Bea", "nobody called")
    assert paged(world) == ["Dr Bose", "Dr Ruiz", "Dr Lund"]
    assert "the lead clinician at 10:18 am" in world.words_to("Bea")[-1]
    # Her next words a minute later do not run the ladder empty.
    pass_time(world, minutes=1)
    world.text("Bea", "still waiting")
    assert len(paged(world)) == 3


def test_who_waits_for_a_holder_hears_that_it_was_taken(world):
    world.text("Bea", DANGER)
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=5)
    world.text("Bea", "nobody called")
    assert last(world) == "crisis_waiting_held"
    said = world.words_to("Bea")[-1]
    assert "by 11 am" in said
    assert "Bose" not in said
    assert world.to("Dr Bose")[-1] == "page_waits"
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")


def test_an_alert_that_is_held_too_long_without_a_call_goes_to_others(world):
    world.text("Bea", DANGER)
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=31)
    world.text("Bea", "why is nobody calling me")
    assert world.alert("Bea").status == "open"
    assert world.to("Dr Ruiz") == ["page_reopened"]
    assert "page_reopened" in world.to("Dr Bose")
    assert last(world) == "crisis_waits_again"
    world.wait(minutes=3)
    assert world.to("Bea").count("crisis_waits_again") == 1


def test_a_noted_call_keeps_the_alert_with_its_holder(world):
    world.text("Bea", DANGER)
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=20)
    closing.record_contact(
        world.clinic,
        code=world.alert("Bea").code,
        by="staff:x",
        staff_id=None,
        reached=False,
        note="no answer",
        now=world.now,
    )
    pass_time(world, minutes=15)
    world.text("Bea", "nobody called")
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")


def test_a_same_day_alert_is_answered_with_the_hour_that_she_was_given(world):
    world.text("Bea", "i lost her")
    pass_time(world, minutes=30)
    world.text("Bea", "nobody called me yet")
    assert last(world) == "crisis_waiting_day"
    assert "by 12" in world.words_to("Bea")[-1]
    assert world.dialogue.heard == []


def test_the_hour_said_again_is_no_new_promise(world):
    world.text("Bea", "i lost her")
    pass_time(world, minutes=90)
    world.text("Bea", "nobody called me yet")
    world.wait(minutes=60)
    assert "promise_missed" in world.to("Bea")


def test_a_phone_that_he_checks_hears_nothing_of_it(world):
    world.text("Bea", "my husband hits me")
    pass_time(world, minutes=3)
    world.text("Bea", "why is nobody calling me")
    assert last(world) == "crisis_violence_unsafe"


def test_danger_in_the_same_words_comes_first_and_moves_the_ladder_all_the_same(world):
    world.text("Bea", DANGER)
    world.wait(minutes=18)
    world.text("Bea", "nobody called me, i want to die")
    assert paged(world)[-1] == "Dr Lund"


def test_other_calls_are_answered_as_before(world):
    world.text("Bea", DANGER)
    pass_time(world, minutes=1)
    world.text("Bea", "in bed now")
    pass_time(world, minutes=1)
    world.text("Bea", "is anyone there")
    assert last(world) == "crisis_question"
