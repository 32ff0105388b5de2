"""What she did not ask for does not go to a phone that he reads; staff are told what was held."""

from datetime import timedelta

import pytest

from bot.core.alerts import Disposition, SupportKind, Verdict
from bot.core.messages import Lane
from bot.errors import NotAllowed
from bot.services import outbox, patient_care
from bot.storage import people
from tests.services.clinic_day import (
    audited,
    pass_time,
    patient_of,
    plan,
    resolve,
    rows_of,
    schedule,
)
from tests.services.test_turns import run, said, turn
from tests.world import World


def held(world: World) -> list[str]:
    return [event.details["text"] for event in audited(world, "hold_text")]


def read_by_others(world: World, name: str) -> None:
    """She told Dr Bose on the phone."""
    patient_id = patient_of(world, name).id
    patient_care.phone_is_read(world.clinic, patient_id, staff_id="bose", now=world.now)


def her_own_again(world: World, name: str) -> None:
    patient_id = patient_of(world, name).id
    patient_care.phone_is_hers(world.clinic, patient_id, staff_id="bose", now=world.now)


def test_nothing_about_her_alert_goes_unasked_to_a_phone_that_he_reads(world):
    world.text("Bea", "i lost her")
    world.text("Bea", "my husband hits me")
    world.text("Bea", "b")
    assert world.to("Bea") == ["crisis_loss", "crisis_violence", "crisis_violence_unsafe"]
    world.wait(hours=3)
    assert world.to("Bea") == ["crisis_loss", "crisis_violence", "crisis_violence_unsafe"]
    [row] = rows_of(world, "Bea", "promise_missed")
    assert (row.status, row.suppressed_because) == ("suppressed", "may_be_read")
    assert held(world) == [row.text_id]
    assert world.support_kinds().count(SupportKind.TEXTS_HELD) == 1
    # That nobody kept the hour pages people all the same.
    assert world.alert("Bea").level == "urgent"


def test_a_graver_matter_does_not_make_the_phone_hers_again(world):
    world.text("Bea", "my husband hits me")
    world.text("Bea", "i want to die")
    assert world.to("Bea")[-1] == "crisis_suicide"
    world.wait(minutes=45)
    assert world.to("Bea")[-1] == "crisis_suicide"
    assert "crisis_unacknowledged" in {text.removesuffix("_now") for text in held(world)}


def test_her_own_words_are_still_answered(world):
    world.text("Bea", "my husband hits me")
    pass_time(world, minutes=3)
    world.text("Bea", "b")
    assert world.to("Bea")[-1] == "crisis_violence_unsafe"


def test_reminders_wait_and_staff_know_it(world):
    schedule(world, "Bea", world.now + timedelta(hours=26))
    world.text("Bea", "my husband hits me")
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    pass_time(world, hours=3)
    assert "reminder_day_before" not in world.to("Bea")
    [row] = rows_of(world, "Bea", "reminder_day_before")
    assert (row.status, row.suppressed_because) == ("queued", "may_be_read")
    assert held(world) == ["reminder_day_before"]
    resolve(world, "Bea")
    pass_time(world, minutes=16)
    [row] = rows_of(world, "Bea", "reminder_day_before")
    assert (row.sent_at, row.suppressed_because) == (None, "may_be_read")
    her_own_again(world, "Bea")
    pass_time(world, minutes=16)
    [row] = rows_of(world, "Bea", "reminder_day_before")
    assert (row.sent_at is not None, row.suppressed_because) == (True, None)


def test_a_check_in_waits_too(world):
    plan(world, "Bea", "mood", due_at=world.now)
    world.text("Bea", "my husband hits me")
    pass_time(world, minutes=5)
    assert {"utter_item", "check_in_intro"}.isdisjoint(world.to("Bea"))
    assert held(world) == ["check_in_intro"]


def test_the_end_of_an_alert_makes_her_phone_no_safer(world):
    """Violence at home does not end with a call; staff hear each week that texts are held."""
    world.text("Bea", "my husband hits me")
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    resolve(world, "Bea")
    for _ in range(2):
        plan(world, "Bea", "mood", due_at=world.now)
        pass_time(world, minutes=5)
        pass_time(world, days=8)
    assert {"utter_item", "check_in_intro"}.isdisjoint(world.to("Bea"))
    assert held(world).count("check_in_intro") == 2


def test_a_false_alarm_leaves_no_mark(world):
    world.text("Bea", "my husband hits me")
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    resolve(world, "Bea", disposition=Disposition.FALSE_ALARM, verdict=Verdict.FALSE_ALARM)
    assert patient_of(world, "Bea").read_along_since is None


def test_a_false_alarm_does_not_take_back_what_was_known_before(world):
    read_by_others(world, "Bea")
    pass_time(world, hours=1)
    world.text("Bea", "my husband hits me")
    world.text("Dr Bose", f"ack {world.alert('Bea').code}")
    resolve(world, "Bea", disposition=Disposition.FALSE_ALARM, verdict=Verdict.FALSE_ALARM)
    assert patient_of(world, "Bea").read_along_since is not None


def test_what_she_told_a_person_counts_without_any_alert(world):
    read_by_others(world, "Bea")
    schedule(world, "Bea", world.now + timedelta(hours=26))
    pass_time(world, hours=3)
    assert "reminder_day_before" not in world.to("Bea")
    assert held(world) == ["reminder_day_before"]
    assert world.support_kinds() == [SupportKind.TEXTS_HELD]


def test_nobody_frees_her_phone_while_an_alert_is_open(world):
    world.text("Bea", "my husband hits me")
    with pytest.raises(NotAllowed, match="is open"):
        her_own_again(world, "Bea")
    assert patient_of(world, "Bea").read_along_since is not None


def test_another_alert_says_nothing_unasked_either(world):
    read_by_others(world, "Bea")
    world.text("Bea", "i want to die")
    world.wait(minutes=45)
    assert world.to("Bea") == ["crisis_suicide"]
    assert "crisis_unacknowledged" in {text.removesuffix("_now") for text in held(world)}


def test_another_mother_hears_as_ever(world):
    world.text("Bea", "my husband hits me")
    schedule(world, "Ann", world.now + timedelta(hours=26))
    pass_time(world, hours=3)
    assert "reminder_day_before" in world.to("Ann")
    assert held(world) == []


def test_what_is_suppressed_as_it_is_queued_does_not_go(world):
    """The outbox writes past the session; a row that is fresh from it is suppressed too."""
    with world.clinic.db.transaction() as db:
        bea = people.get_patient(db, patient_of(world, "Bea").id)
        text = outbox.Text(id="utter_greet", key="x", lane=Lane.REPLY)
        row = outbox.queue(world.clinic, db, text, outbox.to_patient(db, bea), now=world.now)
        assert row is not None
        outbox.suppress(db, row, "not_enrolled", now=world.now)
    world.settle()
    assert world.to("Bea") == []


# --- what answers her own words -----------------------------------------------------------------


def test_no_question_about_dying_goes_to_a_phone_that_he_reads(world):
    """The first alert as well as a later one; her silence pages a person all the same."""
    read_by_others(world, "Bea")
    world.text("Bea", "i cant do this")
    assert world.to("Bea") == ["crisis_violence_unsafe"]
    world.wait(minutes=16)
    assert world.alert("Bea").level == "urgent"
    assert world.to("Dr Bose")[-1] == "page_level_raised"
    assert world.to("Bea") == ["crisis_violence_unsafe"]


def test_the_model_asks_nothing_on_that_phone_either(world):
    read_by_others(world, "Bea")
    for _ in range(2):
        told = turn(world, "so dark", name="Bea", intent="crisis_suicide")
        assert said(run(world, "screen", told)) == ["crisis_violence_unsafe"]


@pytest.mark.parametrize("words", ["ok", "b", "i cant do this"])
def test_what_she_writes_next_is_answered_as_discreetly(world, words):
    read_by_others(world, "Bea")
    world.text("Bea", "i cant do this")
    pass_time(world, minutes=2)
    world.text("Bea", words)
    pass_time(world, minutes=2)
    assert set(world.to("Bea")) == {"crisis_violence_unsafe"}


def test_an_unclear_word_on_that_phone_pages_at_once(world):
    read_by_others(world, "Bea")
    world.text("Bea", "i cant do this")
    world.text("Bea", "ok")
    assert world.alert("Bea").level == "urgent"
    assert world.to("Dr Bose")[-1] == "page_level_raised"


def test_plain_danger_brings_its_numbers_and_answers_as_anybody_gets(world):
    read_by_others(world, "Bea")
    world.text("Bea", "i want to die")
    pass_time(world, minutes=2)
    world.text("Bea", "hello??")
    assert world.to("Bea") == ["crisis_suicide", "crisis_added"]


def test_violence_on_that_phone_is_asked_about_safety_first(world):
    """The clinic's own words for violence, whatever was known before."""
    read_by_others(world, "Bea")
    world.text("Bea", "my husband hits me")
    assert world.to("Bea") == ["crisis_violence"]


def test_violence_and_a_doubt_in_one_text_ask_only_about_safety(world):
    world.text("Bea", "my husband hits me and i cant do this")
    assert world.to("Bea") == ["crisis_violence"]
    world.text("Bea", "b")
    assert world.to("Bea")[-1] == "crisis_violence_unsafe"
    world.wait(minutes=16)
    assert world.alert("Bea").level == "urgent"


def test_no_hotline_is_named_to_a_question_that_was_not_asked(world):
    """An alert is open, he is known to read along, and she tells of violence again."""
    world.text("Bea", "i lost her")
    read_by_others(world, "Bea")
    pass_time(world, minutes=5)
    world.text("Bea", "my husband hits me")
    assert world.to("Bea")[-1] == "crisis_violence_unsafe"
    world.text("Bea", "yes")
    assert "crisis_violence_safe" not in world.to("Bea")
