"""What cannot wait for Monday: who is on call is paged on a Saturday, and not woken at night."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.levels import Category, Level
from bot.crisis.screening import Signal
from bot.services import alerts
from bot.storage import people
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import pages, pass_time, patient_of
from tests.world import SUNDAY_2340

pytestmark = SQLITE_ONLY

SATURDAY_10 = datetime(2026, 1, 10, 15, 0, tzinfo=UTC)
FRIDAY_1650 = datetime(2026, 1, 9, 21, 50, tzinfo=UTC)


def raise_about(world, category, *, level=Level.SAME_DAY):
    signal = Signal(category, level, "pattern", "x", ((0, 1),), "")
    with world.clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_of(world, "Bea").id)
        about = alerts.About(patient.phone_index, patient.id)
        alerts.raise_alert(world.clinic, db, about, [signal], inbound_id=None, now=world.now)
    world.settle()


def hour_of_next(world) -> str:
    return world.alert("Bea").next_step_at.strftime("%a %H:%M")


@pytest.mark.parametrize(
    "category",
    [
        Category.VIOLENCE,
        Category.INTRUSIVE_THOUGHTS,
        Category.HARM_BABY,
        Category.INFANT_EMERGENCY,
        Category.LOSS,
        Category.MEDICAL_EMERGENCY,
    ],
)
def test_on_a_saturday_whoever_is_on_call_is_paged_at_once(world, category):
    world.clock.time = SATURDAY_10
    raise_about(world, category)
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call"]


def test_the_ladder_goes_on_over_the_weekend_and_rests_at_night(world):
    world.clock.time = SATURDAY_10
    raise_about(world, Category.INTRUSIVE_THOUGHTS)
    pass_time(world, hours=2)
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call", "lead"]
    world.wait(hours=8)
    # The last page of the day has gone; the next one is due on Sunday at eight.
    assert hour_of_next(world) == "Sun 13:00"


@pytest.mark.parametrize("category", [Category.MISUSE, Category.OPT_OUT, Category.SUICIDE])
def test_what_the_policy_does_not_name_waits_for_the_opening(world, category):
    world.clock.time = SATURDAY_10
    raise_about(world, category)
    assert pages(world, "Bea") == []
    assert hour_of_next(world) == "Mon 14:00"


def test_at_night_it_waits_for_the_morning_and_no_longer(world):
    world.clock.time = SUNDAY_2340
    raise_about(world, Category.VIOLENCE)
    assert pages(world, "Bea") == []
    assert hour_of_next(world) == "Mon 13:00"
    world.wait(hours=8.5)
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call"]


def test_a_few_hours_before_the_opening_it_waits_for_it(world):
    world.clock.time = SUNDAY_2340
    pass_time(world, hours=2)
    raise_about(world, Category.VIOLENCE)
    assert hour_of_next(world) == "Mon 14:00"


def test_what_was_paged_at_closing_time_goes_on_the_same_evening(world):
    world.clock.time = FRIDAY_1650
    raise_about(world, Category.HARM_BABY)
    pass_time(world, hours=2)
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call", "lead"]


def test_a_second_danger_hurries_an_alert_that_waits_for_monday(world):
    world.clock.time = SATURDAY_10
    raise_about(world, Category.OPT_OUT)
    pass_time(world, minutes=5)
    raise_about(world, Category.VIOLENCE)
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call"]


def test_a_mere_guess_of_the_model_hurries_nothing(world):
    world.clock.time = SATURDAY_10
    raise_about(world, Category.OPT_OUT)
    raise_about(world, Category.HARM_BABY, level=Level.WATCH)
    assert pages(world, "Bea") == []


def test_who_comes_on_call_on_a_saturday_hears_of_it(world):
    world.clock.time = SATURDAY_10
    raise_about(world, Category.VIOLENCE)
    world.text("Dr Lund", "MINE")
    assert world.to("Dr Lund")[-1] == "page_alert_again"


def test_handed_back_on_a_saturday_it_pages_again(world):
    world.clock.time = SATURDAY_10
    raise_about(world, Category.VIOLENCE)
    code = world.alert("Bea").code
    world.text("Dr Bose", f"ack {code}")
    world.text("Dr Bose", f"back {code}")
    assert len(pages(world, "Bea")) == 2


def test_a_clinic_that_names_nothing_has_everything_wait(world):
    policies = dict(world.clinic.policies)
    policies[Level.SAME_DAY] = replace(policies[Level.SAME_DAY], out_of_hours=None)
    world.clinic = replace(world.clinic, policies=policies)
    world.clock.time = SATURDAY_10
    raise_about(world, Category.VIOLENCE)
    assert pages(world, "Bea") == []


# --- "Safe to text?" met by silence ---------------------------------------------------------------


def test_silence_after_safe_to_text_pages_and_texts_her_nothing_more(world):
    world.clock.time = SUNDAY_2340
    world.text("Bea", "my husband hits me")
    world.wait(minutes=14)
    assert world.alert("Bea").level == "same-day"
    world.wait(minutes=2)
    assert world.alert("Bea").level == "urgent"
    assert [page.recipient for page in pages(world, "Bea")] == ["on_call"]
    world.wait(hours=1)
    assert world.to("Bea") == ["crisis_violence"]


def test_her_silence_says_nothing_where_the_violence_is_over(world):
    world.clock.time = SUNDAY_2340
    world.text("Bea", "my ex used to hit me last year, im ok")
    world.wait(hours=2)
    assert (world.to("Bea"), world.alert("Bea").level) == (["crisis_violence"], "same-day")
    assert pages(world, "Bea") == []


@pytest.mark.parametrize(
    "words", ["my ex used to hit me", "my ex used to hit me last year, im ok but hes outside"]
)
def test_her_silence_pages_where_nobody_can_tell_that_it_is_over(world, words):
    world.clock.time = SUNDAY_2340
    world.text("Bea", words)
    world.wait(minutes=16)
    assert world.alert("Bea").level == "urgent"


def test_whoever_has_it_keeps_it_and_hears_of_her_silence(world):
    """She may be silent because they speak on the phone."""
    world.text("Bea", "my husband hits me")
    world.text("Dr Bose", "ack")
    world.wait(minutes=20)
    assert world.to("Dr Bose")[-1] == "page_silent"
    assert (world.alert("Bea").status, world.alert("Bea").level) == ("acknowledged", "same-day")


@pytest.mark.parametrize("answer", ["A", "b", "no not safe"])
def test_an_answer_stops_that_clock(world, answer):
    world.text("Bea", "my husband hits me")
    world.text("Bea", answer)
    world.wait(minutes=20)
    assert world.alert("Bea").level == "same-day"


def test_words_that_are_no_answer_do_not_stop_it(world):
    """They may be another's."""
    world.text("Bea", "my husband hits me")
    world.text("Bea", "who is this")
    world.wait(minutes=16)
    assert world.alert("Bea").level == "urgent"
    assert set(world.to("Bea")[1:]) == {"crisis_violence_unsafe"}
