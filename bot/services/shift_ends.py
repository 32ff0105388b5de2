"""Takes a shift out of the rota: what follows from it is said first, and its owner hears of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.messages import Lane
from bot.core.rota import Duty, Gap, gaps
from bot.errors import NotFound
from bot.services import outbox, rota
from bot.services.clinic import Clinic
from bot.storage import alerts, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import ShiftRecord, Staff


@dataclass(frozen=True)
class Consequence:
    """What is so once this shift is out.

    :param name: whose shift it is.
    :param gaps: when nobody who can be paged has the duty, and somebody has it now.
    :param open_codes: alerts that nobody has at this moment.
    """

    shift_id: str
    name: str
    duty: Duty
    gaps: Sequence[Gap]
    open_codes: Sequence[str]


def foresee(clinic: Clinic, shift_id: str, *, now: datetime) -> Consequence | None:
    """What nobody would answer without this shift; none where somebody else is there.

    :raises NotFound: there is none.
    """
    with clinic.db.reading() as db:
        shift = _get(db, shift_id)
        start, end = max(shift.starts_at, now), shift.ends_at
        if end <= start:
            return None
        planned = rota.shifts_between(clinic, db, start=start, end=end)
        others = [one for one in planned if one.order != shift_id]
        reach = {found.id for found in people.list_clinicians(db)}
        duty = Duty(shift.duty)
        before = gaps(planned, duty, can_be_paged=reach, start=start, end=end)
        after = gaps(others, duty, can_be_paged=reach, start=start, end=end)
        if after == before:
            return None
        open_now = [alert.code for alert in alerts.list_open(db) if not alert.is_test]
        name = sealing.get(db, people.get_staff(db, shift.staff_id), "name")
        return Consequence(shift_id, name, duty, after, open_now)


def remove(clinic: Clinic, shift_id: str, *, by: str, now: datetime) -> None:
    """A shift that is not to be; one that runs now ends now. Whose it was is told by text.

    :raises NotFound: there is none.
    """
    with clinic.db.transaction() as db:
        shift = _get(db, shift_id)
        if shift.ends_at > now and by != f"staff:{shift.staff_id}":
            _tell(clinic, db, shift, by=by, now=now)
        if shift.starts_at <= now:
            shift.ends_at = min(shift.ends_at, now)
        else:
            db.delete(shift)
        details = {"duty": shift.duty, "from": shift.starts_at.isoformat()}
        record(db, Audit(by, "remove_shift", f"staff:{shift.staff_id}", details), now=now)


def _tell(clinic: Clinic, db: Session, shift: ShiftRecord, *, by: str, now: datetime) -> None:
    owner = people.get_staff(db, shift.staff_id)
    if owner.disabled_at is not None or owner.phone_index is None:
        return
    when = rota.say_until(clinic, shift.starts_at)
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id="shift_ended",
            key=f"shift_ended:{shift.id}",
            lane=Lane.PAGE,
            values={"name": _name_of(db, by), "when": when},
            despite_opt_out=True,
        ),
        outbox.to_staff(db, owner),
        now=now,
    )


def _name_of(db: Session, by: str) -> str:
    kind, _, who = by.partition(":")
    found = db.get(Staff, who) if kind == "staff" else None
    return sealing.get(db, found, "name") if found else who


def _get(db: Session, shift_id: str) -> ShiftRecord:
    shift = db.get(ShiftRecord, shift_id)
    if shift is None:
        raise NotFound("no such shift")
    return shift
