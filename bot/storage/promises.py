"""Finds what she was told about an alert or a task, and by when she was to hear from a person."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, func, literal, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, aliased

from bot.core.alerts import AlertStatus, SupportStatus
from bot.core.messages import OutboundStatus
from bot.storage.tables import Alert, InboundMessage, OutboundMessage, SupportItem

_told = aliased(OutboundMessage)
# What failed or was suppressed promised her nothing.
_STANDS = (
    OutboundStatus.QUEUED,
    OutboundStatus.SENDING,
    OutboundStatus.SENT,
    OutboundStatus.DELIVERED,
)
# Asked at every turn of the worker: put together once.
_OPEN_WITH_PATIENT = (
    select(Alert)
    .where(Alert.status == AlertStatus.OPEN, Alert.patient_id.is_not(None))
    .order_by(Alert.id)
)
_LAST_PROMISE = (
    select(OutboundMessage)
    .where(
        OutboundMessage.patient_id == bindparam("patient_id"),
        OutboundMessage.created_at >= bindparam("since", type_=Alert.raised_at.type),
        OutboundMessage.text_id.in_(bindparam("text_ids", expanding=True)),
        OutboundMessage.status.in_(_STANDS),
    )
    .order_by(OutboundMessage.created_at.desc(), OutboundMessage.id.desc())
    .limit(1)
)
_ANY_OVERDUE = (
    select(SupportItem.id)
    .where(
        SupportItem.status == SupportStatus.OPEN,
        SupportItem.due_at <= bindparam("now", type_=Alert.raised_at.type),
        SupportItem.patient_id.is_not(None),
    )
    .limit(1)
)


def key_of(outbound_id: str) -> str:
    """Names the follow-up of one promise, so that it happens once."""
    return f"promise:{outbound_id}"


def texts_about_alert(db: Session, alert: Alert, *, since: datetime) -> Sequence[OutboundMessage]:
    """What went, or is about to go, to her about this alert since then; oldest first."""
    if alert.patient_id is None:
        return []
    query = select(OutboundMessage).where(
        OutboundMessage.patient_id == alert.patient_id,
        OutboundMessage.alert_id == alert.id,
        OutboundMessage.created_at >= since,
    )
    return db.scalars(query.order_by(OutboundMessage.send_after, OutboundMessage.id)).all()


def count_unanswered(db: Session, alert: Alert) -> int:
    """How many texts of hers have come in since she was last told anything about this alert."""
    if alert.patient_id is None:
        return 0
    told = select(OutboundMessage).where(
        OutboundMessage.patient_id == alert.patient_id,
        OutboundMessage.alert_id == alert.id,
        OutboundMessage.status.in_(_STANDS),
    )
    last = db.scalars(told.order_by(OutboundMessage.id.desc()).limit(1)).first()
    query = (
        select(func.count())
        .select_from(InboundMessage)
        .where(
            InboundMessage.patient_id == alert.patient_id,
            InboundMessage.received_at >= alert.raised_at,
        )
    )
    if last is not None and last.in_reply_to is not None:
        query = query.where(InboundMessage.id > last.in_reply_to)
    elif last is not None:
        query = query.where(InboundMessage.received_at > last.created_at)
    return db.scalar(query) or 0


def open_alerts_with_patient(db: Session) -> Sequence[Alert]:
    """Alerts that nobody has, about mothers whom we know."""
    return db.scalars(_OPEN_WITH_PATIENT).all()


def last_promise(db: Session, alert: Alert, *, text_ids: Collection[str]) -> OutboundMessage | None:
    """The newest promise to her since this alert was raised, on its way or there.

    Texts of the dialogue carry no alert: what was said to her since then is what counts.
    """
    given = {
        "patient_id": alert.patient_id,
        "since": alert.raised_at,
        "text_ids": list(text_ids),
    }
    return db.scalars(_LAST_PROMISE, given).first()


def any_overdue_task(look: Connection, *, now: datetime) -> bool:
    """Is there an open task of support about a mother whose time has passed, promised or not?"""
    return look.execute(_ANY_OVERDUE, {"now": now}).first() is not None


def overdue_tasks(
    db: Session, *, text_ids: Collection[str], now: datetime, limit: int = 50
) -> Sequence[tuple[SupportItem, OutboundMessage]]:
    """Open tasks of support whose time has passed, with the promise that she was given."""
    query = (
        select(SupportItem, OutboundMessage)
        .join(OutboundMessage, OutboundMessage.in_reply_to == SupportItem.inbound_id)
        .where(
            SupportItem.status == SupportStatus.OPEN,
            SupportItem.due_at <= now,
            SupportItem.patient_id.is_not(None),
            OutboundMessage.text_id.in_(text_ids),
            OutboundMessage.sent_at.is_not(None),
            ~exists().where(_told.dedupe_key == literal("promise:") + OutboundMessage.id),
        )
        .order_by(SupportItem.due_at)
        .limit(limit)
    )
    return [(item, row) for item, row in db.execute(query).all()]


def was_reopened(db: Session, alert_id: str) -> bool:
    """Did somebody have this alert, and has it no more?"""
    query = select(OutboundMessage.id).where(
        OutboundMessage.alert_id == alert_id, OutboundMessage.text_id == "page_reopened"
    )
    return db.scalars(query.limit(1)).first() is not None


def is_followed_up(db: Session, outbound_id: str) -> bool:
    """Was this promise followed up already?"""
    query = select(OutboundMessage.id).where(OutboundMessage.dedupe_key == key_of(outbound_id))
    return db.scalars(query).first() is not None
