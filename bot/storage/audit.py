"""Who did what to whom, when; and the chain that shows if somebody changed it."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bot.errors import ConfigError
from bot.storage.sealing import vault_of
from bot.storage.tables import AuditEvent, AuditHead, AuditSeal
from bot.storage.vault import Vault

_FIRST_LINK = "tend"
_INSERT = insert(AuditEvent)
# An event may be committed after one with a higher number (PostgreSQL), but not long after: to look
# through all that were ever sealed, twice a second, would take longer every day.
_LATE = 500
_NEWEST_SEALED = func.coalesce(select(func.max(AuditSeal.event_id)).scalar_subquery(), _LATE)
_UNSEALED = (
    select(AuditEvent.id)
    .outerjoin(AuditSeal, AuditSeal.event_id == AuditEvent.id)
    .where(AuditEvent.id > _NEWEST_SEALED - _LATE, AuditSeal.event_id.is_(None))
    .order_by(AuditEvent.id)
)
_ANY_UNSEALED = _UNSEALED.limit(1)
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


def last_at(db: Session, *, subject: str, verb: str) -> datetime | None:
    """When this was last done to that; none if it never was."""
    query = select(AuditEvent.at).where(AuditEvent.subject == subject, AuditEvent.verb == verb)
    return db.scalars(query.order_by(AuditEvent.id.desc()).limit(1)).first()


def write_recorded(db: Session) -> bool:
    """Write all that was recorded, in one statement, just before the commit; was there any?"""
    waiting = db.info.pop(WAITING, None)
    if waiting:
        db.connection().execute(_INSERT, waiting)
    return bool(waiting)


def seal_next(db: Session, *, limit: int = 500) -> int:
    """Chain the oldest events that are not sealed yet; how many there were.

    :raises ConfigError: the chain does not end where we left it. Sealing on would hide that.
    """
    # Locked before the newest seal is read: another worker may be sealing.
    head = db.get(AuditHead, 1, with_for_update=True)
    last = db.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
    number, link = (last.number, last.link) if last else (0, _FIRST_LINK)
    end = (head.number, head.link) if head is not None else (0, _FIRST_LINK)
    if end != (number, link):
        raise ConfigError("the audit chain does not end where it did: run `tend audit verify`")
    events = list(db.scalars(_UNSEALED.with_only_columns(AuditEvent).limit(limit)))
    seals = []
    for audit_event in events:
        number += 1
        link = vault_of(db).chain(link, _content(audit_event))
        seals.append({"number": number, "event_id": audit_event.id, "link": link})
    if seals:
        db.connection().execute(insert(AuditSeal), seals)
        _sign_head(db, number, link)
    return len(events)


def sign_as_found(db: Session) -> None:
    """Sign the end of a chain that was made before ends were signed: once, at the upgrade."""
    last = db.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
    if last is not None and db.get(AuditHead, 1) is None:
        _sign_head(db, last.number, last.link)


def any_unsealed(connection: Connection) -> bool:
    """Is there something to seal? A look, for which nobody has to wait."""
    return connection.execute(_ANY_UNSEALED).first() is not None


def _sign_head(db: Session, number: int, link: str) -> None:
    signature = _signature(vault_of(db), number, link)
    db.merge(AuditHead(id=1, number=number, link=link, signature=signature))


def _signature(vault: Vault, number: int, link: str) -> str:
    return vault.chain("head", f"{number} {link}")


def problem_of_head(db: Session, number: int, link: str) -> str | None:
    """What is wrong with the end of a chain that is whole up to this link."""
    head = db.get(AuditHead, 1)
    if head is None:
        return "the signed end of the chain is missing" if number else None
    if head.signature != _signature(vault_of(db), head.number, head.link):
        return "the signed end of the chain was changed"
    if head.number > number:
        return f"the chain was cut off: {head.number} events were sealed, {number} are left"
    if (head.number, head.link) != (number, link):
        return f"seals were added after number {head.number}, not by Tend"
    return None


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
    problem = problem or problem_of_head(db, expected, link)
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
