"""What may go out is decided at the moment of sending, and nothing is lost or sent to nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.messages import Lane, OutboundStatus, Receipt, ReceiptStatus
from bot.errors import (
    MessageRefused,
    NumberUnreachable,
    OptedOut,
    ProviderUnavailable,
    Throttled,
)
from bot.services import enrolments, outbound, outbox
from bot.storage import messages, people
from bot.storage.tables import OutboundMessage, Patient
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import audited, pass_time, patient_of, resolve, schedule
from tests.world import MONDAY_10, World, number_of

pytestmark = SQLITE_ONLY


def queue(world, name: str = "Ann", text_id: str = "utter_greet", **options) -> str:
    """Put a text for her into the outbox, as a service would; its id."""
    options = {"lane": Lane.REPLY, "key": f"test:{name}:{len(world.rows_to(name))}", **options}
    with world.clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_of(world, name).id)
        text = outbox.Text(id=text_id, **options)
        row = outbox.queue(world.clinic, db, text, outbox.to_patient(db, patient), now=world.now)
        assert row is not None
        return row.id


def routine(world, name: str = "Ann", **options) -> str:
    """A reminder that waits for the day."""
    return queue(world, name, "check_in_intro", lane=Lane.REMINDER, waits_for_day=True, **options)


def send(world, **options) -> bool:
    return outbound.send_next(world.clinic, world.carrier, worker="w", now=world.now, **options)


def row(world, row_id: str):
    return next(
        row
        for name in ("Ann", "Bea", "Cat", "Dee", "Luz")
        for row in world.rows_to(name)
        if row.id == row_id
    )


def at(world, *moment: int) -> None:
    world.clock.time = datetime(*moment, tzinfo=UTC)


# --- at the moment of sending -------------------------------------------------------------------


def test_a_text_is_sent_once_and_its_provider_id_kept(world):
    row_id = queue(world)
    assert send(world)
    assert not send(world)
    assert len(world.carrier.sent) == 1
    assert row(world, row_id).provider_id == "fake-1"
    assert row(world, row_id).status == "sent"


def test_the_same_intention_queued_twice_is_one_text(world):
    queue(world, key="once")
    with world.clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_of(world, "Ann").id)
        again = outbox.queue(
            world.clinic,
            db,
            outbox.Text("utter_greet", "once", Lane.REPLY),
            outbox.to_patient(db, patient),
            now=world.now,
        )
    assert again is None


def test_a_text_that_is_not_due_waits(world):
    row_id = queue(world, send_after=world.now + timedelta(hours=1))
    assert not send(world)
    world.clock.time += timedelta(hours=1)
    assert send(world)
    assert row(world, row_id).sent_at == world.now


def test_an_expired_text_is_kept_and_not_sent(world):
    row_id = queue(world, expires_after=timedelta(hours=1))
    world.clock.time += timedelta(hours=1)
    send(world)
    assert world.carrier.sent == []
    assert (row(world, row_id).status, row(world, row_id).suppressed_because) == (
        "suppressed",
        "expired",
    )


def test_an_opt_out_after_queueing_is_seen_at_sending(world):
    row_id = queue(world)
    with world.clinic.db.transaction(audited=False) as db:
        people.number_state(db, people.index_of(db, number_of("Ann"))).opted_out_at = world.now
    send(world)
    assert world.carrier.sent == []
    assert row(world, row_id).suppressed_because == "opted_out"


def test_a_reminder_after_the_end_of_her_enrolment_is_not_sent(world):
    row_id = routine(world)
    with world.clinic.db.transaction(audited=False) as db:
        people.enrolment_of(db, patient_of(world, "Ann").id).status = "ended"
    send(world)
    assert row(world, row_id).suppressed_because == "enrolment_ended"


def test_a_reminder_from_before_her_loss_is_not_sent(world):
    row_id = routine(world)
    with world.clinic.db.transaction(audited=False) as db:
        db.get_one(Patient, patient_of(world, "Ann").id).loss_at = world.now + timedelta(seconds=1)
    send(world)
    assert row(world, row_id).suppressed_because == "loss"


def test_everything_that_was_not_sent_says_why_in_the_record(world):
    queue(world, expires_after=timedelta(hours=1))
    world.clock.time += timedelta(hours=1)
    send(world)
    assert [event.details for event in audited(world, "suppress")] == [{"because": "expired"}]


def test_no_transaction_is_open_while_the_carrier_is_called(world):
    seen: list[bool] = []

    class Asking(type(world.carrier)):
        def send(self, outbound_text):
            world.clinic.db.assert_none_open()
            seen.append(True)
            return super().send(outbound_text)

    queue(world)
    outbound.send_next(world.clinic, Asking(), worker="w", now=world.now)
    assert seen == [True]


def test_a_text_is_given_to_the_carrier_with_a_time_after_which_it_is_useless(world):
    queue(world, expires_after=timedelta(minutes=20))
    send(world)
    assert world.carrier.sent[0].validity == timedelta(minutes=20)


# --- her day and her zone -----------------------------------------------------------------------


def test_a_routine_text_waits_for_nine_in_the_morning(world):
    at(world, 2026, 1, 6, 4, 40)  # 23:40 in New York
    row_id = routine(world)
    send(world)
    assert world.carrier.sent == []
    assert row(world, row_id).send_after == datetime(2026, 1, 6, 14, 0, tzinfo=UTC)
    assert row(world, row_id).attempts == 0


def test_a_routine_text_does_not_go_at_eight_in_the_evening(world):
    at(world, 2026, 1, 6, 1, 0)  # 20:00 in New York
    routine(world)
    send(world)
    assert world.carrier.sent == []


def test_a_mother_in_chicago_has_her_own_morning(world):
    at(world, 2026, 1, 6, 14, 30)  # 9:30 in New York, 8:30 in Chicago
    ann, luz = routine(world, "Ann"), routine(world, "Luz")
    world.worker.settle()
    assert row(world, ann).status == "sent"
    assert row(world, luz).send_after == datetime(2026, 1, 6, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("night", "morning"),
    [
        # Clocks go forward on 8 March and back on 1 November 2026.
        ((2026, 3, 8, 4, 0), (2026, 3, 8, 13, 0)),
        ((2026, 11, 1, 3, 0), (2026, 11, 1, 14, 0)),
    ],
    ids=["spring", "autumn"],
)
def test_nine_is_nine_on_the_night_the_clocks_change(world, night, morning):
    at(world, *night)
    row_id = routine(world)
    send(world)
    assert row(world, row_id).send_after == datetime(*morning, tzinfo=UTC)


def test_a_reply_and_a_crisis_reply_go_at_night(world):
    at(world, 2026, 1, 6, 8, 0)
    queue(world)
    queue(world, "Bea", "crisis_added", lane=Lane.CRISIS)
    world.worker.settle()
    assert len(world.carrier.sent) == 2


def test_reminders_are_held_while_people_speak_with_her(world):
    world.text("Bea", "want to die")
    row_id = routine(world, "Bea")
    world.settle()
    assert row(world, row_id).status == "queued"
    resolve(world, "Bea")
    pass_time(world, minutes=15)
    assert row(world, row_id).sent_at == world.now


# --- when the carrier fails -----------------------------------------------------------------------


@pytest.mark.parametrize("error", [ProviderUnavailable(), Throttled()], ids=["down", "throttled"])
def test_a_text_is_tried_again_when_the_carrier_is_down(world, error):
    row_id = queue(world)
    world.carrier.fails_with = error
    send(world)
    assert row(world, row_id).status == "queued"
    assert not send(world)
    world.carrier.fails_with = None
    pass_time(world, seconds=7)
    assert row(world, row_id).sent_at == world.now


def test_the_carrier_is_asked_less_and_less_often_and_then_no_more(world):
    row_id = queue(world)
    world.carrier.fails_with = ProviderUnavailable()
    waits = []
    for _ in range(7):
        send(world)
        waits.append((row(world, row_id).send_after - world.now).total_seconds())
        world.clock.time = row(world, row_id).send_after
    send(world)
    assert waits == sorted(waits)
    assert waits[0] <= 6
    assert 256 <= waits[-1] <= 600 * 1.2
    assert row(world, row_id).status == "failed"
    assert world.support_kinds() == ["undelivered"]


def test_a_crisis_reply_is_tried_again_within_a_minute_however_often_it_failed(world):
    row_id = queue(world, "Bea", "crisis_added", lane=Lane.CRISIS)
    world.carrier.fails_with = ProviderUnavailable()
    for _ in range(7):
        send(world)
        wait = row(world, row_id).send_after - world.now
        assert wait <= timedelta(seconds=72)
        world.clock.time = row(world, row_id).send_after


def test_a_number_that_cannot_be_reached_is_not_tried_again_and_a_person_phones(world):
    row_id = queue(world)
    world.carrier.fails_with = NumberUnreachable(code="30005")
    send(world)
    assert (row(world, row_id).status, row(world, row_id).error_code) == ("failed", "30005")
    assert world.support_kinds() == ["undelivered"]
    assert not send(world)


def test_the_carriers_opt_out_goes_on_record(world):
    queue(world)
    queue(world)
    world.carrier.fails_with = OptedOut(code="21610")
    send(world)
    world.carrier.fails_with = None
    send(world)
    assert world.carrier.sent == []
    assert [event.actor for event in audited(world, "opt_out")] == ["carrier"]


def test_a_text_comes_back_when_the_worker_that_took_it_dies(world):
    row_id = queue(world)
    with world.clinic.db.transaction(audited=False) as db:
        messages.claim_next_outbound(
            db, worker="dead", now=world.now, lease=outbound.LEASE, lanes=tuple(Lane)
        )
    world.settle()
    assert world.carrier.sent == []
    pass_time(world, seconds=12)
    assert row(world, row_id).sent_at == world.now
    assert len(audited(world, "requeue")) == 1


def test_the_second_reply_waits_for_the_first(world):
    queue(world, text_id="utter_greet")
    queue(world, text_id="utter_thank")
    with world.clinic.db.transaction(audited=False) as db:
        first = messages.claim_next_outbound(
            db, worker="slow", now=world.now, lease=outbound.LEASE, lanes=tuple(Lane)
        )
        assert first.text_id == "utter_greet"
    assert not send(world)


def test_a_slow_reminder_does_not_stand_before_a_crisis_reply(world):
    routine(world, "Bea")
    with world.clinic.db.transaction(audited=False) as db:
        messages.claim_next_outbound(
            db, worker="slow", now=world.now, lease=outbound.LEASE, lanes=tuple(Lane)
        )
    world.text("Bea", "want to die")
    assert world.to("Bea") == ["crisis_suicide"]


def test_lanes_go_in_the_order_crisis_page_reply_reminder(world):
    routine(world)
    queue(world)
    queue(world, text_id="staff_help", lane=Lane.PAGE)
    queue(world, text_id="crisis_added", lane=Lane.CRISIS)
    world.delivers = False
    world.worker.settle()
    order = [world.clinic.texts.get("crisis_added", "en").text[:12], "", "", ""]
    assert world.carrier.sent[0].body.startswith(order[0])
    assert [r.lane for r in sorted(world.rows_to("Ann"), key=lambda r: r.provider_id)] == [
        "crisis",
        "page",
        "reply",
        "reminder",
    ]


# --- receipts -------------------------------------------------------------------------------------


def receipt(world, status: ReceiptStatus, number: int = 1, error=None) -> None:
    outbound.apply_receipt(
        world.clinic, Receipt("fake", f"fake-{number}", status, error), now=world.now
    )


def test_a_receipt_marks_the_text_as_delivered(world):
    row_id = queue(world)
    send(world)
    receipt(world, ReceiptStatus.DELIVERED)
    assert (row(world, row_id).status, row(world, row_id).delivered_at) == ("delivered", world.now)


def test_a_receipt_that_comes_before_the_send_was_recorded_counts(world):
    row_id = queue(world)
    receipt(world, ReceiptStatus.DELIVERED)
    send(world)
    assert row(world, row_id).status == "delivered"


def test_a_failure_that_comes_before_the_send_was_recorded_counts(world):
    row_id = queue(world)
    receipt(world, ReceiptStatus.FAILED, error=OptedOut(code="21610"))
    send(world)
    assert (row(world, row_id).status, row(world, row_id).error_code) == ("failed", "21610")


def test_a_receipt_that_comes_twice_counts_once(world):
    queue(world)
    send(world)
    receipt(world, ReceiptStatus.DELIVERED)
    receipt(world, ReceiptStatus.DELIVERED)
    assert len(audited(world, "deliver")) == 1


@pytest.mark.parametrize("late", [ReceiptStatus.SENT, ReceiptStatus.SENDING, ReceiptStatus.FAILED])
def test_a_late_receipt_takes_nothing_back(world, late):
    row_id = queue(world)
    send(world)
    receipt(world, ReceiptStatus.DELIVERED)
    receipt(world, late, error=MessageRefused() if late == ReceiptStatus.FAILED else None)
    assert row(world, row_id).status == "delivered"


def test_delivered_after_failed_takes_nothing_back(world):
    row_id = queue(world)
    send(world)
    receipt(world, ReceiptStatus.FAILED, error=NumberUnreachable())
    receipt(world, ReceiptStatus.DELIVERED)
    assert row(world, row_id).status == "failed"


def test_a_receipt_for_nothing_we_know_is_kept_and_harms_nothing(world):
    receipt(world, ReceiptStatus.DELIVERED, number=999)
    world.settle()
    assert world.carrier.sent == []


@pytest.mark.parametrize("before", list(OutboundStatus))
@pytest.mark.parametrize("status", list(ReceiptStatus))
def test_no_receipt_ever_makes_a_text_wait_again(world, before, status):
    row_id = queue(world)
    send(world)
    with world.clinic.db.transaction(audited=False) as db:
        kept = db.get_one(OutboundMessage, row_id)
        kept.status = before
    receipt(world, status, error=MessageRefused() if status == ReceiptStatus.FAILED else None)
    after = row(world, row_id).status
    assert after == before or after in ("delivered", "failed")
    if before in ("delivered", "failed", "suppressed"):
        assert after == before


def test_reminders_of_a_session_stop_with_her_loss(clinic):
    world = World(clinic)
    schedule(world, "Ann", MONDAY_10 + timedelta(days=2))
    with clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_of(world, "Ann").id)
        enrolments.mark_loss(clinic, db, patient, now=world.now)
    assert {row.suppressed_because for row in world.rows_to("Ann")} == {"loss"}
