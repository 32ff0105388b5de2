"""She cannot put it into a number, or asks something beside her answer."""

import pytest

from bot.core.instruments import MAX_SEGMENTS, reworded
from bot.core.languages import Language
from bot.core.segments import segments
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import administrations, open_instrument
from tests.services.test_check_ins import scores

pytestmark = SQLITE_ONLY

MOODS = ["shitty", "meh", "not great", "so so", "fatal", "mas o menos"]


@pytest.mark.parametrize("words", MOODS)
def test_a_mood_in_words_is_asked_otherwise_then_a_way_out_then_passed_to_a_person(world, words):
    opened = open_instrument(world, "Ann", "mood")
    world.dialogue.down = True
    for _ in range(3):
        world.text("Ann", words)
    assert world.to("Ann") == [
        "utter_item",
        "utter_item_again",
        "utter_item_stuck",
        "utter_item_passed",
        "utter_check_in_done",
    ]
    assert len(set(world.words_to("Ann"))) == 5
    assert scores(world, opened) == {1: None}
    assert world.support_kinds() == ["not_understood"]


@pytest.mark.parametrize("instrument_id", ["mood", "phq2", "gad2", "gad7", "phq9"])
@pytest.mark.parametrize("words", ["so so", "yes", "7 or 9 or so", "idk"])
def test_no_text_comes_three_times_in_a_row_in_any_instrument(world, instrument_id, words):
    open_instrument(world, "Ann", instrument_id)
    world.dialogue.down = True
    for _ in range(12):
        world.text("Ann", words)
    said = world.words_to("Ann")
    assert not [one for one in zip(said, said[1:], said[2:], strict=False) if len(set(one)) == 1]


def test_an_answer_after_the_second_asking_counts(world):
    opened = open_instrument(world, "Ann", "mood")
    world.dialogue.down = True
    for words in ("meh", "not great", "4"):
        world.text("Ann", words)
    assert scores(world, opened) == {1: 4}
    assert world.support_kinds() == []


def test_the_next_item_starts_afresh(world):
    open_instrument(world, "Ann", "phq2")
    world.dialogue.down = True
    for words in ("sometimes", "2", "sometimes"):
        world.text("Ann", words)
    assert world.to("Ann")[-1] == "utter_item_again"


def test_the_second_asking_fits_wherever_the_first_one_does(clinic):
    for instrument in clinic.instruments.values():
        for language in Language:
            frame = clinic.texts.get("utter_item_again", language).text.removesuffix("{item}")
            for item in instrument.scored_items:
                words = reworded(instrument, item.number, language, frame=frame)
                assert segments(frame + words).count <= MAX_SEGMENTS[language], item


# --- a question beside an answer ------------------------------------------------------------------


def test_a_question_beside_an_answer_reaches_a_person_when_rasa_is_down(world):
    opened = open_instrument(world, "Ann", "phq2")
    world.dialogue.down = True
    world.text("Ann", "2. can i drive tomorrow?")
    assert scores(world, opened) == {1: 2}
    assert world.to("Ann") == ["utter_item", "holding_reply", "utter_item"]
    assert world.support_kinds() == ["no_answer"]
    world.text("Ann", "1")
    assert scores(world, opened) == {1: 2, 2: 1}


def test_a_question_beside_the_last_answer_is_not_lost_either(world):
    open_instrument(world, "Ann", "mood")
    world.dialogue.down = True
    world.text("Ann", "6. when is my session?")
    assert administrations(world, "Ann")[0].score == 6
    assert world.to("Ann") == ["utter_item", "utter_check_in_done", "holding_reply"]
    assert world.support_kinds() == ["no_answer"]


@pytest.mark.parametrize("words", ["how many more", "cuantas faltan", "how many more questions??"])
def test_how_many_more_is_answered_with_the_item_after_it(world, words):
    open_instrument(world, "Ann", "gad7")
    world.dialogue.down = True
    world.text("Ann", "1")
    world.text("Ann", words)
    assert world.to("Ann")[-2:] == ["utter_items_left", "utter_item"]
    assert ": 6." in world.words_to("Ann")[-2]


def test_how_many_more_beside_an_answer_keeps_the_answer(world):
    opened = open_instrument(world, "Ann", "phq9")
    world.dialogue.down = True
    world.text("Ann", "2. how many more??")
    assert scores(world, opened) == {1: 2}
    assert world.to("Ann")[-2:] == ["utter_items_left", "utter_item"]
    assert ": 8." in world.words_to("Ann")[-2]


def test_a_no_that_answers_no_question_raises_nothing(world):
    world.text("Bea", "whats the point of these check ins lol")
    for words in ("no", "nah", "no estoy"):
        world.text("Bea", words)
    assert world.alert("Bea") is None
