"""On a guess of the model nothing ends, no last goodbye is cheered, and no hint is a yes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.ports import Reply
from bot.services import turns
from bot.services.turns import Turn
from bot.storage.tables import SupportItem
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import (
    conversation_of,
    enrolment_of,
    open_instrument,
    patient_of,
    schedule,
)

pytestmark = SQLITE_ONLY

TAKEN_BACK = ["forget i said anything", "olvide lo que dije", "Olvídalo.", "nvm", "ignore that pls"]


def guessed(world, verb: str, words: str, *, intent: str = "", confidence: float = 1.0):
    """What a verb answers that the dialogue chose for these words."""
    inbound = world.text("Ann", words, settle=False)
    told = Turn(conversation_of(world, "Ann").key, inbound, words, intent, confidence)
    return [reply.text_id for reply in turns.run(world.clinic, verb, told, now=world.now).replies]


def is_texted(world) -> bool:
    return enrolment_of(world, "Ann").status == "active"


@pytest.mark.parametrize("words", [*TAKEN_BACK, "forget about me", "olvídense de mí"])
def test_a_guess_at_forget_alone_ends_no_texts_and_a_person_reads_her(world, words):
    said = guessed(world, "forget", words, intent="request_forget")
    assert said == ["utter_taken_back_read"]
    assert is_texted(world)
    assert patient_of(world, "Ann").forget_asked_at is None
    assert world.support_kinds() == ["not_understood"]


@pytest.mark.parametrize(
    "words", ["forget me", "scrub all my answers off your computers", "no guarden nada de lo mio"]
)
def test_who_asks_in_words_to_be_erased_is_taken_at_her_word(world, words):
    guessed(world, "forget", words, intent="request_forget")
    assert not is_texted(world)
    assert "forget" in world.support_kinds()


def test_a_wish_to_end_the_texts_that_is_only_guessed_is_read_by_a_person(world):
    said = guessed(world, "stop_texts", "let it all go quiet", confidence=0.5)
    assert said == ["utter_taken_back_read"]
    assert is_texted(world)
    assert world.support_kinds() == ["not_understood"]


def test_a_guess_is_enough_where_her_words_speak_of_the_texts(world):
    guessed(world, "stop_texts", "these messages are too much, no more", confidence=0.4)
    assert not is_texted(world)


@pytest.mark.parametrize("words", TAKEN_BACK)
def test_what_she_takes_back_is_answered_with_the_numbers_and_asks_the_model_nothing(world, words):
    world.dialogue.says = [Reply("utter_joke")]
    world.text("Ann", words)
    assert world.to("Ann") == ["utter_taken_back"]
    assert "988" in world.words_to("Ann")[-1]
    assert is_texted(world)
    assert world.support_kinds() == []


@pytest.mark.parametrize("before", ["utter_not_understood_once", "crisis_intrusive"])
def test_taken_back_soon_after_words_that_nobody_understood_a_person_reads_both(world, before):
    world.dialogue.says = [Reply(before, {"choices": "CALL", "time": "by 12 pm"})]
    hint = world.text("Ann", "the water looks so calm tonight")
    world.clock.time += timedelta(minutes=4)
    back = world.text("Ann", "forget i said anything")
    assert world.to("Ann")[-1] == "utter_taken_back_read"
    with world.clinic.db.reading() as db:
        assert set(db.scalars(select(SupportItem.inbound_id))) == {hint, back}


def test_an_hour_later_it_belongs_to_something_else(world):
    world.dialogue.says = [Reply("utter_not_understood_once", {"choices": "CALL"})]
    world.text("Ann", "blue is a colour")
    world.clock.time += timedelta(hours=1)
    world.text("Ann", "never mind")
    assert world.to("Ann")[-1] == "utter_taken_back"


@pytest.mark.parametrize("words", ["forget what i told you", "borra eso"])
def test_taking_back_what_may_be_her_data_is_read_by_a_person(world, words):
    world.text("Ann", words)
    assert world.to("Ann") == ["utter_taken_back_read"]
    assert is_texted(world)


@pytest.mark.parametrize(
    "words", ["CHEQUEO", "chequeo", "Chequeo.", "¡Chequeo!", "check-in", "CHECKIN please"]
)
def test_the_word_that_our_texts_offer_starts_the_check_in_without_the_model(world, words):
    world.dialogue.down = True
    world.text("Ann", words)
    assert conversation_of(world, "Ann").question == "item"
    assert world.support_kinds() == []


def test_call_and_session_work_while_the_dialogue_is_down(world):
    world.dialogue.down = True
    world.text("Ann", "LLAMAR")
    world.text("Ann", "Cita")
    assert world.to("Ann") == ["utter_call_requested", "utter_no_session"]
    assert world.support_kinds() == ["call_back"]


@pytest.mark.parametrize("words", ["more than half the days", "Varios días", "nearly every day."])
def test_an_answer_without_a_question_hears_that_none_waits(world, words):
    world.dialogue.says = [Reply("utter_faq_dose")]
    world.text("Ann", words)
    assert world.to("Ann") == ["utter_affirm_nothing"]


def test_with_a_question_open_her_words_are_an_answer_to_it(world):
    open_instrument(world, "Ann", "phq2")
    world.dialogue.says = [Reply("utter_greet")]
    world.text("Ann", "several days")
    assert "utter_affirm_nothing" not in world.to("Ann")


@pytest.mark.parametrize(
    "words",
    [
        "goodnight to everybody, it is the last one",
        "bye forever",
        "adios a todos",
        "adiós, esta vez de verdad",
    ],
)
def test_a_goodbye_for_good_gets_the_numbers_and_the_care_team_reads_it(world, words):
    assert guessed(world, "goodbye", words, intent="goodbye") == ["utter_safety"]
    alert = world.alert("Ann")
    assert (alert.category, alert.level) == ("suicide", "watch")


@pytest.mark.parametrize("words", ["goodnight, he is finally down", "hasta mañana", "ok bye"])
def test_an_ordinary_goodbye_is_answered_as_one(world, words):
    assert guessed(world, "goodbye", words, intent="goodbye") == ["utter_goodbye"]


@pytest.mark.parametrize("verb", ["confirm_session", "request_move"])
@pytest.mark.parametrize("words", ["they will all be ok by friday", "para el lunes nadie sufre"])
def test_what_is_said_of_everybody_else_is_no_word_about_a_session(world, verb, words):
    schedule(world, "Ann", world.now + timedelta(days=2))
    assert guessed(world, verb, words)[0].startswith("utter_not_understood")
    assert world.support_kinds() == []


def test_a_session_that_everybody_comes_to_is_confirmed(world):
    schedule(world, "Ann", world.now + timedelta(days=2))
    said = guessed(world, "confirm_session", "yes everyone is ready for the session")
    assert said == ["utter_session_confirmed"]


@pytest.mark.parametrize("intent", ["affirm", "deny"])
def test_a_guessed_yes_or_no_is_asked_again_and_the_second_time_a_person_reads_it(world, intent):
    first = guessed(world, "nothing_waiting", "hw doo it", intent=intent, confidence=0.5)
    second = guessed(world, "nothing_waiting", "i jsut", intent=intent, confidence=0.5)
    assert first[0].startswith("utter_not_understood")
    assert second == ["utter_not_understood_twice"]
    assert world.support_kinds() == ["not_understood"]


def test_a_plain_no_with_nothing_open_hears_that_nothing_waits(world):
    assert guessed(world, "nothing_waiting", "no", intent="deny") == ["utter_affirm_nothing"]
