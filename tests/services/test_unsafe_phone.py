"""She said that it is not safe to text: nothing betrays her, and people hear every word."""

import pytest

from bot.core.alerts import SupportKind
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import audited, open_instrument, pages, pass_time
from tests.world import SUNDAY_2340

pytestmark = SQLITE_ONLY

NEUTRAL = "crisis_violence_unsafe"


def not_safe(world, answer="no not safe"):
    world.text("Bea", "my husband hits me")
    world.text("Bea", answer)


@pytest.mark.parametrize("answer", ["B", "no not safe", "wait"])
@pytest.mark.parametrize(
    "words",
    ["can i take ibuprofen with it", "CALL", "\U0001f60a", "\U0001f44d", "help", "HELP", "hi"],
)
def test_whatever_she_writes_then_is_met_by_the_neutral_sentence(world, answer, words):
    not_safe(world, answer)
    pass_time(world, minutes=4)
    asked = world.text("Bea", words)
    pass_time(world, minutes=2)
    assert set(world.to("Bea")[1:]) == {NEUTRAL}
    assert world.dialogue.heard == []
    known = {event.details["inbound"] for event in audited(world, "add_to_alert")}
    assert asked in known or world.alert("Bea").level == "urgent"


def test_an_open_check_in_does_not_go_on_there(world):
    open_instrument(world, "Bea", "mood")
    not_safe(world)
    pass_time(world, minutes=2)
    assert world.to("Bea")[-2:] == ["crisis_violence", NEUTRAL]


def test_once_she_says_that_it_is_safe_she_is_answered_as_ever(world):
    not_safe(world, "A")
    pass_time(world, minutes=4)
    world.text("Bea", "can i take ibuprofen with it")
    assert world.to("Bea")[-1] == "utter_greet"


@pytest.mark.parametrize("words", ["CALL", "call me please", "HELP"])
def test_a_call_that_nothing_may_confirm_comes_at_night_too(world, words):
    world.clock.time = SUNDAY_2340
    not_safe(world)
    pass_time(world, minutes=4)
    world.text("Bea", words)
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call"]
    assert world.alert("Bea").level == "urgent"
    assert set(world.to("Bea")[1:]) == {NEUTRAL}


def test_whoever_has_it_hears_that_she_wants_a_call(world):
    not_safe(world)
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=4)
    world.text("Bea", "CALL")
    assert world.to("Dr Bose")[-1] == "page_wants_call"
    assert world.alert("Bea").status == "acknowledged"
    assert set(world.to("Bea")[1:]) == {NEUTRAL}


@pytest.mark.parametrize(
    "words", ["my husband hits me again", "hes at the door", "he found me", "esta en la puerta"]
)
@pytest.mark.parametrize("by_night", [False, True])
def test_new_danger_pages_again(world, words, by_night):
    if by_night:
        world.clock.time = SUNDAY_2340
    not_safe(world)
    before = len(pages(world, "Bea"))
    pass_time(world, minutes=4)
    world.text("Bea", words)
    assert len(pages(world, "Bea")) == before + 1
    assert world.alert("Bea").level == "urgent"
    assert set(world.to("Bea")[1:]) == {NEUTRAL}


def test_whoever_has_it_hears_of_new_danger_each_time(world):
    not_safe(world)
    world.text("Dr Bose", "ack")
    for _ in range(2):
        world.text("Bea", "my husband hits me again")
    assert world.to("Dr Bose").count("page_danger_again") == 2
    assert world.alert("Bea").status == "acknowledged"


def test_one_story_in_two_texts_is_no_new_danger(world):
    world.text("Bea", "my husband hits me")
    pass_time(world, minutes=1)
    world.text("Bea", "he hits me when he drinks")
    assert world.alert("Bea").level == "same-day"


def test_support_is_not_asked_to_do_what_the_alert_does(world):
    not_safe(world)
    pass_time(world, minutes=4)
    world.text("Bea", "can i take ibuprofen with it")
    assert SupportKind.NOT_UNDERSTOOD not in world.support_kinds()


def test_once_it_is_safe_and_urgent_she_gets_more_than_the_neutral_sentence(world):
    not_safe(world, "A")
    pass_time(world, minutes=4)
    world.text("Bea", "he comes home at 6")
    pass_time(world, minutes=11)
    world.text("Bea", "how do i get out")
    assert world.to("Bea")[-1] != NEUTRAL
