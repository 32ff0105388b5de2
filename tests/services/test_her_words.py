"""A tired mother is answered in the language of her words, in her loss, and when she slips."""

from datetime import timedelta

import pytest

from bot.core import second_thoughts, tears
from bot.core.languages import Language
from bot.core.spoken_language import language_to_answer
from bot.ports import Reply
from bot.services import turns
from bot.storage import alerts as stored
from tests.services.clinic_day import (
    administrations,
    audited,
    conversation_of,
    open_instrument,
    pages,
    pass_time,
)
from tests.world import SUNDAY_2340, World


def asks(world: World, name: str, words: str, verb: str, intent: str = "x") -> None:
    """She writes, and the model makes this verb of it."""
    inbound_id = world.text(name, words, settle=False)
    turn = turns.Turn(conversation_of(world, name).key, inbound_id, words, intent, confidence=0.9)
    world.dialogue.says = list(turns.run(world.clinic, verb, turn, now=world.now).replies)
    world.settle()


@pytest.mark.parametrize(
    "words",
    [
        "no puedo dormir y el bebé llora y lloro yo, es normal?",
        "puedo tomar melatonina mientras doy pecho",
        "si, confirmo",
    ],
)
def test_clear_spanish_is_answered_in_spanish(words):
    assert language_to_answer(words, own=Language.ENGLISH) is Language.SPANISH


@pytest.mark.parametrize("words", ["ok", "gracias for the call", "no", "taco night with mi mama"])
def test_her_own_language_stands_in_doubt(words):
    assert language_to_answer(words, own=Language.ENGLISH) is Language.ENGLISH


def test_one_answer_is_in_the_language_of_her_words_and_her_setting_stays(world):
    world.dialogue.says = [Reply("utter_faq_cost")]
    world.text("Ann", "cuánto me va a costar esto, no tengo dinero")
    world.text("Ann", "how much is this going to cost me")
    assert [row.language for row in world.rows_to("Ann")] == ["es", "en"]


def test_the_hour_in_it_is_in_that_language_too(world):
    asks(world, "Ann", "quiero hablar con una persona de la clínica", "request_call")
    assert "antes de" in world.words_to("Ann")[-1]


@pytest.mark.parametrize("topic", ["lockbox", "ppd_causes", "breastfeeding", "milk_medicine"])
def test_a_mother_who_mourns_gets_no_answer_made_for_others(world, topic):
    world.dialogue.says = [Reply(f"utter_faq_{topic}")]
    world.text("Dee", "is she cold. in there. can they put a blanket")
    assert world.to("Dee") == ["utter_loss_question"]
    assert "sorry about your loss" in world.words_to("Dee")[0]
    assert "call_back" in world.support_kinds()


def test_what_is_about_this_line_is_answered_for_her_too(world):
    world.dialogue.says = [Reply("utter_faq_who_reads")]
    world.text("Dee", "who reads this")
    assert world.to("Dee") == ["utter_faq_who_reads"]


def test_a_mother_who_mourns_is_offered_no_menu(world):
    asks(world, "Dee", "how do you cancel a crib", "not_understood")
    assert world.to("Dee") == ["utter_loss_question"]


@pytest.mark.parametrize(
    "words", ["i look at pictures of my newborn all day", "miro fotos de mi bebé todo el día"]
)
def test_a_mother_who_looks_at_pictures_of_the_one_who_died_is_not_asked_about_dying(world, words):
    asks(world, "Dee", words, "screen", "crisis_psychosis")
    assert world.to("Dee") == ["utter_loss_grief"]
    assert "call_back" in world.support_kinds()
    # The model's guess still reaches the morning list.
    assert world.alert("Dee").level == "watch"


def test_pictures_that_speak_are_no_grief_alone(world):
    words = "in pictures of him i hear him talk to me"
    asks(world, "Dee", words, "screen", "crisis_psychosis")
    assert world.to("Dee") == ["crisis_ask"]


def test_her_milk_after_a_loss_has_an_answer_of_its_own(world):
    world.dialogue.says = [Reply("utter_faq_breastfeeding")]
    world.text("Dee", "how do i stop the milk")
    assert world.to("Dee") == ["utter_loss_milk"]
    assert "call_back" in world.support_kinds()


@pytest.mark.parametrize(
    "words", ["i'm going to him soon", "i want to be with him", "quiero estar con él"]
)
def test_to_follow_the_one_who_died_is_to_want_to_die(world, words):
    world.text("Dee", words)
    assert (world.alert("Dee").category, world.alert("Dee").level) == ("suicide", "urgent")
    assert world.to("Dee") == ["crisis_suicide"]
    assert "baby" not in world.words_to("Dee")[0]
    assert [page.recipient for page in pages(world, "Dee")] == ["on_call"]


def test_a_mother_whose_child_lives_may_want_to_be_with_him(world):
    world.text("Ann", "i want to be with him")
    assert world.to("Ann") == ["utter_greet"]


def test_her_very_words_of_the_loss_are_enough(world):
    world.text("Bea", "we lost her. i want to be with her")
    assert (world.alert("Bea").category, world.alert("Bea").level) == ("suicide", "urgent")


def test_tears_alone_are_understood(world):
    asks(world, "Ann", "\U0001f62d\U0001f62d", "not_understood")
    assert world.to("Ann") == ["utter_report_low"]
    assert not tears.only("so tired \U0001f62d")


def test_at_night_who_is_not_understood_is_given_the_numbers(world):
    asks(world, "Ann", "blurb", "not_understood")
    assert world.to("Ann") == ["utter_not_understood_once"]
    pass_time(world, hours=24)
    world.clock.time = SUNDAY_2340 + timedelta(days=7)
    asks(world, "Bea", "blurb", "not_understood")
    said = world.words_to("Bea")[-1]
    assert "988" in said
    assert "911" in said


def answered_mood(world: World, words: str) -> None:
    open_instrument(world, "Ann", "mood")
    inbound_id = world.text("Ann", words, settle=False)
    turn = turns.Turn(conversation_of(world, "Ann").key, inbound_id, words, intent="")
    world.dialogue.says = list(
        turns.run(world.clinic, "answer_question", turn, now=world.now).replies
    )
    world.settle()


def test_a_slip_is_corrected_and_both_are_on_record(world):
    answered_mood(world, "2")
    pass_time(world, minutes=1)
    world.text("Ann", "wait no i meant 4 the baby hit the phone")
    assert administrations(world, "Ann")[0].score == 4
    assert world.to("Ann")[-1] == "utter_mood_corrected"
    [event] = audited(world, "correct_answer")
    assert event.details == {"item": 1, "was": 2, "is": 4}
    assert len(audited(world, "answer")) == 1
    # What the first number raised stays (S2).
    assert world.alert("Ann").level == "watch"


def test_a_correction_downwards_reaches_the_morning_list(world):
    answered_mood(world, "7")
    world.text("Ann", "sorry i meant 1")
    assert world.alert("Ann").level == "watch"
    assert world.to("Ann")[-1] == "utter_report_low"


def test_a_correction_after_ten_minutes_is_words_like_others(world):
    answered_mood(world, "7")
    pass_time(world, minutes=11)
    world.text("Ann", "i meant 4")
    assert administrations(world, "Ann")[0].score == 7


def test_danger_beside_a_correction_is_answered_first(world):
    answered_mood(world, "7")
    world.text("Ann", "i meant 0, i want to die")
    assert world.to("Ann")[-1] == "crisis_suicide"


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("wait no i meant 4 the baby hit the phone", "4"),
        ("perdón, era 7", "7"),
        ("me equivoqué, es un ocho", "ocho"),
        ("no 6", "6"),
        ("i meant 10", "10"),
        ("i meant 4 am", None),
        ("no", None),
        ("up since 4", None),
    ],
)
def test_what_she_meant(words, number):
    assert second_thoughts.meant(words) == number


def test_an_opted_out_mother_is_read_within_the_hour(world):
    world.text("Cat", "i'm not opted out of anything lol")
    with world.clinic.db.reading() as db:
        [task] = stored.list_support_items(db)
    assert task.due_at - world.now <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("words", "text_id"),
    [
        ("when does somebody call me", "utter_loss_call"),
        ("cuándo me llaman", "utter_loss_call"),
        ("do i still have a session", "utter_loss_session"),
        ("todavía tengo mi cita?", "utter_loss_session"),
        ("can i stop these", "utter_loss_texts"),
        ("why did this happen", "utter_loss_question"),
    ],
)
def test_what_a_bereaved_mother_asks_of_us_is_answered_as_such(world, words, text_id):
    world.dialogue.says = [Reply("utter_faq_session_count")]
    world.text("Dee", words)
    assert world.to("Dee") == [text_id]
    assert world.support_kinds() == ["call_back"]


def test_the_same_condolence_is_not_said_twice_in_a_row(world):
    world.dialogue.says = [Reply("utter_faq_session_count")]
    for _ in range(3):
        world.text("Dee", "was it my fault")
    assert world.to("Dee") == ["utter_loss_question", "utter_loss_again", "utter_loss_question"]


def test_a_bereaved_mother_hears_of_no_session_before_a_person_spoke_with_her(world):
    asks(world, "Dee", "when is my next one", "next_session")
    assert world.to("Dee") == ["utter_loss_session"]


def test_a_nod_is_no_hello_and_is_thanked_for_once(world):
    world.text("Ann", "👍")
    world.text("Ann", "❤️")
    assert world.to("Ann") == ["utter_nod"]
    assert world.dialogue.heard == []
    world.text("Ann", "how do i sleep")
    world.text("Ann", "ok")
    assert world.to("Ann") == ["utter_nod", "utter_greet", "utter_nod"]


def test_a_nod_to_an_open_question_is_its_answer(world):
    open_instrument(world, "Ann", "phq2")
    world.text("Ann", "ok")
    assert "utter_nod" not in world.to("Ann")
