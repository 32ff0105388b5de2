"""Finds conversations, check-ins, administrations and appointments."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bot.core.administrations import AdministrationStatus
from bot.core.appointments import AppointmentStatus
from bot.storage.tables import (
    Administration,
    Appointment,
    CheckIn,
    Conversation,
    ItemResponse,
    TurnRecord,
)

_AHEAD = (
    AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.MOVE_REQUESTED,
)
# Asked at every turn of the worker: put together once.
_now = bindparam("now", type_=CheckIn.due_at.type)
_DUE = (
    select(CheckIn.id)
    .where(CheckIn.opened_at.is_(None), CheckIn.cancelled_at.is_(None), CheckIn.due_at <= _now)
    .order_by(CheckIn.due_at)
    .limit(bindparam("most"))
)
_EXPIRED = select(Administration.id).where(
    Administration.status == AdministrationStatus.STARTED, Administration.expires_at <= _now
)


def conversation_of(db: Session, patient_id: str) -> Conversation:
    """Her conversation, locked: two halves of a text may arrive at two gateways."""
    query = select(Conversation).where(Conversation.patient_id == patient_id).with_for_update()
    return db.scalars(query).one()


def mode_of(db: Session, patient_id: str) -> str | None:
    """Who answers her at this moment; only a look, nothing is locked."""
    return db.scalar(select(Conversation.mode).where(Conversation.patient_id == patient_id))


def find_conversation(db: Session, key: str) -> Conversation | None:
    """The conversation that Rasa knows by this key."""
    query = select(Conversation).where(Conversation.key == key).with_for_update()
    return db.scalars(query).one_or_none()


def open_administration(db: Session, patient_id: str) -> Administration | None:
    """The administration she is in the middle of."""
    query = (
        select(Administration)
        .where(
            Administration.patient_id == patient_id,
            Administration.status == AdministrationStatus.STARTED,
        )
        .order_by(Administration.id.desc())
        .limit(1)
    )
    return db.scalars(query).first()


def last_completed(
    db: Session, patient_id: str, instrument_id: str, *, since: datetime
) -> Administration | None:
    """The newest administration of this instrument that she finished since then."""
    query = (
        select(Administration)
        .where(
            Administration.patient_id == patient_id,
            Administration.instrument_id == instrument_id,
            Administration.status == AdministrationStatus.COMPLETED,
            Administration.ended_at >= since,
        )
        .order_by(Administration.ended_at.desc(), Administration.id.desc())
        .limit(1)
    )
    return db.scalars(query).first()


def item_response(db: Session, administration_id: str, item: int) -> ItemResponse | None:
    """Her answer to one item, to be changed."""
    query = select(ItemResponse).where(
        ItemResponse.administration_id == administration_id, ItemResponse.item == item
    )
    return db.scalars(query.with_for_update()).one_or_none()


def item_responses(db: Session, administration_id: str) -> dict[int, int | None]:
    """What she answered so far: item to score, none where skipped."""
    query = select(ItemResponse).where(ItemResponse.administration_id == administration_id)
    return {response.item: response.score for response in db.scalars(query)}


def due_check_in_ids(look: Connection, *, now: datetime, limit: int = 200) -> Sequence[str]:
    """Planned contacts whose time has come."""
    return look.scalars(_DUE, {"now": now, "most": limit}).all()


def expired_administration_ids(look: Connection, *, now: datetime) -> Sequence[str]:
    """Administrations that she did not finish in time."""
    return look.scalars(_EXPIRED, {"now": now}).all()


def next_appointment(db: Session, patient_id: str, *, now: datetime) -> Appointment | None:
    """Her next session."""
    query = (
        select(Appointment)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.starts_at > now,
            Appointment.status.in_(_AHEAD),
        )
        .order_by(Appointment.starts_at)
        .limit(1)
    )
    return db.scalars(query).first()


def has_appointment_between(
    db: Session, patient_id: str, *, start: datetime, end: datetime
) -> bool:
    """Has she a session in this time?"""
    query = select(Appointment.id).where(
        Appointment.patient_id == patient_id,
        Appointment.starts_at >= start,
        Appointment.starts_at < end,
        Appointment.status.in_(_AHEAD),
    )
    return db.scalars(query).first() is not None


def list_check_ins_for(db: Session, appointment_id: str) -> Sequence[CheckIn]:
    """Planned contacts that belong to this appointment and have not happened."""
    query = select(CheckIn).where(
        CheckIn.appointment_id == appointment_id, CheckIn.opened_at.is_(None)
    )
    return db.scalars(query).all()


def find_turn(db: Session, *, inbound_id: str, verb: str) -> TurnRecord | None:
    """What this verb answered to this text before, if it did."""
    return db.get(TurnRecord, (inbound_id, verb))


def any_turn(db: Session, inbound_id: str) -> bool:
    """Did any verb deal with this text?"""
    query = select(TurnRecord.verb).where(TurnRecord.inbound_id == inbound_id)
    return db.scalars(query).first() is not None
