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


def brake(arrival: Arrival) -> Brake:
    """May the bot answer this text? No, once a number writes like a machine; support is told."""
    row, now, state = arrival.row, arrival.now, arrival.sender.state
    stopped_until = state.replies_stopped_until if state is not None else None
    if stopped_until is not None and now < stopped_until:
        return Brake.STOPPED
    if not _writes_like_a_machine(arrival):
        return Brake.FREE
    state = people.number_state(arrival.db, row.phone_index)
    state.replies_stopped_until = now + _PAUSE
    support.open_item(
        arrival.clinic,
        arrival.db,
        SupportKind.NO_ANSWER,
        patient_id=row.patient_id,
        inbound_id=row.id,
        now=now,
    )
    record(arrival.db, Audit("system", "stop_loop", f"inbound:{row.id}"), now=now)
    return Brake.STOPS_NOW


def _writes_like_a_machine(arrival: Arrival) -> bool:
    limits, before = arrival.clinic.protocol.limits_per_number, arrival.lately
    if before.texts + 1 > limits.inbound_per_minute:
        return True
    if before.replies >= _TOO_MANY * limits.replies_per_hour:
        return True
    words = [*(text.body for text in before.earlier), arrival.text.body]
    last = [text.strip().casefold() for text in words]
    # One digit may honestly come several times: a mother answering nine items with 0.
    return len(last) == _REPEATS and len(set(last)) == 1 and len(last[0]) > 3
