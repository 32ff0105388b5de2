"""A text that waits for its minute does not go once it is untrue; she is told what is true now."""

import pytest

from bot.errors import ProviderUnavailable
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import pass_time, rows_of
from tests.world import World, number_of

pytestmark = SQLITE_ONLY

DANGER = "want to die"


def waits_for_its_minute(world: World, words: str) -> None:
    """She is in danger, is answered, and asks again within the minute."""
    world.text("Bea", DANGER)
    world.text("Bea", "in bed now")
    pass_time(world, seconds=20)
    world.text("Bea", words)


@pytest.mark.parametrize(
    ("words", "waits", "instead"),
    [
        ("hello??", "crisis_question", "crisis_question_held"),
        ("are you real", "crisis_real", "crisis_real_held"),
        ("why is nobody calling me", "crisis_waiting", "crisis_question_held"),
    ],
)
def test_what_says_that_nobody_has_it_does_not_go_once_somebody_has(world, words, waits, instead):
    waits_for_its_minute(world, words)
    assert rows_of(world, "Bea", waits)[0].status == "queued"
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=1)
    assert world.to("Bea")[2:] == [instead]
    [row] = rows_of(world, "Bea", waits)
    assert (row.status, row.suppressed_because) == ("suppressed", "overtaken")
    assert "988" in world.words_to("Bea")[-1]


def test_she_hears_once_that_a_person_has_it(world):
    world.text("Bea", DANGER)
    world.text("Bea", "in bed now")
    world.carrier.refuses[number_of("Bea")] = ProviderUnavailable()
    pass_time(world, minutes=1)
    world.text("Bea", "hello??")
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=1)
    world.text("Bea", "are you real")
    del world.carrier.refuses[number_of("Bea")]
    world.wait(minutes=2)
    held = [text for text in world.to("Bea") if text.endswith("_held")]
    assert held == ["crisis_question_held"]
    assert "crisis_question" not in world.to("Bea")


def test_it_is_said_in_the_language_of_what_waited(world):
    waits_for_its_minute(world, "hay alguien ahí? por favor contesten, tengo miedo")
    world.text("Dr Bose", "ack")
    pass_time(world, minutes=1)
    assert [row.language for row in rows_of(world, "Bea", "crisis_question_held")] == ["es"]


def test_what_says_that_a_person_has_it_does_not_go_once_nobody_has(world):
    world.text("Bea", DANGER)
    world.text("Dr Bose", "ack")
    world.text("Bea", "in bed now")
    pass_time(world, seconds=20)
    world.text("Bea", "hello??")
    world.text("Dr Bose", "back")
    pass_time(world, minutes=1)
    assert world.to("Bea")[2:] == ["crisis_question"]


def test_what_is_still_true_goes(world):
    waits_for_its_minute(world, "hello??")
    pass_time(world, minutes=1)
    assert world.to("Bea")[2:] == ["crisis_question"]
