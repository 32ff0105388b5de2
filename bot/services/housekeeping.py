"""What the worker does in the background: seals the audit chain and says that it is alive."""

from datetime import datetime

from bot.services.clinic import Clinic
from bot.storage import audit
from bot.storage.database import Turn
from bot.storage.tables import Heartbeat


def seal_audit(clinic: Clinic) -> int:
    """Chain the audit events that are not sealed yet; how many there were."""
    with clinic.db.transaction(turn=Turn.BATCH, audited=False) as db:
        return audit.seal_next(db)


def beat(clinic: Clinic, process: str, *, now: datetime) -> None:
    """Leave a sign of life."""
    with clinic.db.transaction(turn=Turn.BATCH, audited=False) as db:
        db.merge(Heartbeat(process=process, at=now))
