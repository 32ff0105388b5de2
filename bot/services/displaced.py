"""Whose duty a new shift would take away: said before anything is changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.rota import Duty, Shift
from bot.core.rota_changes import is_on_call_throughout, losses
from bot.errors import NotAllowed
from bot.services import rota
from bot.services.clinic import Clinic
from bot.storage import people, sealing

# An hour that two shifts share is a handover: nobody is asked about it.
HANDOVER = timedelta(hours=1)
# Of two that are alike in all else the later entry counts; this one is not entered yet.
_NEWEST = "\uffff"


@dataclass(frozen=True)
class Displaced:
    """A time in which somebody no longer has a duty.

    :param name: who has it by the rota as it is.
    :param instead: who has it then; none where nobody has.
    """

    name: str
    duty: Duty
    starts_at: datetime
    ends_at: datetime
    instead: str | None


def foresee(clinic: Clinic, shift: Shift, *, now: datetime) -> Sequence[Displaced]:
    """Whose duty this shift would take away, and when; a short handover apart.

    :param shift: with the weight of a swap, where it is entered as one.
    :raises NotAllowed: this person is on call all that time: nobody is their own backup.
    """
    start, end = max(shift.starts_at, now), shift.ends_at
    if start >= end:
        return []
    added = replace(shift, order=_NEWEST)
    with clinic.db.reading() as db:
        before = rota.shifts_between(clinic, db, start=start, end=end)
        names = {one.id: sealing.get(db, one, "name") for one in people.list_staff(db)}
        reach = {one.id for one in people.list_clinicians(db)}
    who = shift.staff_id
    if shift.duty is Duty.BACKUP and is_on_call_throughout(before, who, start=start, end=end):
        raise NotAllowed(
            f"{names.get(who, 'This person')} is on call then, and nobody is their own "
            "backup: a page that is missed would be missed twice. Choose somebody else."
        )
    found = losses(before, [*before, added], can_be_paged=reach, start=start, end=end)
    return [
        Displaced(
            names.get(loss.staff_id, "?"),
            loss.duty,
            loss.starts_at,
            loss.ends_at,
            names.get(loss.instead, "?") if loss.instead else None,
        )
        for loss in found
        if loss.ends_at - loss.starts_at > HANDOVER
    ]
