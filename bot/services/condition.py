"""How the line itself is doing: who works, what waits, what is in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.core.messages import Lane, OutboundStatus
from bot.services.clinic import Clinic
from bot.storage import schema
from bot.storage.tables import AuditEvent, AuditSeal, Heartbeat, InboundMessage, OutboundMessage


@dataclass(frozen=True)
class Queue:
    """Texts of one lane that are due and not gone."""

    lane: Lane
    waiting: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class Condition:
    """What can be read from the database about the line."""

    beats: Mapping[str, datetime]
    queues: Sequence[Queue]
    unanswered: int
    unanswered_since: datetime | None
    failed_today: int
    unsealed: int
    migration: str | None


def look_at(clinic: Clinic, *, since: datetime, now: datetime) -> Condition:
    """Everything at this moment.

    :param since: from when on failed texts are counted.
    """
    with clinic.db.reading() as db:
        beats = {beat.process: beat.at for beat in db.scalars(select(Heartbeat))}
        due = (
            select(OutboundMessage.lane, func.count(), func.min(OutboundMessage.send_after))
            .where(
                OutboundMessage.status == OutboundStatus.QUEUED,
                OutboundMessage.send_after <= now,
            )
            .group_by(OutboundMessage.lane)
        )
        waiting = {lane: (count, oldest) for lane, count, oldest in db.execute(due)}
        unanswered = db.execute(
            select(func.count(), func.min(InboundMessage.received_at)).where(
                InboundMessage.dialogue_status.in_(["pending", "claimed"])
            )
        ).one()
        failed = select(func.count()).where(
            OutboundMessage.status == OutboundStatus.FAILED, OutboundMessage.failed_at >= since
        )
        newest_event = db.scalar(select(func.max(AuditEvent.id))) or 0
        newest_seal = db.scalar(select(func.max(AuditSeal.event_id))) or 0
        return Condition(
            beats=beats,
            queues=[Queue(lane, *waiting.get(lane, (0, None))) for lane in Lane],
            unanswered=unanswered[0],
            unanswered_since=unanswered[1],
            failed_today=db.scalar(failed) or 0,
            unsealed=max(0, newest_event - newest_seal),
            migration=schema.current(clinic.db.engine),
        )
