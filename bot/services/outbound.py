"""The one way out: sends what is due, and takes in the carrier's later word on it (S7)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.core.enrolments import ConversationMode, EnrolmentStatus
from bot.core.escalation import PageChannel
from bot.core.levels import Category, Level
from bot.core.messages import (
    Lane,
    OutboundStatus,
    OutboundText,
    Receipt,
    ReceiptStatus,
    check_transition,
)
from bot.core.quiet_hours import next_allowed
from bot.crisis.screening import Signal
from bot.errors import (
    ChannelMissing,
    DeliveryError,
    NumberUnreachable,
    OptedOut,
    ProviderUnavailable,
)
from bot.ports import AlertChannel, SmsProvider
from bot.services import alerts, escalation, outbox, support
from bot.services.clinic import Clinic
from bot.storage import alerts as stored_alerts
from bot.storage import care, messages, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.database import Turn
from bot.storage.tables import NumberState, OutboundMessage, ReceiptRecord

# Longer than any carrier call may take; shorter than anybody would wait for a takeover.
LEASE = timedelta(seconds=12)
_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=10)
_ATTEMPTS = 8
# A crisis text must not expire silently at the carrier; a reminder must not come hours late.
_VALIDITY = {
    Lane.CRISIS: timedelta(hours=4),
    Lane.PAGE: timedelta(hours=1),
    Lane.REPLY: timedelta(hours=4),
    Lane.REMINDER: timedelta(hours=1),
}
_HELD_FOR = timedelta(minutes=15)
# Why a page can never arrive this way; somebody must mend it.
_PAGE_REFUSED: Mapping[type[DeliveryError], str] = {
    OptedOut: "opted_out",
    NumberUnreachable: "unreachable",
    ChannelMissing: "no_such_channel",
}


@dataclass(frozen=True)
class _Ready:
    """A claimed text that may go, read while the transaction was open."""

    row_id: str
    text: OutboundText
    channel: PageChannel


def send_next(
    clinic: Clinic,
    provider: SmsProvider,
    *,
    channels: Mapping[PageChannel, AlertChannel] = MappingProxyType({}),
    worker: str,
    now: datetime,
    lanes: Sequence[Lane] = tuple(Lane),
) -> bool:
    """Send the most pressing due text; false when there is nothing to do.

    :param channels: the other ways to page staff that this clinic has.

    No transaction is open while the carrier is called: a slow carrier must not stop other writers.
    """
    turn = Turn.ORDINARY if Lane.CRISIS in lanes else Turn.BATCH
    with clinic.db.transaction(turn=turn, audited=False) as db:
        row = messages.claim_next_outbound(db, worker=worker, now=now, lease=LEASE, lanes=lanes)
        if row is None:
            return False
        ready = _last_look(clinic, db, row, now=now)
    if ready is None:
        return True
    clinic.db.assert_none_open()
    sender = provider if ready.channel == PageChannel.SMS else channels.get(ready.channel)
    try:
        if sender is None:
            raise ChannelMissing
        provider_id = sender.send(ready.text)
    except DeliveryError as error:
        with clinic.db.transaction() as db:
            _send_failed(clinic, db, ready.row_id, error, now=now)
    else:
        with clinic.db.transaction() as db:
            _sent(clinic, db, ready.row_id, sender.name, provider_id, now=now)
    return True


def _last_look(
    clinic: Clinic, db: Session, row: OutboundMessage, *, now: datetime
) -> _Ready | None:
    """Consent, quiet hours and expiry, at the very moment of sending."""
    reason = _must_not_send(db, row, now=now)
    if reason is not None:
        outbox.suppress(db, row, reason, now=now)
        if row.page_id is not None:
            escalation.page_failed(clinic, db, row.page_id, now=now, because=reason)
        return None
    later = _not_yet(clinic, db, row, now=now)
    if later is not None:
        row.status, row.send_after, row.lease_until = OutboundStatus.QUEUED, later, None
        row.attempts -= 1
        return None
    number = sealing.get(db, row, "phone")
    body = sealing.get(db, row, "body")
    validity = _VALIDITY[Lane(row.lane)]
    if row.expires_at is not None:
        validity = min(validity, max(row.expires_at - now, timedelta(seconds=30)))
    text = OutboundText(number, body, reference=row.id, validity=validity)
    return _Ready(row.id, text, PageChannel(row.channel))


def _must_not_send(db: Session, row: OutboundMessage, *, now: datetime) -> str | None:
    if row.expires_at is not None and row.expires_at <= now:
        return "expired"
    state = db.get(NumberState, row.phone_index)
    if state is not None and state.opted_out_at is not None and not row.despite_opt_out:
        return "opted_out"
    if row.patient_id is None or row.lane != Lane.REMINDER:
        return None
    status = people.enrolment_of(db, row.patient_id).status
    if status == EnrolmentStatus.ENDED:
        return "enrolment_ended"
    patient = people.get_patient(db, row.patient_id)
    return "loss" if patient.loss_at is not None and row.created_at < patient.loss_at else None


def _not_yet(
    clinic: Clinic, db: Session, row: OutboundMessage, *, now: datetime
) -> datetime | None:
    """A better moment for a routine text: by day, and not while people speak with her."""
    if row.patient_id is None or not row.waits_for_day:
        return None
    # Not locked: a gateway that holds her conversation may be waiting for this very row.
    if care.mode_of(db, row.patient_id) == ConversationMode.HUMAN and row.lane == Lane.REMINDER:
        return now + _HELD_FOR
    patient = people.get_patient(db, row.patient_id)
    if row.appointment_id is not None and patient.sessions_blocked_at is not None:
        return now + _HELD_FOR  # nobody is reminded of a session that may not take place
    hours = clinic.protocol.quiet_hours
    moment = next_allowed(
        now,
        zone=ZoneInfo(patient.time_zone),
        opens=hours.texts_from,
        closes=hours.texts_until,
    )
    return moment if moment > now else None


def _sent(
    clinic: Clinic,
    db: Session,
    row_id: str,
    provider: str,
    provider_id: str,
    *,
    now: datetime,
) -> None:
    row = db.get_one(OutboundMessage, row_id)
    row.provider, row.provider_id, row.lease_until = provider, provider_id, None
    row.sent_at = row.sent_at or now
    if row.page_id is not None:
        escalation.page_sent(db, row.page_id, now=now)
    if row.status in (OutboundStatus.SENDING, OutboundStatus.QUEUED):
        row.status = OutboundStatus.SENT
    record(db, Audit("system", "send", f"outbound:{row.id}", {"lane": row.lane}), now=now)
    # The carrier's receipt may have been quicker than this transaction.
    for early in messages.take_early_receipts(db, provider=provider, provider_id=provider_id):
        error = None
        if early.error is not None:
            error = _error_named(early.error, early.error_code)
        receipt = Receipt(provider, provider_id, ReceiptStatus(early.status), error)
        _apply(clinic, db, row, receipt, now=now)


def _send_failed(
    clinic: Clinic, db: Session, row_id: str, error: DeliveryError, *, now: datetime
) -> None:
    row = db.get_one(OutboundMessage, row_id)
    row.lease_until = None
    if error.retryable and row.attempts < _ATTEMPTS:
        row.status = OutboundStatus.QUEUED
        row.send_after = now + _backoff(row.attempts, urgent=row.lane in (Lane.CRISIS, Lane.PAGE))
        details = {"error": type(error).__name__, "attempt": row.attempts}
        record(db, Audit("carrier", "defer", f"outbound:{row.id}", details), now=now)
        if row.page_id is not None and row.attempts >= 2:
            escalation.page_failed(clinic, db, row.page_id, now=now, because="carrier_down")
        return
    _failed(clinic, db, row, error, now=now)


def _backoff(attempts: int, *, urgent: bool) -> timedelta:
    longest = timedelta(minutes=1) if urgent else _LONGEST_RETRY
    wait = min(_FIRST_RETRY * int(2 ** max(attempts - 1, 0)), longest)
    # Jitter, so that a thousand texts do not come back in the same second.
    return wait * (800 + secrets.randbelow(400)) / 1000


def _failed(
    clinic: Clinic, db: Session, row: OutboundMessage, error: DeliveryError, *, now: datetime
) -> None:
    """A text did not and will not arrive: what hangs on it moves on at once."""
    row.status, row.failed_at = OutboundStatus.FAILED, now
    row.error, row.error_code = type(error).__name__, error.code
    details = {"error": row.error, "code": error.code}
    record(db, Audit("carrier", "fail", f"outbound:{row.id}", details), now=now)
    state = people.number_state(db, row.phone_index)
    if isinstance(error, OptedOut) and state.opted_out_at is None:
        state.opted_out_at = now
        record(db, Audit("carrier", "opt_out", f"outbound:{row.id}"), now=now)
    if row.page_id is not None:
        because = _PAGE_REFUSED.get(type(error), "carrier_refused")
        escalation.page_failed(clinic, db, row.page_id, now=now, because=because)
    elif row.lane == Lane.CRISIS or _in_danger(db, row):
        _tell_that_she_was_not_reached(clinic, db, row, now=now)
    elif row.patient_id is not None:
        state.unreachable_at = now
        support.open_item(
            clinic,
            db,
            SupportKind.UNDELIVERED,
            patient_id=row.patient_id,
            inbound_id=row.in_reply_to,
            now=now,
        )


def _in_danger(db: Session, row: OutboundMessage) -> bool:
    """Is an urgent alert about her unresolved? Then any text that her phone refuses matters."""
    if row.patient_id is None:
        return False
    alert = stored_alerts.find_unresolved(db, row.phone_index)
    return alert is not None and Level(alert.level).at_least(Level.URGENT)


def _tell_that_she_was_not_reached(
    clinic: Clinic, db: Session, row: OutboundMessage, *, now: datetime
) -> None:
    """Her phone refuses our help: the alert rises and moves on, so that a person phones."""
    signal = Signal(
        category=Category.UNDELIVERED,
        level=Level.URGENT,
        layer="carrier",
        pattern_id="crisis_reply_undelivered",
        spans=(),
        reply="",
    )
    about = alerts.About(row.phone_index, row.patient_id)
    raised = alerts.raise_alert(clinic, db, about, [signal], inbound_id=row.in_reply_to, now=now)
    for staff in escalation.recipients_now(clinic, db, raised.alert, now=now):
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id="page_undelivered",
                key=f"undelivered:{row.id}:{staff.id}",
                lane=Lane.PAGE,
                values={"code": raised.alert.code},
                alert_id=raised.alert.id,
                despite_opt_out=True,
            ),
            outbox.to_staff(db, staff),
            now=now,
        )


def apply_receipt(clinic: Clinic, receipt: Receipt, *, now: datetime) -> None:
    """Take in a delivery receipt; late, double or early, status only steps forward."""
    with clinic.db.transaction(turn=Turn.INBOUND) as db:
        row = messages.find_outbound(db, provider=receipt.provider, provider_id=receipt.provider_id)
        if row is not None:
            _apply(clinic, db, row, receipt, now=now)
            return
        error = receipt.error
        db.add(
            ReceiptRecord(
                provider=receipt.provider,
                provider_id=receipt.provider_id,
                status=receipt.status,
                error=type(error).__name__ if error else None,
                error_code=error.code if error else None,
                received_at=now,
            )
        )
        record(db, Audit("carrier", "early_receipt", "receipt", {}), now=now)


def _apply(
    clinic: Clinic, db: Session, row: OutboundMessage, receipt: Receipt, *, now: datetime
) -> None:
    if row.status not in (OutboundStatus.SENDING, OutboundStatus.SENT):
        return
    if receipt.status == ReceiptStatus.FAILED:
        _failed(clinic, db, row, receipt.error or ProviderUnavailable(), now=now)
    elif receipt.status == ReceiptStatus.DELIVERED:
        check_transition(OutboundStatus(row.status), OutboundStatus.DELIVERED)
        row.status, row.delivered_at = OutboundStatus.DELIVERED, now
        record(db, Audit("carrier", "deliver", f"outbound:{row.id}"), now=now)
        if row.page_id is not None:
            escalation.page_delivered(db, row.page_id, now=now)


def requeue_stalled(clinic: Clinic, *, now: datetime) -> int:
    """Take back texts whose worker died; a page or crisis reply may then go twice, never not."""
    with clinic.db.transaction() as db:
        stalled = messages.list_stalled(db, now=now)
        for row in stalled:
            row.status, row.lease_until = OutboundStatus.QUEUED, None
            record(db, Audit("system", "requeue", f"outbound:{row.id}"), now=now)
        return len(stalled)


def fail_undelivered_crisis(clinic: Clinic, *, now: datetime) -> int:
    """A crisis reply without a receipt after the policy's time: a person must phone."""
    limit = clinic.policies[Level.URGENT].delivery_timeout
    with clinic.db.transaction() as db:
        late = messages.list_unconfirmed(db, lane=Lane.CRISIS, sent_before=now - limit)
        for row in late:
            row.confirm_missed_at = now
            record(db, Audit("system", "no_receipt", f"outbound:{row.id}"), now=now)
            _tell_that_she_was_not_reached(clinic, db, row, now=now)
        return len(late)


def _error_named(name: str, code: str | None) -> DeliveryError:
    kinds = {kind.__name__: kind for kind in DeliveryError.__subclasses__()}
    return kinds.get(name, ProviderUnavailable)(code=code)
