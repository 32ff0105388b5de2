"""While people have her, a call for help or new danger is not met by silence (decision 0017)."""

from datetime import timedelta

import pytest

from tests.services.clinic_day import pages, pass_time, resolve, rows_of
from tests.world import World

DANGER = "want to die"


def said(world: World) -> list[str]:
    return world.to("Bea")


def test_a_call_between_two_fixed_sentences_is_answered(world):
    world.text("Bea", DANGER)
    pass_time(world, minutes=1)
    world.text("Bea", "thanks")
    assert said(world) == ["crisis_suicide", "crisis_added"]
    pass_time(world, minutes=1)
    world.text("Bea", "hello??")
    assert said(world)[2:] == ["crisis_question"]
    assert "988" in world.words_to("Bea")[-1]
    assert "911" in world.words_to("Bea")[-1]


def test_other_words_are_answered_every_ten_minutes_and_the_third_in_a_row_at_once(world):
    world.text("Bea", DANGER)
    pass_time(world, minutes=1)
    world.text("Bea", "im on the couch")
    for _ in range(2):
        pass_time(world, minutes=1)
        world.text("Bea", "still on the couch")
    assert said(world) == ["crisis_suicide", "crisis_added"]
    for _ in range(6):
        pass_time(world, minutes=1)
        world.text("Bea", "still on the couch")
    assert said(world) == ["crisis_suicide", "crisis_added", "crisis_question"]
    pass_time(world, minutes=2)
    world.text("Bea", "still on the couch")
    assert said(world)[3:] == ["crisis_added"]


def test_what_happens_is_said_at_most_every_ten_minutes(world):
    world.text("Bea", DANGER)
    for _ in range(40):
        pass_time(world, seconds=30)
        world.text("Bea", "the couch again")
    assert said(world).count("crisis_question") == 2


@pytest.mark.parametrize(
    ("words", "text_id", "held"),
    [
        ("are you real", "crisis_real", "crisis_real_held"),
        ("did she see it", "crisis_waiting", "crisis_seen_held"),
        ("how long til she calls", "crisis_waiting", "crisis_waiting_held"),
    ],
)
def test_what_she_asks_is_answered_whatever_she_was_told_before(world, words, text_id, held):
    world.text("Bea", DANGER)
    for _ in range(4):
        pass_time(world, minutes=1)
        world.text("Bea", "hello??")
    pass_time(world, minutes=1)
    world.text("Bea", words)
    assert said(world)[-1] == text_id
    pass_time(world, minutes=1)
    world.text("Bea", words)
    assert said(world).count(text_id) == 1
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    pass_time(world, minutes=1)
    world.text("Bea", words)
    assert said(world)[-1] == held


def test_another_danger_is_answered_and_paged_once_more(world):
    world.text("Bea", "he is limp")
    pass_time(world, minutes=1)
    world.text("Bea", DANGER)
    assert said(world)[-1] == "crisis_suicide"
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call"] * 2 + ["backup"] * 2
    assert world.to("Dr Ruiz") == ["page_new_danger", "page_voice"]
    pass_time(world, minutes=1)
    world.text("Bea", "i said i want to die")
    assert len(pages(world, "Bea")) == 4


def test_whoever_has_the_alert_hears_of_another_danger_at_once(world):
    world.text("Bea", DANGER)
    world.text("Dr Bose", "ack")
    world.text("Bea", "in bed now")
    world.text("Bea", "the voices are back")
    assert world.to("Dr Bose")[-2:] == ["page_new_words", "page_new_danger"]
    assert said(world)[-1] == "crisis_psychosis"
    world.text("Bea", "voices")
    assert world.to("Dr Bose").count("page_new_danger") == 1


def test_both_dangers_are_answered_where_a_life_is_at_risk_now(world):
    world.text("Bea", "he is limp")
    pass_time(world, minutes=1)
    world.text("Bea", "still limp, i want to die")
    assert said(world)[1:] == ["crisis_infant", "crisis_suicide"]


def test_violence_on_a_phone_that_was_marked_before_is_met_discreetly(world):
    world.text("Bea", "my husband hits me")
    resolve(world, "Bea")
    world.text("Bea", DANGER)
    pass_time(world, minutes=1)
    world.text("Bea", "my husband hits me")
    assert "crisis_violence" not in said(world)[1:]


def test_her_calls_are_answered_once_a_minute_and_none_is_lost(world):
    world.text("Bea", DANGER)
    world.text("Bea", "in bed now")
    world.text("Bea", "hello?")
    world.text("Bea", "anyone??")
    assert said(world) == ["crisis_suicide", "crisis_added"]
    pass_time(world, minutes=1)
    assert said(world)[2:] == ["crisis_question"]


def test_her_calls_are_answered_three_times_in_ten_minutes(world):
    world.text("Bea", DANGER)
    world.text("Bea", "in bed now")
    for _ in range(6):
        pass_time(world, minutes=1)
        world.text("Bea", "is anyone there")
    assert said(world).count("crisis_question") == 3


def test_new_danger_is_answered_however_often_she_called(world):
    world.text("Bea", DANGER)
    world.text("Bea", "in bed now")
    for _ in range(4):
        pass_time(world, minutes=1)
        world.text("Bea", "is anyone there")
    pass_time(world, minutes=1)
    world.text("Bea", DANGER)
    assert said(world)[-1] == "crisis_danger_again"


def test_where_a_life_is_at_risk_now_its_own_numbers_come_again(world):
    world.text("Bea", "he is limp")
    world.text("Bea", "in bed now")
    pass_time(world, minutes=1)
    world.text("Bea", "still limp")
    assert said(world)[-1] == "crisis_infant"


def test_a_stop_with_danger_in_it_still_gets_the_numbers(world):
    world.text("Bea", DANGER)
    world.text("Bea", "in bed now")
    pass_time(world, minutes=1)
    world.text("Bea", "STOP i want to die")
    assert "crisis_danger_again" in said(world)


def test_after_an_acknowledgement_she_hears_that_a_person_has_it(world):
    world.text("Bea", DANGER)
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    pass_time(world, minutes=1)
    world.text("Bea", "in bed now")
    assert said(world)[-1] == "crisis_added_held"
    assert "Bose" not in world.words_to("Bea")[-1]
    pass_time(world, minutes=1)
    world.text("Bea", "are you calling?")
    assert said(world)[-1] == "crisis_question_held"


def test_taking_it_back_is_still_met_by_a_person_will_call(world):
    world.text("Bea", DANGER)
    pass_time(world, minutes=2)
    world.text("Bea", "im fine sorry")
    assert said(world)[-1] == "crisis_still_calling"


@pytest.mark.parametrize("name", ["Bea", "Dee"])
def test_a_stale_acknowledgement_does_not_tell_her_that_nobody_saw_it(world, name):
    world.text(name, DANGER)
    world.text("Dr Bose", f"ack {world.alert(name).code}")
    pass_time(world, minutes=61)
    assert "crisis_waits_again" in world.to(name)
    world.wait(minutes=70)
    assert world.to(name).count("crisis_waits_again") == 1
    assert "crisis_unacknowledged" not in world.to(name)


def test_what_waits_for_its_minute_keeps_its_alert(world):
    world.text("Bea", DANGER)
    world.text("Bea", "in bed now")
    world.text("Bea", "hello?")
    row = rows_of(world, "Bea", "crisis_question")[0]
    assert row.alert_id == world.alert("Bea").id
    assert row.send_after - row.created_at == timedelta(minutes=1)


def test_a_phone_that_he_checks_never_says_that_there_is_an_alert(world):
    world.text("Bea", "my husband hits me")
    assert world.to("Bea") == ["crisis_violence"]
    for words in ("he checks my phone", "hello??", "he hit me again", "anyone there??"):
        pass_time(world, minutes=3)
        world.text("Bea", words)
    pass_time(world, hours=5)
    said = world.words_to("Bea")
    assert len(said) > 1
    for words in said:
        assert not any(told in words for told in ("alert", "988", "7233")), words


def test_another_danger_brings_its_numbers_even_so(world):
    world.text("Bea", "my husband hits me")
    pass_time(world, minutes=3)
    world.text("Bea", "i want to die")
    assert "988" in world.words_to("Bea")[-1]


@pytest.mark.parametrize(
    ("words", "welcome"),
    # The carrier confirms its own words itself.
    [("START", []), ("unstop", []), ("empezar", ["start_confirmed"])],
)
def test_who_turns_texts_on_again_in_danger_gets_the_numbers_first(world, words, welcome):
    world.text("Bea", DANGER)
    world.text("Bea", "in bed now")
    world.text("Bea", "STOP")
    before = len(said(world))
    world.text("Bea", words)
    assert said(world)[before:] == ["crisis_danger_again", *welcome]
    assert "988" in world.words_to("Bea")[before]


def test_who_turns_texts_on_again_hears_that_a_person_has_her_alert(world):
    world.text("Bea", DANGER)
    world.text("Bea", "STOP")
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    world.text("Bea", "turn my texts back on")
    assert said(world)[-2:] == ["crisis_added_held", "start_confirmed"]


def test_an_emergency_brings_its_own_numbers_with_the_welcome(world):
    world.text("Bea", "he is limp")
    world.text("Bea", "STOP")
    world.text("Bea", "START, he is limp")
    assert "crisis_infant" in said(world)[-2:]


@pytest.mark.parametrize("words", ["please", "you dont even care", "por favor", "fuck this"])
def test_a_bare_plea_or_anger_is_not_met_by_silence(world, words):
    world.text("Bea", DANGER)
    world.text("Bea", "in bed now")
    world.text("Bea", words)
    pass_time(world, minutes=1)
    assert said(world)[2:] == ["crisis_question"]


def test_whoever_has_the_alert_hears_when_the_same_danger_is_told_again(world):
    world.text("Bea", DANGER)
    world.text("Dr Bose", "ack")
    world.text("Bea", "in bed now")
    world.text("Bea", "i will jump off the bridge tonight")
    world.text("Bea", "i want to die")
    assert world.to("Dr Bose")[-2:] == ["page_new_words", "page_danger_again"]
    pass_time(world, minutes=3)
    world.text("Bea", "i want to die")
    assert world.to("Dr Bose").count("page_danger_again") == 2


def test_danger_told_again_pages_the_next_person_once_the_first_had_five_minutes(world):
    world.text("Bea", DANGER)
    pass_time(world, minutes=4)
    world.text("Bea", "i will jump off the bridge tonight")
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call"]
    pass_time(world, minutes=1)
    world.text("Bea", "i want to die")
    world.text("Bea", "i want to die now")
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call", "backup"]
