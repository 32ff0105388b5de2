"""What the worker does in the background: seals the audit chain and says that it is alive."""

from datetime import datetime

import structlog

from bot.errors import ConfigError
from bot.services.clinic import Clinic
from bot.storage import audit
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


def beat(clinic: Clinic, process: str, *, now: datetime) -> None:
    """Leave a sign of life."""
    with clinic.db.transaction(turn=Turn.BATCH, audited=False) as db:
        db.merge(Heartbeat(process=process, at=now))
