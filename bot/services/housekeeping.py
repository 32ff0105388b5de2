"""What the worker does in the background: seals the audit chain and says that it is alive."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.errors import ConfigError
from bot.services import support
from bot.services.clinic import Clinic
from bot.storage import audit, heartbeats
from bot.storage.database import Turn
from bot.storage.tables import Heartbeat

log = structlog.get_logger()


def seal_audit(clinic: Clinic) -> int:
    """Chain the audit events that are not sealed yet; how many there were.

    A chain that was tampered with is not sealed on, and stops nothing else: patients come first.
    """
    with clinic.db.looking() as connection:
        if not audit.any_unsealed(connection):
            return 0
    try:
        with clinic.db.transaction(turn=Turn.BATCH, audited=False) as db:
            return audit.seal_next(db)
    except ConfigError as error:
        log.error("audit chain not sealed", because=str(error))
        return 0


def report_missing_classifier(clinic: Clinic, *, now: datetime) -> None:
    """Danger is found by patterns alone: a task for people, once, until somebody closes it."""
    if clinic.screener.model is None:
        with clinic.db.transaction() as db:
            support.report_trouble(clinic, db, "no_crisis_classifier", now=now)


def beat(clinic: Clinic, process: str, *, now: datetime) -> None:
    """Leave a sign of life."""
    with clinic.db.transaction(turn=Turn.BATCH, audited=False) as db:
        heartbeats.put(db, process, now=now)


def claim_round(clinic: Clinic, work: str, *, every: timedelta, now: datetime) -> bool:
    """Is it time for a round that is not done at every turn? Then it is ours, and nobody else's.

    A clock that was set back does not keep the next round away.
    """
    with clinic.db.looking() as look:
        if not _round_is_due(look, work, every=every, now=now):
            return False
    try:
        with clinic.db.transaction(turn=Turn.BATCH, audited=False) as db:
            if not _round_is_due(db, work, every=every, now=now):
                return False
            db.merge(Heartbeat(process=work, at=now))
    except IntegrityError:
        return False  # another worker began the very first round in the same moment
    return True


def _round_is_due(
    look: Connection | Session, work: str, *, every: timedelta, now: datetime
) -> bool:
    last = heartbeats.last(look, work)
    return last is None or abs(now - last) >= every
