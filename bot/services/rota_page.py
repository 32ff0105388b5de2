"""The rota as the console shows it: who answers now, what is planned, and where nobody is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.core import rota as core_rota
from bot.core.rota import Duty, Shift, StaffRole, Weight, shift_on_duty
from bot.errors import NotAllowed
from bot.services import mine, rota, staff
from bot.services.clinic import Clinic
from bot.storage import people, sealing
from bot.storage.tables import Staff

AHEAD = timedelta(days=14)
WARNED = timedelta(hours=72)
_LONGEST_SHIFT = timedelta(days=62)
_SAID = {Duty.ON_CALL: "on call", Duty.BACKUP: "backup", Duty.LEAD: "lead"}


@dataclass(frozen=True)
class OnCall:
    """Who answers pages at this moment; none where nobody does."""

    primary: str | None
    backup: str | None


@dataclass(frozen=True)
class ShiftLine:
    """One shift.

    :param id: of its row; empty for a shift of a weekly pattern, which cannot be removed alone.
    :param runs_now: it counts now. One that somebody took over meanwhile does not.
    :param own_backup: it does not count because this person is on call.
    """

    id: str
    name: str
    duty: Duty
    starts_at: datetime
    ends_at: datetime
    runs_now: bool
    taken_over: bool = False
    own_backup: bool = False


@dataclass(frozen=True)
class Gap:
    """A time in which nobody who can be paged is on call, or has the backup."""

    starts_at: datetime
    ends_at: datetime
    soon: bool


@dataclass(frozen=True)
class Week:
    """The shifts that begin in one week.

    :param monday: its first moment, on the practice's calendar.
    """

    monday: datetime
    shifts: Sequence[ShiftLine]


@dataclass(frozen=True)
class Rota:
    """Everything that the page shows.

    :param later: single shifts and swaps that begin after that; weekly shifts go on for ever.
    """

    on_call: OnCall
    shifts: Sequence[ShiftLine]
    later: Sequence[Week]
    gaps: Sequence[Gap]
    backup_gaps: Sequence[Gap]
    clinicians: Sequence[tuple[str, str]]

    @property
    def count_later(self) -> int:
        """How many shifts begin after the two weeks."""
        return sum(len(week.shifts) for week in self.later)


def on_call_now(clinic: Clinic, *, now: datetime) -> OnCall:
    """Who is on call now; a look that every page takes."""
    with clinic.db.reading() as db:
        # Who cannot be paged answers nothing, whatever the rota says.
        found = [rota.holder(clinic, db, duty, now=now) for duty in (Duty.ON_CALL, Duty.BACKUP)]
        names = [sealing.get(db, person, "name") if person else None for person in found]
    return OnCall(primary=names[0], backup=names[1])


def next_gap(clinic: Clinic, *, now: datetime) -> Gap | None:
    """The next time in which nobody is on call."""
    with clinic.db.reading() as db:
        found = _gaps(clinic, db, now=now)
    return found[0] if found else None


def look_at(clinic: Clinic, *, now: datetime) -> Rota:
    """The next two weeks, with the shifts of weekly patterns; and what was entered for later."""
    on_call = on_call_now(clinic, now=now)
    with clinic.db.reading() as db:
        shifts = rota.shifts_between(clinic, db, start=now, end=now + AHEAD)
        names = {person.id: sealing.get(db, person, "name") for person in people.list_staff(db)}
        current = [shift_on_duty(shifts, duty, now=now) for duty in (Duty.ON_CALL, Duty.BACKUP)]
        return Rota(
            on_call=on_call,
            shifts=[
                _line(shift, names, current, now=now)
                for shift in sorted(shifts, key=lambda one: (one.starts_at, one.duty))
            ],
            later=_later(clinic, db, names, now=now),
            gaps=_gaps(clinic, db, now=now),
            backup_gaps=_shown(rota.find_backup_gaps(clinic, db, now=now, ahead=AHEAD), now),
            clinicians=[(person.id, names[person.id]) for person in people.list_clinicians(db)],
        )


def add_shift(clinic: Clinic, shift: Shift, *, by: str, now: datetime) -> None:
    """Somebody has this duty in this time; with the weight of a swap, instead of the rota.

    :raises NotAllowed: it ends before it starts, is over, or the person cannot be paged.
    """
    check_shift(clinic, shift, now=now)
    with clinic.db.transaction() as db:
        staff.add_shift(
            db,
            staff_id=shift.staff_id,
            duty=shift.duty,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            is_swap=shift.weight is Weight.SWAP,
            by=by,
            now=now,
        )


def check_shift(clinic: Clinic, shift: Shift, *, now: datetime) -> None:
    """Can this person have this duty in this time?

    :raises NotAllowed: it ends before it starts, is over, or the person cannot be paged.
    """
    if shift.ends_at <= shift.starts_at:
        raise NotAllowed("A shift must end after it starts.")
    if shift.ends_at <= now:
        raise NotAllowed("That time is over.")
    if shift.ends_at - shift.starts_at > _LONGEST_SHIFT:
        raise NotAllowed("A shift may last 62 days. Add more than one.")
    with clinic.db.reading() as db:
        person = db.get(Staff, shift.staff_id)
        if person is None:
            raise NotAllowed("Choose a clinician.")
        if not _can_be_paged(person):
            raise NotAllowed(f"Only a clinician with a phone can be {_SAID[shift.duty]}.")


def take_over(clinic: Clinic, staff_id: str, *, now: datetime) -> None:
    """This person is on call from now on, as the word MINE does by text.

    :raises NotAllowed: somebody who cannot be paged.
    """
    with clinic.db.transaction() as db:
        taker = people.get_staff(db, staff_id)
        if not _can_be_paged(taker):
            raise NotAllowed("Only a clinician with a phone can be on call.")
        mine.take_over(clinic, db, taker, now=now)


def _can_be_paged(person: Staff) -> bool:
    return (
        person.role == StaffRole.CLINICIAN
        and person.disabled_at is None
        and person.phone_index is not None
    )


def _gaps(clinic: Clinic, db: Session, *, now: datetime) -> list[Gap]:
    return _shown(rota.find_gaps(clinic, db, now=now, ahead=AHEAD), now)


def _shown(found: Sequence[core_rota.Gap], now: datetime) -> list[Gap]:
    return [Gap(gap.starts_at, gap.ends_at, soon=gap.starts_at < now + WARNED) for gap in found]


def _later(clinic: Clinic, db: Session, names: dict[str, str], *, now: datetime) -> list[Week]:
    """What begins after the two weeks, by weeks: it can be seen, taken out and swapped too."""
    zone = ZoneInfo(clinic.protocol.staffed_hours.zone)
    weeks: dict[datetime, list[ShiftLine]] = {}
    for shift in people.list_single_shifts(db, begin_from=now + AHEAD):
        day = shift.starts_at.astimezone(zone).date()
        monday = datetime.combine(day - timedelta(days=day.weekday()), time(), zone)
        weeks.setdefault(monday, []).append(_line(shift, names, (None, None), now=now))
    return [Week(monday, lines) for monday, lines in weeks.items()]


def _line(
    shift: Shift, names: dict[str, str], current: Sequence[Shift | None], *, now: datetime
) -> ShiftLine:
    """One line.

    :param current: the shifts that count now: on call, and backup.
    """
    rests = shift.starts_at <= now < shift.ends_at and shift not in current
    on_call = current[0].staff_id if current[0] else None
    own_backup = rests and shift.duty is Duty.BACKUP and shift.staff_id == on_call
    return ShiftLine(
        # Single shifts and swaps have a row of their own; those of a pattern end with the pattern.
        "" if shift.weight is Weight.PATTERN else shift.order,
        names.get(shift.staff_id, "?"),
        shift.duty,
        shift.starts_at,
        shift.ends_at,
        runs_now=shift in current,
        taken_over=rests and not own_backup,
        own_backup=own_backup,
    )
