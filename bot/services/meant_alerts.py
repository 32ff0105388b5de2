"""Which alert a colleague's command is about; where that is not plain, it is asked, not guessed."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.levels import Level
from bot.services import alerts, own_phone, staff_answers, taken_in_words
from bot.services.arrival import Arrival
from bot.storage import alerts as stored
from bot.storage import people, sealing
from bot.storage.tables import Alert, Staff

# So many fit into two segments with their levels.
MOST_CODES = 8


def by_code(case: Arrival, staff: Staff, code: str) -> Alert | None:
    """The unresolved alert with this code, locked; none when that was answered.

    A colleague's own phone is not his to take, pass on or close, whatever he texts.
    """
    found = stored.find_by_code(case.db, code)
    if found is None:
        staff_answers.say_in(case, staff, "ack_unknown_code", {"code": code.upper()})
        return None
    if own_phone.is_of(found, staff):
        staff_answers.say_in(case, staff, "ack_own_phone", {"code": found.code}, alert=found)
        return None
    return alerts.locked(case.db, found.id)


def the_one(case: Arrival, waiting: Sequence[Alert], staff: Staff, several: str) -> Alert | None:
    """The only one of these, locked; else their list was sent, or that there is none.

    :param several: the text that asks which of them is meant.
    """
    if len(waiting) == 1:
        return alerts.locked(case.db, waiting[0].id)
    if not waiting:
        staff_answers.say_in(case, staff, "ack_nothing_open")
        return None
    values = {"count": str(len(waiting)), "list": codes(waiting)}
    staff_answers.say_in(case, staff, several, values)
    return None


def open_ones(case: Arrival, staff: Staff) -> list[Alert]:
    """Those that nobody has, and that this colleague may mean without a code."""
    unresolved = taken_in_words.pageable(case.db, staff)
    return [alert for alert in unresolved if alert.status == AlertStatus.OPEN]


def held_by(case: Arrival, staff: Staff) -> list[Alert]:
    """Those that this colleague has."""
    unresolved = taken_in_words.pageable(case.db, staff)
    return [alert for alert in unresolved if alert.acknowledged_by == staff.id]


def holder_name(db: Session, alert: Alert, otherwise: Staff) -> str:
    """The name of who has it."""
    holder = people.get_staff(db, alert.acknowledged_by) if alert.acknowledged_by else otherwise
    return sealing.get(db, holder, "name")


def codes(meant: Sequence[Alert]) -> str:
    """The codes with how pressing each is, the most pressing first: which one to take.

    A list that was cut says so: nobody must think that these are all.
    """
    pressing = sorted(meant, key=lambda alert: -Level(alert.level).rank)
    shown = ", ".join(f"{alert.code} {alert.level}" for alert in pressing[:MOST_CODES])
    cut = len(pressing) > MOST_CODES
    return f"{shown} ({MOST_CODES} of {len(pressing)})" if cut else shown
