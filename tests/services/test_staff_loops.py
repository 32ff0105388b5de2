"""A colleague's phone that answers by itself is not answered for ever; commands always are."""

from datetime import timedelta

from tests.engines import SQLITE_ONLY
from tests.services.test_rota import troubles

pytestmark = SQLITE_ONLY

AWAY = "I am out of office until Monday."
UNKNOWN, STOPPED = "staff_unknown_command", "staff_loop_stopped"


def test_the_same_words_again_and_again_are_answered_a_few_times_and_then_once_more(world):
    for _ in range(40):
        world.text("Dr Bose", AWAY)
        world.clock.time += timedelta(seconds=20)
    assert world.to("Dr Bose") == [UNKNOWN] * 4 + [STOPPED]
    assert "phone_answers_by_itself" in troubles(world)
    assert world.words_to("Dr Bose")[-1].startswith("Not taken.")


def test_words_that_differ_are_counted_too(world):
    limits = world.clinic.protocol.limits_per_number
    for number in range(3 * limits.replies_per_hour):
        world.text("Sam", f"Your message number {number} was received")
        world.clock.time += timedelta(seconds=30)
    assert world.to("Sam").count(UNKNOWN) == limits.replies_per_hour
    assert world.to("Sam").count(STOPPED) == 1


def test_it_is_answered_again_after_an_hour(world):
    for _ in range(10):
        world.text("Dr Bose", AWAY)
    world.clock.time += timedelta(hours=1, minutes=1)
    world.text("Dr Bose", "hm")
    assert world.to("Dr Bose")[-1] == UNKNOWN


def test_commands_and_danger_are_heard_all_the_while(world):
    for _ in range(10):
        world.text("Dr Bose", AWAY)
    world.text("Bea", "want to die")
    world.text("Dr Bose", "WHO")
    world.text("Dr Bose", f"akc {world.alert('Bea').code}")
    assert world.to("Dr Bose")[-2:] == ["who_on_call", "ack_done"]
    world.text("Dr Bose", "BACK")
    assert "back_done" in world.to("Dr Bose")
    world.text("Dr Bose", "i want to die")
    assert world.to("Dr Bose")[-1] == "crisis_staff"
    assert world.alert("Dr Bose") is not None


def test_whoever_is_paged_all_night_is_no_machine(world):
    """Only what was not understood counts, not the pages."""
    for number in range(30):
        world.text("Bea", "want to die")
        world.text("Dr Bose", f"ack {world.alert('Bea').code}")
        world.text("Dr Bose", "back" if number % 2 else "WHO")
        world.clock.time += timedelta(seconds=90)
    world.text("Dr Bose", "hmm")
    assert world.to("Dr Bose")[-1] == "staff_unknown_open"
