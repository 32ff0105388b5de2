"""What she did not ask for does not go to a phone that he reads; staff are told what was held."""

from datetime import timedelta

from bot.core.alerts import SupportKind
from bot.core.messages import Lane
from bot.services import outbox
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
from tests.world import World


def held(world: World) -> list[str]:
    return [event.details["text"] for event in audited(world, "hold_text")]


def test_nothing_about_her_alert_goes_unasked_to_a_phone_that_he_reads(world):
    world.text("Bea", "i lost her")
    world.text("Bea", "my husband hits me")
    assert world.to("Bea") == ["crisis_loss", "crisis_violence"]
    world.wait(hours=3)
    assert world.to("Bea") == ["crisis_loss", "crisis_violence"]
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
    assert (row.sent_at is not None, row.suppressed_because) == (True, None)


def test_a_check_in_waits_too(world):
    plan(world, "Bea", "mood", due_at=world.now)
    world.text("Bea", "my husband hits me")
    pass_time(world, minutes=5)
    assert {"utter_item", "check_in_intro"}.isdisjoint(world.to("Bea"))
    assert held(world) == ["check_in_intro"]


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
