"""An alert about a colleague's own phone: that colleague is never paged for it and cannot have it.

Staff are people, and one of them may be in danger. Whoever is must not be the one person who knows,
and must not be able to end it.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from bot.errors import NotAllowed
from bot.storage.tables import Alert, Staff

SENTENCE = "This alert is about your own phone. Somebody else is paged."


def is_of(alert: Alert, staff: Staff) -> bool:
    """Is this alert about this colleague's own phone?"""
    return staff.phone_index is not None and staff.phone_index == alert.phone_index


def others(alert: Alert, staff: Iterable[Staff]) -> list[Staff]:
    """Those of them whom the alert is not about."""
    return [one for one in staff if not is_of(alert, one)]


def refuse(db: Session, alert: Alert, staff_id: str | None) -> None:
    """Whoever it is about does not take, hold or close it.

    :param staff_id: none for somebody outside the console, who has no phone here.
    :raises NotAllowed: the alert is about this person's own phone.
    """
    staff = db.get(Staff, staff_id) if staff_id is not None else None
    if staff is not None and is_of(alert, staff):
        raise NotAllowed(SENTENCE)
