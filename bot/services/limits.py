"""Keeps two bots from texting each other for ever; never stands before a crisis reply."""

from datetime import timedelta
from enum import StrEnum

from bot.core.alerts import SupportKind
from bot.services import support
from bot.services.arrival import Arrival
from bot.storage import arrivals, people
from bot.storage.audit import Audit, record

_PAUSE = timedelta(hours=1)
# The same words this often in a row are a machine's.
_REPEATS = arrivals.MOST + 1
# Two questionnaires in a row are not a loop: the brake is for what goes far beyond.
_TOO_MANY = 3


class Brake(StrEnum):
    """What the brake says about answering a number."""

    FREE = "free"
    STOPS_NOW = "stops_now"
    STOPPED = "stopped"


def brake(case: Arrival) -> Brake:
    """May the bot answer this text? No, once a number writes like a machine; support is told."""
    row, now, state = case.row, case.now, case.sender.state
    stopped_until = state.replies_stopped_until if state is not None else None
    if stopped_until is not None and now < stopped_until:
        return Brake.STOPPED
    if not _writes_like_a_machine(case):
        return Brake.FREE
    state = people.number_state(case.db, row.phone_index)
    state.replies_stopped_until = now + _PAUSE
    support.open_item(
        case.clinic,
        case.db,
        SupportKind.NO_ANSWER,
        patient_id=row.patient_id,
        inbound_id=row.id,
        now=now,
    )
    record(case.db, Audit("system", "stop_loop", f"inbound:{row.id}"), now=now)
    return Brake.STOPS_NOW


def _writes_like_a_machine(case: Arrival) -> bool:
    limits, before = case.clinic.protocol.limits_per_number, case.lately
    if before.texts + 1 > limits.inbound_per_minute:
        return True
    if before.replies >= _TOO_MANY * limits.replies_per_hour:
        return True
    words = [*(text.body for text in before.earlier), case.text.body]
    last = [text.strip().casefold() for text in words]
    # One digit may honestly come several times: a mother answering nine items with 0.
    return len(last) == _REPEATS and len(set(last)) == 1 and len(last[0]) > 3
