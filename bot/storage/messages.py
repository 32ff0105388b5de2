"""Stores texts in and out, and lets one worker at a time take the next one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.core.messages import Lane, OutboundStatus
from bot.storage.tables import InboundMessage, OutboundMessage, ReceiptRecord

# Built once: putting one of these together takes many times as long as running it, and all of
# them run for every text.
_earlier = aliased(InboundMessage)
_other = aliased(OutboundMessage)
_now = bindparam("now", type_=InboundMessage.received_at.type)

_INBOUND_CALLED = select(InboundMessage).where(
    InboundMessage.provider == bindparam("provider"),
    InboundMessage.provider_id == bindparam("provider_id"),
)
_RECENT_INBOUND = (
    select(InboundMessage)
    .where(
        InboundMessage.phone_index == bindparam("phone_index"),
        InboundMessage.received_at >= bindparam("since"),
    )
    .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
    .limit(bindparam("most"))
)
# Only the first waiting text of a number: the later ones wait for its answer.
_first_of_number = ~exists().where(
    _earlier.phone_index == InboundMessage.phone_index,
    _earlier.dialogue_status.in_(["pending", "claimed"]),
    or_(
        _earlier.received_at < InboundMessage.received_at,
        and_(_earlier.received_at == InboundMessage.received_at, _earlier.id < InboundMessage.id),
    ),
)
_WAITING_INBOUND = (
    select(InboundMessage)
    .where(
        InboundMessage.dialogue_status.in_(["pending", "claimed"]),
        or_(
            InboundMessage.dialogue_status == "pending",
            and_(InboundMessage.dialogue_status == "claimed", InboundMessage.lease_until <= _now),
        ),
        or_(InboundMessage.retry_at.is_(None), InboundMessage.retry_at <= _now),
        _first_of_number,
    )
    .order_by(InboundMessage.received_at, InboundMessage.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
# Due and earlier, but not to be had: another worker is taking it at this very moment.
_earlier_due = and_(
    _other.status == OutboundStatus.QUEUED,
    _other.send_after <= _now,
    or_(
        _other.send_after < OutboundMessage.send_after,
        and_(_other.send_after == OutboundMessage.send_after, _other.id < OutboundMessage.id),
    ),
)
_number_is_busy = exists().where(
    _other.phone_index == OutboundMessage.phone_index,
    _other.lane == OutboundMessage.lane,
    _other.id != OutboundMessage.id,
    or_(
        and_(_other.status == OutboundStatus.SENDING, _other.lease_until > _now),
        _earlier_due,
    ),
)
_DUE_OUTBOUND = (
    select(OutboundMessage)
    .where(
        OutboundMessage.status == OutboundStatus.QUEUED,
        OutboundMessage.lane == bindparam("lane"),
        OutboundMessage.send_after <= _now,
        ~_number_is_busy,
    )
    .order_by(OutboundMessage.send_after, OutboundMessage.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_OUTBOUND_CALLED = select(OutboundMessage).where(
    OutboundMessage.provider == bindparam("provider"),
    OutboundMessage.provider_id == bindparam("provider_id"),
)
_OUTBOUND_KEYED = select(OutboundMessage.id).where(OutboundMessage.dedupe_key == bindparam("key"))
_EARLY_RECEIPTS = (
    select(ReceiptRecord)
    .where(
        ReceiptRecord.provider == bindparam("provider"),
        ReceiptRecord.provider_id == bindparam("provider_id"),
    )
    .order_by(ReceiptRecord.id)
)
_SENT_SINCE = (
    select(func.count())
    .select_from(OutboundMessage)
    .where(
        OutboundMessage.phone_index == bindparam("phone_index"),
        OutboundMessage.created_at >= bindparam("since"),
        OutboundMessage.status != OutboundStatus.SUPPRESSED,
    )
)
_INBOUND_SINCE = (
    select(func.count())
    .select_from(InboundMessage)
    .where(
        InboundMessage.phone_index == bindparam("phone_index"),
        InboundMessage.received_at >= bindparam("since"),
    )
)


def find_inbound(db: Session, *, provider: str, provider_id: str) -> InboundMessage | None:
    """The text that the carrier calls by this id, if it came before."""
    known = {"provider": provider, "provider_id": provider_id}
    return db.scalars(_INBOUND_CALLED, known).one_or_none()


def recent_inbound(
    db: Session, phone_index: str, *, since: datetime, limit: int
) -> Sequence[InboundMessage]:
    """The last texts from this number, oldest first."""
    given = {"phone_index": phone_index, "since": since, "most": limit}
    return list(reversed(db.scalars(_RECENT_INBOUND, given).all()))


def claim_next_inbound(
    db: Session, *, worker: str, now: datetime, lease: timedelta
) -> InboundMessage | None:
    """Take the oldest text that waits for the dialogue, one conversation at a time, in order.

    A text whose worker died comes back when its lease ends.
    """
    row = db.scalars(_WAITING_INBOUND, {"now": now}).one_or_none()
    if row is not None:
        row.dialogue_status = "claimed"
        row.claimed_by, row.lease_until = worker, now + lease
        row.attempts += 1
    return row


def claim_next_outbound(
    db: Session, *, worker: str, now: datetime, lease: timedelta, lanes: Sequence[Lane]
) -> OutboundMessage | None:
    """Take the next due text, the most pressing lane first.

    A text stays behind an earlier one to the same number that is due or being sent right now.
    """
    for lane in lanes:
        row = db.scalars(_DUE_OUTBOUND, {"lane": lane, "now": now}).one_or_none()
        if row is not None:
            row.status = OutboundStatus.SENDING
            row.claimed_by, row.lease_until = worker, now + lease
            row.attempts += 1
            return row
    return None


def list_stalled(db: Session, *, now: datetime) -> Sequence[OutboundMessage]:
    """Texts whose worker died with them in its hand."""
    query = select(OutboundMessage).where(
        OutboundMessage.status == OutboundStatus.SENDING, OutboundMessage.lease_until <= now
    )
    return db.scalars(query).all()


def find_outbound(db: Session, *, provider: str, provider_id: str) -> OutboundMessage | None:
    """The text that the carrier calls by this id."""
    known = {"provider": provider, "provider_id": provider_id}
    return db.scalars(_OUTBOUND_CALLED, known).one_or_none()


def has_outbound(db: Session, dedupe_key: str) -> bool:
    """Was this intention queued before?"""
    return db.scalars(_OUTBOUND_KEYED, {"key": dedupe_key}).first() is not None


def take_early_receipts(db: Session, *, provider: str, provider_id: str) -> Sequence[ReceiptRecord]:
    """Receipts that came before the send was recorded; they are not kept any longer."""
    known = {"provider": provider, "provider_id": provider_id}
    receipts = db.scalars(_EARLY_RECEIPTS, known).all()
    for receipt in receipts:
        db.delete(receipt)
    return receipts


def list_queued_to(db: Session, phone_index: str) -> Sequence[OutboundMessage]:
    """What still waits to go to this number."""
    query = select(OutboundMessage).where(
        OutboundMessage.phone_index == phone_index,
        OutboundMessage.status == OutboundStatus.QUEUED,
    )
    # Locked: what a worker has taken this very moment is on its way and no longer waits.
    return db.scalars(query.with_for_update()).all()


def list_queued_for_appointment(db: Session, appointment_id: str) -> Sequence[OutboundMessage]:
    """What still waits to go out about this appointment."""
    query = select(OutboundMessage).where(
        OutboundMessage.appointment_id == appointment_id,
        OutboundMessage.status == OutboundStatus.QUEUED,
    )
    return db.scalars(query.with_for_update()).all()


def last_item_handed_over(
    db: Session, administration_id: str, *, before: datetime
) -> OutboundMessage | None:
    """The item of this administration that the carrier last took before this moment.

    An answer belongs to it, whatever Rasa believes was asked.
    """
    query = (
        select(OutboundMessage)
        .where(
            OutboundMessage.administration_id == administration_id,
            OutboundMessage.item.is_not(None),
            OutboundMessage.sent_at.is_not(None),
            OutboundMessage.sent_at <= before,
        )
        .order_by(OutboundMessage.sent_at.desc(), OutboundMessage.id.desc())
        .limit(1)
    )
    return db.scalars(query).first()


def last_sent_to(db: Session, patient_id: str, *, since: datetime) -> OutboundMessage | None:
    """The newest text that the carrier took for her since then: what she answers to."""
    query = (
        select(OutboundMessage)
        .where(OutboundMessage.patient_id == patient_id, OutboundMessage.sent_at >= since)
        .order_by(OutboundMessage.sent_at.desc(), OutboundMessage.id.desc())
        .limit(1)
    )
    return db.scalars(query).first()


def times_asked(db: Session, administration_id: str, item: int) -> Sequence[OutboundMessage]:
    """Every text that asked her this item, oldest first."""
    query = select(OutboundMessage).where(
        OutboundMessage.administration_id == administration_id, OutboundMessage.item == item
    )
    return db.scalars(query.order_by(OutboundMessage.id)).all()


def count_sent_since(db: Session, phone_index: str, *, since: datetime) -> int:
    """How many texts went, or are about to go, to this number since then."""
    return db.scalar(_SENT_SINCE, {"phone_index": phone_index, "since": since}) or 0


def list_unconfirmed(
    db: Session, *, lane: Lane, sent_before: datetime
) -> Sequence[OutboundMessage]:
    """Texts of this lane that were sent before then and never confirmed by a receipt."""
    query = select(OutboundMessage).where(
        OutboundMessage.lane == lane,
        OutboundMessage.status == OutboundStatus.SENT,
        OutboundMessage.sent_at <= sent_before,
        OutboundMessage.confirm_missed_at.is_(None),
    )
    return db.scalars(query).all()


def count_inbound(db: Session, phone_index: str, *, since: datetime) -> int:
    """How many texts came from this number since then."""
    return db.scalar(_INBOUND_SINCE, {"phone_index": phone_index, "since": since}) or 0
