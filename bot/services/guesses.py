"""Counts wrong tries, and stops whoever guesses: at the door, and at a login left open."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.logins import FAILURES_COUNT_FOR, is_locked
from bot.errors import NotAllowed
from bot.storage import logins, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import LoginFailure

# In place of an address: somebody types a password at a login that is already open.
INSIDE = "inside"
_WAIT = "Too many wrong tries. Wait 15 minutes, or ask for a fresh set-up link."


def refuse_if_locked(db: Session, name: str, address: str, *, now: datetime) -> None:
    """Go on only when there were not too many wrong tries.

    :raises NotAllowed: there were.
    """
    failures = logins.count_failures(
        db,
        name_index=_index(db, "name", name),
        address_index=_index(db, "address", address),
        since=now - FAILURES_COUNT_FOR,
    )
    if is_locked(failures):
        raise NotAllowed(_WAIT)


def note(db: Session, name: str, address: str, *, staff_id: str | None, now: datetime) -> None:
    """One wrong try more; part of the caller's transaction."""
    logins.forget_old_failures(db, before=now - FAILURES_COUNT_FOR)
    db.add(
        LoginFailure(
            name_index=_index(db, "name", name),
            address_index=_index(db, "address", address),
            at=now,
        )
    )
    subject = f"staff:{staff_id or 'unknown'}"
    record(db, Audit("console", "log_in_failed", subject), now=now)


def forgive(db: Session, name: str, address: str) -> None:
    """Who got in is no guesser."""
    logins.forget_failures(
        db, name_index=_index(db, "name", name), address_index=_index(db, "address", address)
    )


def _index(db: Session, kind: str, value: str) -> str:
    return sealing.vault_of(db).index(f"{kind}:{value}")
