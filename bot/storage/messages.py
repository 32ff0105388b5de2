"""Stores texts in and out, and lets one worker at a time take the next one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.core.messages import Lane, OutboundStatus
from bot.storage.tables import InboundMessage, OutboundMessage, ReceiptRecord


def find_inbound(db: Session, *, provider: str, provider_id: str) -> InboundMessage | None:
    """The text that the carrier calls by this id, if it came before."""
    query = select(InboundMessage).where(
        InboundMessage.provider == provider, InboundMessage.provider_id == provider_id
    )
    return db.scalars(query).one_or_none()


def recent_inbound(
    db: Session, phone_index: str, *, since: datetime, limit: int
) -> Sequence[InboundMessage]:
    """The last texts from this number, oldest first."""
    query = (
        select(InboundMessage)
        .where(InboundMessage.phone_index == phone_index, InboundMessage.received_at >= since)
        .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
        .limit(limit)
    )
    return list(reversed(db.scalars(query).all()))


def claim_next_inbound(
    db: Session, *, worker: str, now: datetime, lease: timedelta
) -> InboundMessage | None:
    """Take the oldest text that waits for the dialogue, one conversation at a time, in order.

    A text whose worker died comes back when its lease ends.
    """
    earlier = aliased(InboundMessage)
    # Only the first waiting text of a number: the later ones wait for its answer.
    first_of_number = ~exists().where(
        earlier.phone_index == InboundMessage.phone_index,
        earlier.dialogue_status.in_(["pending", "claimed"]),
        or_(
            earlier.received_at < InboundMessage.received_at,
            and_(earlier.received_at == InboundMessage.received_at, earlier.id < InboundMessage.id),
        ),
    )
    free = or_(
        InboundMessage.dialogue_status == "pending",
        and_(InboundMessage.dialogue_status == "claimed", InboundMessage.lease_until <= now),
    )
    query = (
        select(InboundMessage)
        .where(
            InboundMessage.dialogue_status.in_(["pending", "claimed"]),
            free,
            or_(InboundMessage.retry_at.is_(None), InboundMessage.retry_at <= now),
            first_of_number,
        )
        .order_by(InboundMessage.received_at, InboundMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = db.scalars(query).one_or_none()
    if row is not None:
        row.dialogue_status = "claimed"
        row.claimed_by, row.lease_until = worker, now + lease
        row.attempts += 1
    return row


def claim_next_outbound(
    db: Session, *, worker: str, now: datetime, lease: timedelta, lanes: Sequence[Lane]
) -> OutboundMessage | None:
    """Take the next due text, the most pressing lane first.

    A text stays behind an earlier one to the same number that is being sent right now.
    """
    other = aliased(OutboundMessage)
    number_is_busy = exists().where(
        other.phone_index == OutboundMessage.phone_index,
        other.lane == OutboundMessage.lane,
        other.status == OutboundStatus.SENDING,
        other.lease_until > now,
        other.id != OutboundMessage.id,
    )
    for lane in lanes:
        query = (
            select(OutboundMessage)
            .where(
                OutboundMessage.status == OutboundStatus.QUEUED,
                OutboundMessage.lane == lane,
                OutboundMessage.send_after <= now,
                ~number_is_busy,
            )
            .order_by(OutboundMessage.send_after, OutboundMessage.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = db.scalars(query).one_or_none()
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
    query = select(OutboundMessage).where(
        OutboundMessage.provider == provider, OutboundMessage.provider_id == provider_id
    )
    return db.scalars(query).one_or_none()


def has_outbound(db: Session, dedupe_key: str) -> bool:
    """Was this intention queued before?"""
    query = select(OutboundMessage.id).where(OutboundMessage.dedupe_key == dedupe_key)
    return db.scalars(query).first() is not None


def take_early_receipts(db: Session, *, provider: str, provider_id: str) -> Sequence[ReceiptRecord]:
    """Receipts that came before the send was recorded; they are not kept any longer."""
    query = (
        select(ReceiptRecord)
        .where(ReceiptRecord.provider == provider, ReceiptRecord.provider_id == provider_id)
        .order_by(ReceiptRecord.id)
    )
    receipts = db.scalars(query).all()
    for receipt in receipts:
        db.delete(receipt)
    return receipts


def list_queued_to(db: Session, phone_index: str) -> Sequence[OutboundMessage]:
    """What still waits to go to this number."""
    query = select(OutboundMessage).where(
        OutboundMessage.phone_index == phone_index,
        OutboundMessage.status == OutboundStatus.QUEUED,
    )
    return db.scalars(query).all()


def list_queued_for_appointment(db: Session, appointment_id: str) -> Sequence[OutboundMessage]:
    """What still waits to go out about this appointment."""
    query = select(OutboundMessage).where(
        OutboundMessage.appointment_id == appointment_id,
        OutboundMessage.status == OutboundStatus.QUEUED,
    )
    return db.scalars(query).all()


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


def count_sent_since(db: Session, phone_index: str, *, since: datetime) -> int:
    """How many texts went, or are about to go, to this number since then."""
    query = (
        select(func.count())
        .select_from(OutboundMessage)
        .where(
            OutboundMessage.phone_index == phone_index,
            OutboundMessage.created_at >= since,
            OutboundMessage.status != OutboundStatus.SUPPRESSED,
        )
    )
    return db.scalar(query) or 0


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
    query = (
        select(func.count())
        .select_from(InboundMessage)
        .where(InboundMessage.phone_index == phone_index, InboundMessage.received_at >= since)
    )
    return db.scalar(query) or 0
