"""A yes to the reminder stays a yes, whatever else she says with it."""

from datetime import timedelta

import pytest

from tests.services.clinic_day import appointment, audited, pass_time, schedule
from tests.world import World


def remind(world: World) -> str:
    booked = schedule(world, "Ann", world.now + timedelta(hours=25))
    pass_time(world, hours=1)
    assert world.to("Ann") == ["reminder_day_before"]
    return booked


@pytest.mark.parametrize(
    "words", ["C", "c", "yes", "yes if im still alive lol", "si", "Sí, ahí estaré", "confirmed!"]
)
def test_a_yes_confirms_with_rasa_down(world, words):
    booked = remind(world)
    world.dialogue.down = True
    world.text("Ann", words)
    assert appointment(world, booked).status == "confirmed"
    assert world.to("Ann")[-1] == "utter_session_confirmed"


def test_a_yes_with_danger_confirms_and_the_danger_is_answered(world):
    booked = remind(world)
    world.text("Ann", "yes but only bc i want to die less lol")
    assert appointment(world, booked).status == "scheduled"
    world.text("Ann", "hm")
    assert "crisis_suicide" in world.to("Ann")


@pytest.mark.parametrize(
    ("words", "reply", "level"),
    [("yes lol i want to die", "crisis_suicide", "urgent"), ("c. cant do this", "crisis_ask", "")],
)
def test_dark_humour_keeps_the_yes_and_is_screened(world, words, reply, level):
    booked = remind(world)
    world.text("Ann", words)
    assert world.to("Ann")[-1] == reply
    if level:
        assert world.alert("Ann").level == level
        assert appointment(world, booked).status == "confirmed"
    assert "utter_session_confirmed" not in world.to("Ann")


@pytest.mark.parametrize("words", ["yes but can we move it", "no", "yes?", "c me later", "si pero"])
def test_a_yes_that_wants_something_else_goes_to_the_dialogue(world, words):
    booked = remind(world)
    world.text("Ann", words)
    assert appointment(world, booked).status == "scheduled"
    assert world.dialogue.heard == [words]


def test_a_yes_to_something_else_confirms_nothing(world):
    booked = remind(world)
    world.text("Ann", "what about food")
    world.text("Ann", "yes")
    assert appointment(world, booked).status == "scheduled"


def test_a_yes_is_on_record_as_hers(world):
    remind(world)
    world.text("Ann", "C")
    assert audited(world, "confirm")[0].actor.startswith("patient:")
