"""Words of danger are answered in their own language; what she chose stays as it is."""

import pytest

from bot.core.languages import Language
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import pass_time, patient_of, rows_of
from tests.world import World

pytestmark = SQLITE_ONLY


def languages(world: World, name: str, text_id: str) -> list[str]:
    return [row.language for row in rows_of(world, name, text_id)]


def test_danger_in_spanish_after_english_texts_is_answered_in_spanish(world):
    world.text("Bea", "good morning")
    world.text("Bea", "ya no puedo mas, quiero morir")
    assert languages(world, "Bea", "crisis_suicide") == ["es"]
    assert "988" in world.words_to("Bea")[-1]
    assert patient_of(world, "Bea").language == Language.ENGLISH


def test_danger_in_english_from_who_chose_spanish_is_answered_in_english(world):
    world.text("Luz", "i want to die")
    assert languages(world, "Luz", "crisis_suicide") == ["en"]
    assert patient_of(world, "Luz").language == Language.SPANISH


def test_in_doubt_she_hears_it_in_both_her_own_first(world):
    world.text("Bea", "i cant go on, quiero morir")
    assert languages(world, "Bea", "crisis_suicide") == ["en", "es"]


def test_the_hour_in_it_is_said_in_the_same_language(world):
    world.text("Bea", "quiero morir")
    pass_time(world, minutes=2)
    world.text("Bea", "llámenme por favor, quiero una llamada")
    assert languages(world, "Bea", "crisis_call_added") == ["es"]
    assert "antes de las" in world.words_to("Bea")[-1]


def test_a_stranger_is_answered_in_the_language_of_the_words(world):
    world.text("+12025550177", "quiero morir, ayuda")
    assert languages(world, "+12025550177", "crisis_unknown_sender") == ["es"]


@pytest.mark.parametrize("words", ["ok", "1"])
def test_ordinary_texts_stay_in_her_language(world, words):
    world.text("Luz", words)
    assert {row.language for row in world.rows_to("Luz")} == {"es"}
