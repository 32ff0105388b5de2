"""Who did what to whom, when; and the chain that shows if somebody changed it."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bot.storage.sealing import vault_of
from bot.storage.tables import AuditEvent, AuditSeal

_FIRST_LINK = "tend"
_INSERT = insert(AuditEvent)
WAITING = "audit"


@dataclass(frozen=True)
class Audit:
    """One act, to be recorded in the transaction that carries it out.

    :param actor: ``system``, ``carrier``, ``patient:ID``, ``staff:ID`` or ``cli:NAME``.
    :param verb: what was done, in the glossary's words.
    :param subject: ``alert:ID`` and the like.
    :param details: ids, statuses and numbers; never words, names or phone numbers.
    """

    actor: str
    verb: str
    subject: str
    details: dict[str, Any] = field(default_factory=dict)


def record(db: Session, audit: Audit, *, now: datetime) -> None:
    """Add an audit event to what is about to be committed."""
    waiting: list[dict[str, Any]] = db.info.setdefault(WAITING, [])
    waiting.append(
        {
            "at": now,
            "actor": audit.actor,
            "verb": audit.verb,
            "subject": audit.subject,
            "details": audit.details,
        }
    )


def write_recorded(db: Session) -> bool:
    """Write all that was recorded, in one statement, just before the commit; was there any?"""
    waiting = db.info.pop(WAITING, None)
    if waiting:
        db.connection().execute(_INSERT, waiting)
    return bool(waiting)


def seal_next(db: Session, *, limit: int = 500) -> int:
    """Chain the oldest events that are not sealed yet; how many there were."""
    last = db.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
    number, link = (last.number, last.link) if last else (0, _FIRST_LINK)
    unsealed = (
        select(AuditEvent)
        .outerjoin(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        .where(AuditSeal.event_id.is_(None))
        .order_by(AuditEvent.id)
        .limit(limit)
    )
    events = list(db.scalars(unsealed))
    for audit_event in events:
        number += 1
        link = vault_of(db).chain(link, _content(audit_event))
        db.add(AuditSeal(number=number, event_id=audit_event.id, link=link))
    return len(events)


@dataclass(frozen=True)
class Verdict:
    """What checking the chain found.

    :param problem: none when every sealed event is there and unchanged.
    """

    sealed: int
    unsealed: int
    problem: str | None


def verify(db: Session) -> Verdict:
    """Walk the whole chain and look for a changed or missing event."""
    total = db.scalar(select(func.count()).select_from(AuditEvent)) or 0
    link, expected, problem = _FIRST_LINK, 0, None
    seals = select(AuditSeal).order_by(AuditSeal.number).execution_options(yield_per=1000)
    for seal in db.scalars(seals):
        expected += 1
        audit_event = db.get(AuditEvent, seal.event_id)
        if seal.number != expected:
            problem = f"seal {expected} is missing"
        elif audit_event is None:
            problem = f"audit event {seal.event_id} is missing"
        else:
            link = vault_of(db).chain(link, _content(audit_event))
            if link != seal.link:
                problem = f"audit event {seal.event_id} was changed, or one before it removed"
        if problem:
            break
        db.expunge(audit_event)
        db.expunge(seal)
    return Verdict(sealed=expected, unsealed=total - expected, problem=problem)


def _content(audit_event: AuditEvent) -> str:
    return json.dumps(
        [
            audit_event.id,
            audit_event.at.isoformat(),
            audit_event.actor,
            audit_event.verb,
            audit_event.subject,
            audit_event.details,
        ],
        sort_keys=True,
    )
