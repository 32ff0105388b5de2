"""Check-ins go when they may, are answered whatever else is broken, and never say a number."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.core.enrolments import QuestionRoute
from bot.errors import NotAllowed, ProviderUnavailable
from bot.storage.tables import CheckIn, ItemResponse
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import (
    administrations,
    conversation_of,
    open_instrument,
    pass_time,
    plan,
    schedule,
    set_route,
)
from tests.world import MONDAY_10, World, number_of

pytestmark = SQLITE_ONLY


def check_in(world, check_in_id: str) -> CheckIn:
    with world.clinic.db.reading() as db:
        return db.get_one(CheckIn, check_in_id)


def scores(world, administration_id: str) -> dict[int, int | None]:
    query = select(ItemResponse).where(ItemResponse.administration_id == administration_id)
    with world.clinic.db.reading() as db:
        return {response.item: response.score for response in db.scalars(query)}


# --- when it may go -----------------------------------------------------------------------------


def test_a_check_in_goes_when_it_is_due_with_rasa_down(world):
    world.dialogue.down = True
    plan(world, "Ann", "phq2", due_at=world.now)
    world.settle()
    assert world.to("Ann") == ["check_in_intro", "utter_item"]
    assert conversation_of(world, "Ann").question == "item"


def test_a_question_does_not_go_before_the_introduction_that_the_carrier_put_off(world):
    plan(world, "Ann", "phq2", due_at=world.now)
    world.carrier.refuses[number_of("Ann")] = ProviderUnavailable()
    world.worker.timers()
    world.worker.send()
    world.carrier.refuses.clear()
    world.settle()
    assert world.to("Ann") == []
    pass_time(world, minutes=1)
    pass_time(world, minutes=1)
    assert world.to("Ann") == ["check_in_intro", "utter_item"]


@pytest.mark.parametrize(
    "moment",
    [
        (2026, 1, 6, 13, 59),  # 8:59 in New York
        (2026, 1, 6, 19, 0),  # 14:00
        (2026, 1, 9, 15, 0),  # Friday
        (2026, 1, 10, 15, 0),  # Saturday
    ],
    ids=["before nine", "after two", "friday", "saturday"],
)
def test_a_check_in_waits_outside_its_hours(clinic, moment):
    world = World(clinic, now=datetime(*moment, tzinfo=UTC))
    check_in_id = plan(world, "Ann", "phq2", due_at=world.now)
    world.settle()
    assert world.to("Ann") == []
    assert check_in(world, check_in_id).cancelled_at is None


def test_her_hours_are_those_of_her_own_zone(clinic):
    world = World(clinic, now=datetime(2026, 1, 6, 14, 30, tzinfo=UTC))
    for name in ("Ann", "Luz"):
        plan(world, name, "phq2", due_at=world.now)
    world.settle()
    assert (len(world.to("Ann")), world.to("Luz")) == (2, [])
    pass_time(world, minutes=30)
    assert len(world.to("Luz")) == 2


def test_a_daily_mood_may_go_on_a_friday(clinic):
    world = World(clinic, now=datetime(2026, 1, 9, 15, 0, tzinfo=UTC))
    plan(world, "Ann", "mood", due_at=world.now)
    world.settle()
    assert world.to("Ann") == ["utter_item"]


def test_no_check_in_goes_on_a_session_day(world):
    schedule(world, "Ann", world.now + timedelta(hours=5))
    plan(world, "Ann", "phq2", due_at=world.now)
    world.settle()
    assert "utter_item" not in world.to("Ann")


def test_a_check_in_waits_while_people_speak_with_her(world):
    world.text("Bea", "want to die")
    plan(world, "Bea", "phq2", due_at=world.now)
    world.settle()
    assert "utter_item" not in world.to("Bea")


def test_a_check_in_waits_while_another_question_is_open(world):
    open_instrument(world, "Ann", "mood")
    check_in_id = plan(world, "Ann", "phq2", due_at=world.now)
    world.settle()
    assert check_in(world, check_in_id).opened_at is None


@pytest.mark.parametrize("name", ["Cat", "Dee"])
def test_a_mother_who_stopped_or_lost_her_baby_gets_no_check_in(world, name):
    check_in_id = plan(world, name, "phq2", due_at=world.now)
    world.settle()
    assert world.to(name) == []
    assert check_in(world, check_in_id).cancelled_at == world.now


@pytest.mark.parametrize("route", [QuestionRoute.LINK, QuestionRoute.PHONE, None])
def test_private_questions_do_not_come_by_text_unless_she_chose_so(world, route):
    set_route(world, "Ann", route)
    plan(world, "Ann", "phq9", due_at=world.now)
    world.settle()
    assert world.to("Ann") == []
    assert world.support_kinds() == ["call_back"]


def test_a_check_in_that_waited_for_days_is_not_opened_any_more(world):
    check_in_id = plan(world, "Ann", "phq2", due_at=world.now - timedelta(days=7))
    world.settle()
    assert world.to("Ann") == []
    assert check_in(world, check_in_id).cancelled_at is not None


def test_a_check_in_waits_over_the_weekend_for_its_window(world):
    # Due last Thursday in the afternoon; the window opens again on Monday.
    plan(world, "Ann", "phq2", due_at=world.now - timedelta(days=3, hours=19))
    world.settle()
    assert world.to("Ann") == ["check_in_intro", "utter_item"]


def test_an_instrument_that_is_not_installed_cannot_be_planned(world):
    with pytest.raises(NotAllowed):
        plan(world, "Ann", "epds", due_at=world.now)


# --- her answers --------------------------------------------------------------------------------


def test_answers_are_taken_with_rasa_down_in_the_middle(world):
    opened = open_instrument(world, "Ann", "phq2")
    world.dialogue.down = True
    world.text("Ann", "1")
    world.text("Ann", "0")
    assert scores(world, opened) == {1: 1, 2: 0}
    assert world.to("Ann") == ["utter_item", "utter_item", "utter_check_in_done"]
    assert administrations(world, "Ann")[0].score == 1


def test_an_answer_that_came_twice_counts_for_one_item(world):
    opened = open_instrument(world, "Ann", "phq2")
    world.dialogue.down = True
    world.text("Ann", "1", provider_id="SM1")
    world.text("Ann", "1", provider_id="SM1")
    assert scores(world, opened) == {1: 1}


def test_an_answer_belongs_to_the_item_that_had_reached_her_phone(world):
    """She answered item 1 twice before item 2 was on her phone: item 2 is not answered yet."""
    opened = open_instrument(world, "Ann", "phq2")
    world.dialogue.down = True
    world.text("Ann", "1", settle=False)
    world.clock.time += timedelta(seconds=1)
    world.text("Ann", "3", settle=False)
    world.clock.time += timedelta(seconds=1)
    world.settle()
    assert scores(world, opened) == {1: 1}


def test_skip_is_not_zero_and_leaves_the_score_empty(world):
    opened = open_instrument(world, "Ann", "phq2")
    world.dialogue.down = True
    world.text("Ann", "skip")
    world.text("Ann", "2")
    assert scores(world, opened) == {1: None, 2: 2}
    done = administrations(world, "Ann")[0]
    assert (done.status, done.score, done.band) == ("completed", None, None)


def test_a_high_score_offers_the_longer_one_and_says_no_number(world):
    open_instrument(world, "Ann", "phq2")
    world.dialogue.down = True
    world.text("Ann", "3")
    world.text("Ann", "3")
    assert world.to("Ann")[-1] == "utter_offer_phq9"
    assert "6" not in world.words_to("Ann")[-1]
    world.text("Ann", "1")
    assert [row.instrument_id for row in administrations(world, "Ann")] == ["phq2", "phq9"]
    assert world.to("Ann")[-1] == "utter_item"


def test_declining_the_longer_one_is_fine(world):
    open_instrument(world, "Ann", "phq2")
    world.dialogue.down = True
    for words in ("3", "3", "not now"):
        world.text("Ann", words)
    assert world.to("Ann")[-1] == "utter_offer_declined"
    assert conversation_of(world, "Ann").question is None


def test_an_unclear_word_to_the_offer_leaves_it_open(world):
    open_instrument(world, "Ann", "phq2")
    world.dialogue.down = True
    for words in ("3", "3", "what is that"):
        world.text("Ann", words)
    assert conversation_of(world, "Ann").question == "offer_phq9"
    assert world.to("Ann")[-1] == "holding_reply"


def test_she_may_stop_a_check_in(world):
    open_instrument(world, "Ann", "phq9")
    world.dialogue.down = True
    world.text("Ann", "i dont want to answer these questions")
    if administrations(world, "Ann")[0].status == "started":
        pytest.skip("the reader does not take these words as declining")
    assert world.to("Ann")[-1] == "utter_check_in_declined"


def to_item_nine(world, name: str) -> str:
    opened = open_instrument(world, name, "phq9")
    world.dialogue.down = True
    for _ in range(8):
        world.text(name, "0")
    assert len(scores(world, opened)) == 8
    return opened


def test_a_positive_alerting_item_alerts_at_once_with_rasa_down(world):
    opened = to_item_nine(world, "Ann")
    world.text("Ann", "1")
    alert = world.alert("Ann")
    assert (alert.level, alert.category) == ("urgent", "alerting_item")
    assert world.to("Ann")[-1] == "crisis_alerting_item"
    assert world.to("Dr Bose") == ["page_alert"]
    assert scores(world, opened)[9] == 1


def test_a_zero_to_the_alerting_item_alerts_nobody(world):
    to_item_nine(world, "Ann")
    world.text("Ann", "0")
    assert world.alert("Ann") is None
    assert administrations(world, "Ann")[0].score == 0


def test_an_answer_that_alerts_in_every_meaning_pages(world):
    to_item_nine(world, "Ann")
    world.text("Ann", "1 or 2")
    assert world.alert("Ann").level == "urgent"


def test_doubt_at_the_alerting_item_is_asked_and_silence_pages(world):
    to_item_nine(world, "Ann")
    world.text("Ann", "0 or 1")
    assert world.to("Ann")[-1] == "crisis_ask"
    assert world.alert("Ann").level == "same-day"
    pass_time(world, minutes=15)
    assert world.alert("Ann").level == "urgent"


def test_the_alert_is_stored_before_the_dialogue_is_asked(world):
    to_item_nine(world, "Ann")
    world.text("Ann", "3", settle=False)
    assert world.alert("Ann").category == "alerting_item"


def test_the_alert_of_an_item_stands_when_she_abandons_the_questions(world):
    to_item_nine(world, "Ann")
    world.text("Ann", "2")
    world.text("Ann", "stop texting me")
    assert world.alert("Ann").category == "alerting_item"


def test_a_very_low_mood_is_for_the_morning_list(world):
    open_instrument(world, "Ann", "mood")
    world.dialogue.down = True
    world.text("Ann", "0")
    assert world.alert("Ann").level == "watch"
    assert world.to("Ann")[-1] == "utter_report_low"
    assert world.to("Dr Bose") == []


# --- what she leaves ------------------------------------------------------------------------------


def test_an_unfinished_check_in_expires_unscored_and_her_team_hears_of_it(world):
    open_instrument(world, "Ann", "phq2")
    pass_time(world, hours=24)
    left = administrations(world, "Ann")[0]
    assert (left.status, left.score) == ("expired", None)
    assert world.support_kinds() == ["missed_check_in"]
    assert conversation_of(world, "Ann").question is None


def test_a_missed_daily_mood_is_never_counted_as_silence(world):
    open_instrument(world, "Ann", "mood")
    pass_time(world, hours=24)
    assert administrations(world, "Ann")[0].status == "expired"
    assert world.support_kinds() == []


def test_a_crisis_in_the_middle_abandons_and_does_not_score(world):
    open_instrument(world, "Ann", "phq2")
    world.text("Ann", "want to die")
    assert (administrations(world, "Ann")[0].status, administrations(world, "Ann")[0].score) == (
        "abandoned",
        None,
    )


def test_the_check_in_after_a_session_goes_the_next_morning(clinic):
    world = World(clinic, now=MONDAY_10)
    schedule(world, "Ann", MONDAY_10 + timedelta(hours=5))
    world.clock.time = datetime(2026, 1, 6, 16, 0, tzinfo=UTC)
    world.settle()
    assert world.to("Ann")[-2:] == ["day_after_check_in", "utter_item"]
