"""Somebody was sent to her, and nobody knows yet what came of it: who sent whom, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import UNRESOLVED, Disposition, NoteKind, outcome_is_awaited
from bot.storage import alerts
from bot.storage.tables import Alert


@dataclass(frozen=True)
class Awaited:
    """What an alert waits for, whoever has it.

    :param by: who sent somebody; none where it was done outside the console.
    """

    disposition: Disposition
    at: datetime | None
    by: str | None


def find(db: Session, alert: Alert, names: Mapping[str, str]) -> Awaited | None:
    """What must still be asked about her before this alert can end, if anything."""
    if alert.status not in UNRESOLVED or alert.disposition is None:
        return None
    if not outcome_is_awaited(alert.disposition, alert.outcome):
        return None
    kinds = [note for note in alerts.list_notes(db, alert.id) if note.kind == NoteKind.DISPOSITION]
    sent = kinds[-1] if kinds else None
    return Awaited(
        disposition=Disposition(alert.disposition),
        at=sent.at if sent else None,
        by=names.get(sent.staff_id or "") if sent else None,
    )
