"""The audit events as the console shows them: filtered, named, and as a file."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.services.clinic import Clinic
from bot.services.staff_names import actor_name
from bot.storage import audit, people, sealing
from bot.storage.audit import Audit, Verdict, record
from bot.storage.tables import AuditEvent

SHOWN = 100
_MOST_IN_A_FILE = 100_000
_AT_ONCE = 2_000


@dataclass(frozen=True)
class Filter:
    """Which events; an empty part lets everything through.

    :param before_id: events before this one, for the next page.
    """

    actor: str = ""
    verb: str = ""
    subject: str = ""
    start: datetime | None = None
    end: datetime | None = None
    before_id: int | None = None


@dataclass(frozen=True)
class EventLine:
    """One audit event."""

    id: int
    at: datetime
    actor: str
    who: str
    verb: str
    subject: str
    details: str


def look_at(clinic: Clinic, wanted: Filter, *, by: str, now: datetime) -> Sequence[EventLine]:
    """The newest events that pass; that somebody looked goes on record too."""
    with clinic.db.reading() as db:
        names = _names(db)
        rows = db.scalars(_query(wanted).limit(SHOWN)).all()
        lines = [_line(row, names) for row in rows]
    with clinic.db.transaction() as db:
        record(db, Audit(by, "view_audit", "audit", _told(wanted)), now=now)
    return lines


def export_csv(clinic: Clinic, wanted: Filter, *, by: str, now: datetime) -> Iterator[str]:
    """The events that pass as CSV, the newest first, in pieces."""
    with clinic.db.transaction() as db:
        record(db, Audit(by, "export", "audit", _told(wanted)), now=now)
    yield _csv([["id", "at", "actor", "who", "verb", "subject", "details"]])
    before, left = wanted.before_id, _MOST_IN_A_FILE
    while left > 0:
        page = Filter(wanted.actor, wanted.verb, wanted.subject, wanted.start, wanted.end, before)
        with clinic.db.reading() as db:
            names = _names(db)
            rows = db.scalars(_query(page).limit(min(_AT_ONCE, left))).all()
            lines = [_line(row, names) for row in rows]
        if not lines:
            return
        before, left = lines[-1].id, left - len(lines)
        yield _csv(
            [
                [
                    *(str(line.id), line.at.isoformat(), line.actor, line.who),
                    *(line.verb, line.subject, line.details),
                ]
                for line in lines
            ]
        )


def verify(clinic: Clinic, *, by: str, now: datetime) -> Verdict:
    """Walk the whole chain and look for a changed or missing event."""
    with clinic.db.reading() as db:
        verdict = audit.verify(db)
    with clinic.db.transaction() as db:
        details = {"sealed": verdict.sealed, "well": verdict.problem is None}
        record(db, Audit(by, "verify_audit", "audit", details), now=now)
    return verdict


def _query(wanted: Filter) -> Select[AuditEvent]:
    query = select(AuditEvent).order_by(AuditEvent.id.desc())
    if wanted.actor:
        query = query.where(AuditEvent.actor == wanted.actor)
    if wanted.verb:
        query = query.where(AuditEvent.verb == wanted.verb)
    if wanted.subject:
        query = query.where(AuditEvent.subject == wanted.subject)
    if wanted.start is not None:
        query = query.where(AuditEvent.at >= wanted.start)
    if wanted.end is not None:
        query = query.where(AuditEvent.at < wanted.end)
    if wanted.before_id is not None:
        query = query.where(AuditEvent.id < wanted.before_id)
    return query


def _told(wanted: Filter) -> dict[str, Any]:  # an audit event's details are JSON
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(wanted).items()
        if value
    }


def _names(db: Session) -> dict[str, str]:
    return {person.id: sealing.get(db, person, "name") for person in people.list_staff(db)}


def _line(row: AuditEvent, names: dict[str, str]) -> EventLine:
    return EventLine(
        id=row.id,
        at=row.at,
        actor=row.actor,
        who=actor_name(row.actor, names),
        verb=row.verb,
        subject=row.subject,
        details=json.dumps(row.details, sort_keys=True) if row.details else "",
    )


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([[_tame(cell) for cell in row] for row in rows])
    return out.getvalue()


def _tame(cell: str) -> str:
    """A spreadsheet must not take a cell for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
