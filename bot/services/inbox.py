"""A support worker's day: tasks, today's sessions, promises due, texts that did not arrive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind, SupportStatus
from bot.core.appointments import AppointmentStatus
from bot.core.messages import OutboundStatus
from bot.errors import NotAllowed, NotFound
from bot.services import notes, support
from bot.services.clinic import Clinic
from bot.services.inbox_cards import Card, closed_with, list_cards, on_card
from bot.services.notes import WrittenNote
from bot.services.patient_directory import Entry
from bot.storage.audit import Audit, record
from bot.storage.tables import (
    Appointment,
    OutboundMessage,
    SupportAssignment,
    SupportItem,
)

_UNDELIVERED_FOR = timedelta(days=3)


@dataclass(frozen=True)
class SessionLine:
    """A session of today."""

    starts_at: datetime
    entry: Entry | None
    status: AppointmentStatus


@dataclass(frozen=True)
class UndeliveredLine:
    """A text that did not arrive."""

    at: datetime
    entry: Entry | None
    text_id: str
    error: str


@dataclass(frozen=True)
class Day:
    """Everything that the page shows."""

    cards: Sequence[Card]
    sessions: Sequence[SessionLine]
    undelivered: Sequence[UndeliveredLine]
    hand_overs: Sequence[WrittenNote]


def look_at(
    clinic: Clinic,
    entries: Mapping[str, Entry],
    *,
    with_words: bool,
    with_scores: bool,
    by: str,
    now: datetime,
) -> Day:
    """The whole day; that it was looked at goes on record.

    :param with_words: show what she wrote; the paper list does not.
    :param with_scores: show her bare answers to items as well.
    """
    with clinic.db.reading() as db:
        day = Day(
            cards=list_cards(db, entries, with_words=with_words, with_scores=with_scores),
            sessions=_sessions(clinic, db, entries, now=now),
            undelivered=_undelivered(db, entries, now=now),
            hand_overs=notes.last_hand_overs(db),
        )
    with clinic.db.transaction() as db:
        details = {"tasks": sum(len(card.tasks) for card in day.cards), "words": with_words}
        record(db, Audit(by, "view_inbox", "inbox", details), now=now)
    return day


def assign(clinic: Clinic, item_id: str, *, staff_id: str, now: datetime) -> None:
    """This person deals with it, and with what stands on its card."""
    with clinic.db.transaction() as db:
        for item in on_card(db, _get(db, item_id)):
            db.merge(SupportAssignment(item_id=item.id, staff_id=staff_id, at=now))
            record(db, Audit(f"staff:{staff_id}", "assign", f"support:{item.id}"), now=now)


def unassign(clinic: Clinic, item_id: str, *, staff_id: str, now: datetime) -> None:
    """Nobody in particular deals with it, nor with what stands on its card."""
    with clinic.db.transaction() as db:
        for item in on_card(db, _get(db, item_id)):
            assignment = db.get(SupportAssignment, item.id)
            if assignment is not None:
                db.delete(assignment)
            record(db, Audit(f"staff:{staff_id}", "unassign", f"support:{item.id}"), now=now)


def close(clinic: Clinic, item_id: str, *, staff_id: str, now: datetime) -> None:
    """It is dealt with, and what stands on its card with it; each on record.

    :raises NotAllowed: a follow-up call, which nobody ticks off without a word on how she is.
    """
    if is_call(clinic, item_id):
        raise NotAllowed("Note the call on the page of its alert: that closes it.")
    with clinic.db.transaction() as db:
        for item in on_card(db, _get(db, item_id)):
            support.close(db, item, by=f"staff:{staff_id}", now=now)


def reopen(clinic: Clinic, item_id: str, *, staff_id: str, now: datetime) -> None:
    """Closed by mistake, and with it what stood on its card."""
    with clinic.db.transaction() as db:
        for item in closed_with(db, _get(db, item_id)):
            item.status, item.closed_at = SupportStatus.OPEN, None
            if item.kind == SupportKind.FOLLOW_UP:
                # Open again, it must also page again when nobody makes it.
                item.raise_at = item.due_at
            record(db, Audit(f"staff:{staff_id}", "reopen_item", f"support:{item.id}"), now=now)


def patient_of(clinic: Clinic, item_id: str) -> str | None:
    """Whom a task is about.

    :raises NotFound: there is no such task.
    """
    with clinic.db.reading() as db:
        return _get(db, item_id).patient_id


def is_call(clinic: Clinic, item_id: str) -> bool:
    """Is it a follow-up call? A text to her does not settle that.

    :raises NotFound: there is no such task.
    """
    with clinic.db.reading() as db:
        return _get(db, item_id).kind == SupportKind.FOLLOW_UP


def _get(db: Session, item_id: str) -> SupportItem:
    item = db.get(SupportItem, item_id)
    if item is None:
        raise NotFound("no such task")
    return item


def _sessions(
    clinic: Clinic, db: Session, entries: Mapping[str, Entry], *, now: datetime
) -> list[SessionLine]:
    """The sessions of today, in the practice's zone."""
    zone = ZoneInfo(clinic.protocol.staffed_hours.zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    query = (
        select(Appointment)
        .where(
            Appointment.starts_at >= midnight,
            Appointment.starts_at < midnight + timedelta(days=1),
            Appointment.status != AppointmentStatus.CANCELLED,
        )
        .order_by(Appointment.starts_at)
    )
    return [
        SessionLine(row.starts_at, entries.get(row.patient_id), AppointmentStatus(row.status))
        for row in db.scalars(query)
    ]


def _undelivered(
    db: Session, entries: Mapping[str, Entry], *, now: datetime
) -> list[UndeliveredLine]:
    query = (
        select(OutboundMessage)
        .where(
            OutboundMessage.status == OutboundStatus.FAILED,
            OutboundMessage.failed_at >= now - _UNDELIVERED_FOR,
            OutboundMessage.patient_id.is_not(None),
        )
        .order_by(OutboundMessage.failed_at.desc())
        .limit(50)
    )
    return [
        UndeliveredLine(
            row.failed_at or row.created_at,
            entries.get(row.patient_id or ""),
            row.text_id,
            row.error_code or row.error or "",
        )
        for row in db.scalars(query)
    ]
