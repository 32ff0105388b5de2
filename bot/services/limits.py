"""Keeps two bots from texting each other for ever; never stands before a crisis reply."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.services import support
from bot.services.clinic import Clinic
from bot.storage import messages, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import InboundMessage

_PAUSE = timedelta(hours=1)
_HOUR = timedelta(hours=1)
# The same words this often in a row are a machine's.
_REPEATS = 5
# Two questionnaires in a row are not a loop: the brake is for what goes far beyond.
_TOO_MANY = 3


class Brake(StrEnum):
    """What the brake says about answering a number."""

    FREE = "free"
    STOPS_NOW = "stops_now"
    STOPPED = "stopped"


def brake(
    db: Session,
    row: InboundMessage,
    *,
    patient_id: str | None,
    clinic: Clinic,
    now: datetime,
) -> Brake:
    """May the bot answer this text? No, once a number writes like a machine; support is told."""
    state = people.number_state(db, row.phone_index)
    if state.replies_stopped_until is not None and now < state.replies_stopped_until:
        return Brake.STOPPED
    if not _writes_like_a_machine(db, row, clinic, now=now):
        return Brake.FREE
    state.replies_stopped_until = now + _PAUSE
    support.open_item(
        clinic, db, SupportKind.NO_ANSWER, patient_id=patient_id, inbound_id=row.id, now=now
    )
    record(db, Audit("system", "stop_loop", f"inbound:{row.id}"), now=now)
    return Brake.STOPS_NOW


def _writes_like_a_machine(
    db: Session, row: InboundMessage, clinic: Clinic, *, now: datetime
) -> bool:
    limits = clinic.protocol.limits_per_number
    texts = messages.recent_inbound(db, row.phone_index, since=now - _HOUR, limit=_REPEATS)
    minute = messages.count_inbound(db, row.phone_index, since=now - timedelta(minutes=1))
    if minute > limits.inbound_per_minute:
        return True
    if messages.count_sent_since(db, row.phone_index, since=now - _HOUR) >= _TOO_MANY * (
        limits.replies_per_hour
    ):
        return True
    last = [sealing.get(db, text, "body").strip().casefold() for text in texts]
    # One digit may honestly come several times: a mother answering nine items with 0.
    return len(last) == _REPEATS and len(set(last)) == 1 and len(last[0]) > 3
