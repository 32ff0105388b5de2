"""Stores texts in and out, and lets one worker at a time take the next one."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, aliased

from bot.core.escalation import PageChannel
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
_WAS_RECEIVED = _INBOUND_CALLED.with_only_columns(InboundMessage.id)
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
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
# Two questions, each with an index of its own: one with "or" would walk all that waits for her.
_being_sent = exists().where(
    _other.phone_index == OutboundMessage.phone_index,
    _other.lane == OutboundMessage.lane,
    _other.status == OutboundStatus.SENDING,
    _other.lease_until > _now,
    _other.id != OutboundMessage.id,
)
# Due and earlier, but not to be had: another worker is taking it at this very moment.
_earlier_due = exists().where(
    _other.phone_index == OutboundMessage.phone_index,
    _other.lane == OutboundMessage.lane,
    _other.status == OutboundStatus.QUEUED,
    _other.send_after <= OutboundMessage.send_after,
    or_(_other.send_after < OutboundMessage.send_after, _other.id < OutboundMessage.id),
    _other.id != OutboundMessage.id,
)
_is_due = and_(
    OutboundMessage.status == OutboundStatus.QUEUED,
    OutboundMessage.lane == bindparam("lane"),
    OutboundMessage.send_after <= _now,
)
_DUE_OUTBOUND = (
    select(OutboundMessage)
    .where(_is_due, ~_being_sent, ~_earlier_due)
    .order_by(OutboundMessage.send_after, OutboundMessage.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ANY_OUTBOUND = select(OutboundMessage.id).where(_is_due).limit(1)
_ANY_INBOUND = (
    select(InboundMessage.id)
    .where(
        InboundMessage.dialogue_status.in_(["pending", "claimed"]),
        or_(InboundMessage.dialogue_status == "pending", InboundMessage.lease_until <= _now),
    )
    .limit(1)
)
_is_stalled = and_(
    OutboundMessage.status == OutboundStatus.SENDING, OutboundMessage.lease_until <= _now
)
_ANY_STALLED = select(OutboundMessage.id).where(_is_stalled).limit(1)
_STALLED = select(OutboundMessage).where(_is_stalled)
_is_unconfirmed = and_(
    OutboundMessage.lane == bindparam("lane"),
    OutboundMessage.status == OutboundStatus.SENT,
    OutboundMessage.sent_at <= bindparam("before", type_=OutboundMessage.sent_at.type),
    OutboundMessage.confirm_missed_at.is_(None),
)
_ANY_UNCONFIRMED = select(OutboundMessage.id).where(_is_unconfirmed).limit(1)
_UNCONFIRMED = select(OutboundMessage).where(_is_unconfirmed)
_by = bindparam("by", type_=InboundMessage.received_at.type)
_DEAD_CLAIMS = select(
    select(func.count())
    .where(
        OutboundMessage.status == OutboundStatus.SENDING,
        or_(OutboundMessage.lease_until.is_(None), OutboundMessage.lease_until < _by),
    )
    .scalar_subquery()
    + select(func.count())
    .where(
        InboundMessage.dialogue_status == "claimed",
        or_(InboundMessage.lease_until.is_(None), InboundMessage.lease_until < _by),
    )
    .scalar_subquery()
)
_COUNT_WAITING = select(func.count()).where(
    OutboundMessage.status == OutboundStatus.QUEUED,
    OutboundMessage.lane.in_(bindparam("lanes", expanding=True)),
    OutboundMessage.send_after < _by,
)
_ANY_SENT_BY = (
    select(OutboundMessage.id)
    .where(
        OutboundMessage.channel == bindparam("channel"),
        OutboundMessage.status == OutboundStatus.SENT,
    )
    .limit(1)
)
_OUTBOUND_CALLED = select(OutboundMessage).where(
    OutboundMessage.provider == bindparam("provider"),
    OutboundMessage.provider_id == bindparam("provider_id"),
)
_OUTBOUND_KEYED = select(OutboundMessage.id).where(OutboundMessage.dedupe_key == bindparam("key"))
_WAITS_UNTIL = select(OutboundMessage.send_after).where(
    OutboundMessage.dedupe_key == bindparam("key"),
    OutboundMessage.status.in_([OutboundStatus.QUEUED, OutboundStatus.SENDING]),
)
_EARLY_RECEIPTS = (
    select(ReceiptRecord)
    .where(
        ReceiptRecord.provider == bindparam("provider"),
        ReceiptRecord.provider_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(ReceiptRecord.id)
)
_INSERT = {
    # Of two transactions with the same intention one is told so at once, without a look before it.
    "sqlite": sqlite.insert(OutboundMessage).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(OutboundMessage).on_conflict_do_nothing(),
}


def find_inbound(db: Session, *, provider: str, provider_id: str) -> InboundMessage | None:
    """The text that the carrier calls by this id, if it came before."""
    known = {"provider": provider, "provider_id": provider_id}
    return db.scalars(_INBOUND_CALLED, known).one_or_none()


def was_received(look: Connection, *, provider: str, provider_id: str) -> bool:
    """Did the text come that the carrier calls by this id?"""
    known = {"provider": provider, "provider_id": provider_id}
    return look.execute(_WAS_RECEIVED, known).first() is not None


def claim_next_inbound(
    db: Session, *, worker: str, now: datetime, lease: timedelta
) -> InboundMessage | None:
    """Take the oldest text that waits for the dialogue."""
    return next(iter(claim_inbound(db, worker=worker, now=now, lease=lease, most=1)), None)


def claim_inbound(
    db: Session, *, worker: str, now: datetime, lease: timedelta, most: int
) -> Sequence[InboundMessage]:
    """Take the oldest texts that wait for the dialogue, one a conversation, in order.

    A text whose worker died comes back when its lease ends.
    """
    rows = db.scalars(_WAITING_INBOUND, {"now": now, "most": most}).all()
    for row in rows:
        row.dialogue_status = "claimed"
        row.claimed_by, row.lease_until = worker, now + lease
        row.attempts += 1
    return rows


def renew_inbound(
    db: Session, inbound_ids: Collection[str], *, worker: str, until: datetime
) -> None:
    """Keep texts in hand for longer, unless somebody else has taken one over."""
    db.execute(
        update(InboundMessage)
        .where(
            InboundMessage.id.in_(inbound_ids),
            InboundMessage.dialogue_status == "claimed",
            InboundMessage.claimed_by == worker,
        )
        .values(lease_until=until)
        .execution_options(synchronize_session=False)
    )


def claim_next_outbound(
    db: Session, *, worker: str, now: datetime, lease: timedelta, lanes: Sequence[Lane]
) -> OutboundMessage | None:
    """Take the next due text, the most pressing lane first.

    A text stays behind an earlier one to the same number that is due or being sent right now.
    """
    return next(iter(claim_due(db, worker=worker, now=now, lease=lease, lanes=lanes, most=1)), None)


def claim_due(
    db: Session,
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    lanes: Sequence[Lane],
    most: int,
) -> list[OutboundMessage]:
    """Take several due texts, the most pressing lanes first; at most one a lane and number."""
    taken: list[OutboundMessage] = []
    for lane in lanes:
        if len(taken) < most:
            given = {"lane": lane, "now": now, "most": most - len(taken)}
            taken.extend(db.scalars(_DUE_OUTBOUND, given))
    for row in taken:
        row.status = OutboundStatus.SENDING
        row.claimed_by, row.lease_until = worker, now + lease
        row.attempts += 1
    return taken


def any_due(connection: Connection, *, now: datetime, lanes: Sequence[Lane]) -> bool:
    """Might there be something to send? A look, for which nobody has to wait."""
    return any(
        connection.execute(_ANY_OUTBOUND, {"lane": lane, "now": now}).first() for lane in lanes
    )


def any_waiting(connection: Connection, *, now: datetime) -> bool:
    """Might there be a text for the dialogue? A look, for which nobody has to wait."""
    return connection.execute(_ANY_INBOUND, {"now": now}).first() is not None


def list_by_id(db: Session, ids: Collection[str]) -> dict[str, OutboundMessage]:
    """These texts, by their ids; locked, since a receipt may come at the same moment."""
    query = select(OutboundMessage).where(OutboundMessage.id.in_(ids)).order_by(OutboundMessage.id)
    return {row.id: row for row in db.scalars(query.with_for_update())}


def any_stalled(look: Connection, *, now: datetime) -> bool:
    """Is there a text whose worker died with it in its hand?"""
    return look.execute(_ANY_STALLED, {"now": now}).first() is not None


def list_stalled(db: Session, *, now: datetime) -> Sequence[OutboundMessage]:
    """Texts whose worker died with them in its hand."""
    return db.scalars(_STALLED, {"now": now}).all()


def find_outbound(db: Session, *, provider: str, provider_id: str) -> OutboundMessage | None:
    """The text that the carrier calls by this id."""
    known = {"provider": provider, "provider_id": provider_id}
    return db.scalars(_OUTBOUND_CALLED, known).one_or_none()


def last_text_to(db: Session, patient_id: str) -> str | None:
    """Which text of ours she was given last; none where she never was."""
    query = select(OutboundMessage.text_id).where(OutboundMessage.patient_id == patient_id)
    return db.scalars(query.order_by(OutboundMessage.id.desc()).limit(1)).first()


def count_said(db: Session, phone_index: str, *, text_ids: Collection[str], since: datetime) -> int:
    """How often this number was told one of these since then."""
    query = select(func.count()).where(
        OutboundMessage.phone_index == phone_index,
        OutboundMessage.created_at >= since,
        OutboundMessage.text_id.in_(text_ids),
    )
    return db.scalar(query) or 0


def newest_to(db: Session, patient_id: str) -> OutboundMessage | None:
    """The text that was queued for her last, whether it went yet or not."""
    query = select(OutboundMessage).where(OutboundMessage.patient_id == patient_id)
    return db.scalars(query.order_by(OutboundMessage.id.desc()).limit(1)).first()


def has_outbound(db: Session, dedupe_key: str) -> bool:
    """Was this intention queued before?"""
    return db.scalars(_OUTBOUND_KEYED, {"key": dedupe_key}).first() is not None


def waits_until(db: Session, dedupe_key: str) -> datetime | None:
    """When this text is to go, while it still waits; none when it went, failed or never was."""
    row = db.execute(_WAITS_UNTIL, {"key": dedupe_key}).first()
    return row[0] if row else None


def add_outbound(db: Session, row: OutboundMessage) -> bool:
    """Put a text into the outbox; false when its intention is there already."""
    statement = _INSERT[db.get_bind().dialect.name].execution_options(preserve_rowcount=True)
    written = cast(CursorResult[Any], db.connection().execute(statement, columns_of(row)))
    return written.rowcount == 1


def columns_of(row: InboundMessage | OutboundMessage) -> dict[str, Any]:
    """The values that were given to a row; the others get their defaults."""
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def take_early_receipts(
    db: Session, *, provider: str, provider_ids: Collection[str]
) -> Sequence[ReceiptRecord]:
    """Receipts that came before the send was recorded; they are not kept any longer."""
    receipts = db.scalars(_EARLY_RECEIPTS, {"provider": provider, "ids": list(provider_ids)}).all()
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


def list_unconfirmed(
    db: Session, *, lane: Lane, sent_before: datetime
) -> Sequence[OutboundMessage]:
    """Texts of this lane that were sent before then and never confirmed by a receipt."""
    return db.scalars(_UNCONFIRMED, {"lane": lane, "before": sent_before}).all()


def any_unconfirmed(look: Connection, *, lane: Lane, sent_before: datetime) -> bool:
    """Is there a text of this lane that was sent before then and never confirmed?"""
    given = {"lane": lane, "before": sent_before}
    return look.execute(_ANY_UNCONFIRMED, given).first() is not None


def count_dead_claims(look: Connection, *, before: datetime) -> int:
    """How many texts, in or out, are claimed by a worker whose lease ended before then."""
    return look.scalar(_DEAD_CLAIMS, {"by": before}) or 0


def count_waiting(look: Connection, *, lanes: Sequence[Lane], due_before: datetime) -> int:
    """How many texts of these lanes were due before then, and nobody has taken them."""
    return look.scalar(_COUNT_WAITING, {"lanes": list(lanes), "by": due_before}) or 0


def any_sent_by(look: Connection, channel: PageChannel) -> bool:
    """Did anything go this way that was not confirmed yet?"""
    return look.execute(_ANY_SENT_BY, {"channel": channel}).first() is not None


def list_sent_by(db: Session, channel: PageChannel) -> Sequence[OutboundMessage]:
    """What went this way and was not confirmed yet."""
    query = select(OutboundMessage).where(
        OutboundMessage.channel == channel, OutboundMessage.status == OutboundStatus.SENT
    )
    return db.scalars(query.order_by(OutboundMessage.id)).all()
