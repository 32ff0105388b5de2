"""The one way out: sends what is due, and takes in the carrier's later word on it (S7)."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.core.enrolments import ConversationMode, EnrolmentStatus
from bot.core.escalation import PageChannel
from bot.core.levels import Level
from bot.core.messages import (
    Lane,
    OutboundStatus,
    OutboundText,
    Receipt,
    ReceiptStatus,
    check_transition,
)
from bot.core.quiet_hours import next_allowed
from bot.errors import (
    ChannelMissing,
    DeliveryError,
    NotFound,
    OptedOut,
    ProviderUnavailable,
)
from bot.ports import AlertChannel, SmsProvider
from bot.services import conversations, escalation, outbox, overtaken, read_along, undelivered
from bot.services.clinic import Clinic
from bot.storage import care, messages, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.database import Turn
from bot.storage.tables import Enrolment, OutboundMessage, Patient, ReceiptRecord

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
# A text that must follow another is due so long after it.
_BEHIND = timedelta(seconds=1)


@dataclass(frozen=True)
class Ready:
    """A claimed text that may go, read while the transaction was open.

    :param at: when it was taken; what she writes from then on may answer it.
    """

    row_id: str
    text: OutboundText
    channel: PageChannel
    at: datetime


@dataclass(frozen=True)
class Claimed:
    """What one claim brought.

    :param taken: how many texts were due; some were put off or suppressed at the last look.
    """

    taken: int = 0
    ready: tuple[Ready, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What the carrier said of one text, at once: its id for it, or why not."""

    row_id: str
    at: datetime
    provider: str
    provider_id: str = ""
    error: DeliveryError | None = None


@dataclass(frozen=True)
class _Standing:
    """What the last look needs of the people behind a batch, read at once."""

    opted_out: set[str]
    patients: dict[str, tuple[Patient, Enrolment]]
    read_along: Mapping[str, str | None]
    taken_over_at: Mapping[str, datetime]


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
    """
    claimed = claim(clinic, worker=worker, now=now, lanes=lanes, most=1)
    outcomes = [hand_over(clinic, provider, one, channels=channels) for one in claimed.ready]
    record_outcomes(clinic, outcomes, now=now)
    return claimed.taken > 0


def claim(
    clinic: Clinic, *, worker: str, now: datetime, lanes: Sequence[Lane], most: int
) -> Claimed:
    """Take due texts into our hand, and look a last time whether each may go."""
    with clinic.db.looking() as connection:
        if not messages.any_due(connection, now=now, lanes=lanes):
            return Claimed()
    turn = Turn.ORDINARY if Lane.CRISIS in lanes else Turn.BATCH
    with clinic.db.transaction(turn=turn, audited=False) as db:
        rows = messages.claim_due(db, worker=worker, now=now, lease=LEASE, lanes=lanes, most=most)
        standing = _standing(db, rows)
        found = [_last_look(clinic, db, row, standing, now=now) for row in rows]
    return Claimed(len(rows), tuple(ready for ready in found if ready is not None))


def hand_over(
    clinic: Clinic,
    provider: SmsProvider,
    ready: Ready,
    *,
    channels: Mapping[PageChannel, AlertChannel] = MappingProxyType({}),
) -> Outcome:
    """Give one text to the carrier, or a page to the channel that it goes by.

    No transaction is open meanwhile: a slow carrier must not stop other writers.
    """
    clinic.db.assert_none_open()
    sender = provider if ready.channel == PageChannel.SMS else channels.get(ready.channel)
    if sender is None:
        return Outcome(ready.row_id, ready.at, ready.channel, error=ChannelMissing())
    try:
        provider_id = sender.send(ready.text)
    except DeliveryError as error:
        return Outcome(ready.row_id, ready.at, sender.name, error=error)
    return Outcome(ready.row_id, ready.at, sender.name, provider_id=provider_id)


def record_outcomes(clinic: Clinic, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Keep what the carrier said of several texts: what it took, in one transaction."""
    taken = {outcome.row_id: outcome for outcome in outcomes if outcome.error is None}
    if taken:
        with clinic.db.transaction() as db:
            rows = messages.list_by_id(db, taken)
            for row_id, row in rows.items():
                _sent(db, row, taken[row_id], now=now)
            _apply_early(clinic, db, rows.values(), now=now)
    for outcome in outcomes:
        if outcome.error is not None:
            # One each: it may have to lock an alert, and two locks could wait for each other.
            with clinic.db.transaction() as db:
                row = db.get_one(OutboundMessage, outcome.row_id)
                _send_failed(clinic, db, row, outcome.error, now=now)


def _standing(db: Session, rows: Sequence[OutboundMessage]) -> _Standing:
    return _Standing(
        opted_out=people.opted_out(db, {row.phone_index for row in rows}) if rows else set(),
        patients=people.standings(db, patient_ids)
        if (patient_ids := {row.patient_id for row in rows if row.patient_id})
        else {},
        read_along=read_along.phones(
            db, {row.patient_id for row in rows if row.patient_id and row.lane == Lane.REMINDER}
        ),
        taken_over_at=conversations.taken_over_at(
            db, {row.patient_id for row in rows if row.patient_id and row.lane == Lane.REPLY}
        ),
    )


def _last_look(
    clinic: Clinic, db: Session, row: OutboundMessage, standing: _Standing, *, now: datetime
) -> Ready | None:
    """Consent, quiet hours, expiry, and who has her alert, at the very moment of sending."""
    reason = _must_not_send(clinic, row, standing, now=now)
    if reason is None and overtaken.look_again(clinic, db, row, now=now):
        reason = overtaken.OVERTAKEN
    if reason is not None:
        outbox.suppress(db, row, reason, now=now)
        if row.page_id is not None:
            escalation.page_failed(clinic, db, row.page_id, now=now, because=reason)
        return None
    later = _not_yet(clinic, db, row, standing, now=now)
    if later is not None:
        row.status, row.send_after, row.lease_until = OutboundStatus.QUEUED, later, None
        row.attempts -= 1
        return None
    row.suppressed_because = None
    number = sealing.get(db, row, "phone")
    body = sealing.get(db, row, "body")
    validity = _VALIDITY[Lane(row.lane)]
    if row.expires_at is not None:
        validity = min(validity, max(row.expires_at - now, timedelta(seconds=30)))
    text = OutboundText(number, body, reference=row.id, validity=validity)
    return Ready(row.id, text, PageChannel(row.channel), now)


def _must_not_send(
    clinic: Clinic, row: OutboundMessage, standing: _Standing, *, now: datetime
) -> str | None:
    if row.expires_at is not None and row.expires_at <= now:
        return row.suppressed_because or "expired"
    if row.phone_index in standing.opted_out and not row.despite_opt_out:
        return "opted_out"
    since = standing.taken_over_at.get(row.patient_id or "")
    # The dialogue was still at it when a person took over, or the carrier had put it off.
    was_late = since is not None and row.created_at <= since
    if was_late and outbox.gives_way_to_a_person(clinic, row):
        return outbox.TAKEN_OVER
    if row.patient_id is None or row.lane != Lane.REMINDER:
        return None
    if row.patient_id not in standing.patients:
        raise NotFound("no enrolment")
    patient, enrolment = standing.patients[row.patient_id]
    if enrolment.status == EnrolmentStatus.ENDED:
        return "enrolment_ended"
    return "loss" if patient.loss_at is not None and row.created_at < patient.loss_at else None


def _not_yet(
    clinic: Clinic, db: Session, row: OutboundMessage, standing: _Standing, *, now: datetime
) -> datetime | None:
    """A better moment for a routine text: by day, and not while people speak with her."""
    if row.patient_id is None:
        return None
    if row.lane == Lane.REMINDER and row.patient_id in standing.read_along:
        # Shown with the text while it waits, and the reason when it never goes.
        row.suppressed_because = read_along.MAY_BE_READ
        alert_id = standing.read_along[row.patient_id]
        read_along.tell_staff(clinic, db, alert_id, row.patient_id, row.text_id, now=now)
        return now + _HELD_FOR
    if not row.waits_for_day:
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
    if row.administration_id is not None:
        # The carrier put the introduction off: a question before it is a question from nowhere.
        before = messages.waits_until(db, outbox.intro_key(row.administration_id))
        if before is not None:
            moment = max(moment, before + _BEHIND)
    return moment if moment > now else None


def _sent(db: Session, row: OutboundMessage, outcome: Outcome, *, now: datetime) -> None:
    row.provider, row.provider_id = outcome.provider, outcome.provider_id
    row.lease_until, row.sent_at = None, row.sent_at or outcome.at
    if row.page_id is not None:
        escalation.page_sent(db, row.page_id, now=outcome.at)
    if row.status in (OutboundStatus.SENDING, OutboundStatus.QUEUED):
        row.status = OutboundStatus.SENT
    record(db, Audit("system", "send", f"outbound:{row.id}", {"lane": row.lane}), now=now)


def _apply_early(
    clinic: Clinic, db: Session, rows: Iterable[OutboundMessage], *, now: datetime
) -> None:
    """The carrier's receipts may have been quicker than this transaction."""
    db.flush()
    by_provider: dict[str, dict[str, OutboundMessage]] = {}
    for row in rows:
        by_provider.setdefault(row.provider or "", {})[row.provider_id or ""] = row
    for provider, sent in by_provider.items():
        for early in messages.take_early_receipts(db, provider=provider, provider_ids=sent):
            error = None
            if early.error is not None:
                error = _error_named(early.error, early.error_code)
            receipt = Receipt(provider, early.provider_id, ReceiptStatus(early.status), error)
            _apply(clinic, db, sent[early.provider_id], receipt, now=now)


def _send_failed(
    clinic: Clinic, db: Session, row: OutboundMessage, error: DeliveryError, *, now: datetime
) -> None:
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
    undelivered.take_in(clinic, db, row, error, now=now)


def apply_receipt(clinic: Clinic, receipt: Receipt, *, now: datetime) -> None:
    """Take in a delivery receipt; late, double or early, status only steps forward."""
    if receipt.status in (ReceiptStatus.SENDING, ReceiptStatus.SENT):
        # The carrier's answer to the send has said so already. Half of all receipts are such.
        return
    clinic.db.together(lambda db: _take_receipt(clinic, db, receipt, now=now))


def _take_receipt(clinic: Clinic, db: Session, receipt: Receipt, *, now: datetime) -> None:
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
    with clinic.db.looking() as look:
        if not messages.any_stalled(look, now=now):
            return 0
    with clinic.db.transaction() as db:
        stalled = messages.list_stalled(db, now=now)
        for row in stalled:
            row.status, row.lease_until = OutboundStatus.QUEUED, None
            record(db, Audit("system", "requeue", f"outbound:{row.id}"), now=now)
        return len(stalled)


def fail_undelivered_crisis(clinic: Clinic, *, now: datetime) -> int:
    """A crisis reply without a receipt after the policy's time: a person must phone."""
    limit = clinic.policies[Level.URGENT].delivery_timeout
    with clinic.db.looking() as look:
        if not messages.any_unconfirmed(look, lane=Lane.CRISIS, sent_before=now - limit):
            return 0
    with clinic.db.transaction() as db:
        late = messages.list_unconfirmed(db, lane=Lane.CRISIS, sent_before=now - limit)
        for row in late:
            row.confirm_missed_at = now
            record(db, Audit("system", "no_receipt", f"outbound:{row.id}"), now=now)
            undelivered.phone_her(clinic, db, row, now=now)
        return len(late)


def _error_named(name: str, code: str | None) -> DeliveryError:
    kinds = {kind.__name__: kind for kind in DeliveryError.__subclasses__()}
    return kinds.get(name, ProviderUnavailable)(code=code)
