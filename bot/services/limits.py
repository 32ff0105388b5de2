"""Keeps two bots from texting each other for ever; never stands before a crisis reply."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.alerts import SupportKind
from bot.services import support
from bot.services.arrival import Arrival
from bot.storage import arrivals, messages, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Staff

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
    _pause(case, now=now)
    support.open_item(
        case.clinic,
        case.db,
        SupportKind.NO_ANSWER,
        patient_id=row.patient_id,
        inbound_id=row.id,
        now=now,
    )
    return Brake.STOPS_NOW


def brake_staff(case: Arrival, staff: Staff, *, answers: Collection[str]) -> Brake:
    """May what a colleague's phone texts, and nobody understood, be answered once more?

    Only such answers are counted: whoever is paged all night is no machine. Somebody must look at
    a phone that answers by itself: its owner may be away while the rota names him.

    :param answers: the ids of the texts that say that it was not understood.
    """
    db, now, index = case.db, case.now, case.row.phone_index
    stopped_until = people.number_state(db, index).replies_stopped_until
    if stopped_until is not None and now < stopped_until:
        return Brake.STOPPED
    said = messages.count_said(db, index, text_ids=answers, since=now - _PAUSE)
    limits = case.clinic.protocol.limits_per_number
    too_fast = case.lately.texts + 1 > limits.inbound_per_minute
    if not (too_fast or said >= limits.replies_per_hour or _repeats_itself(case)):
        return Brake.FREE
    _pause(case, now=now)
    support.report_trouble(case.clinic, db, "phone_answers_by_itself", staff_id=staff.id, now=now)
    return Brake.STOPS_NOW


def _pause(case: Arrival, *, now: datetime) -> None:
    state = people.number_state(case.db, case.row.phone_index)
    state.replies_stopped_until = now + _PAUSE
    record(case.db, Audit("system", "stop_loop", f"inbound:{case.row.id}"), now=now)


def _writes_like_a_machine(case: Arrival) -> bool:
    limits, before = case.clinic.protocol.limits_per_number, case.lately
    if before.texts + 1 > limits.inbound_per_minute:
        return True
    if before.replies >= _TOO_MANY * limits.replies_per_hour:
        return True
    return _repeats_itself(case)


def _repeats_itself(case: Arrival) -> bool:
    words = [*(text.body for text in case.lately.earlier), case.text.body]
    last = [text.strip().casefold() for text in words]
    # One digit may honestly come several times: a mother answering nine items with 0.
    return len(last) == _REPEATS and len(set(last)) == 1 and len(last[0]) > 3
