"""Who is on call: single shifts, weekly patterns, swaps and holidays, on a place's own clock."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo


class StaffRole(StrEnum):
    """What a member of staff does."""

    CLINICIAN = "clinician"
    SUPPORT = "support"
    ADMIN = "admin"


class Duty(StrEnum):
    """The part a person has in a shift, or in an escalation step."""

    ON_CALL = "on_call"
    BACKUP = "backup"
    LEAD = "lead"


class PatternDay(StrEnum):
    """The day on which a weekly shift begins; Monday first, and the clinic's holidays."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    HOLIDAY = "holiday"

    @classmethod
    def of(cls, day: date) -> "PatternDay":
        """The weekday of a date."""
        return tuple(cls)[day.weekday()]


class Weight(IntEnum):
    """Which of two shifts that overlap is meant: the one entered for that day alone."""

    PATTERN = 0
    SINGLE = 1
    SWAP = 2


@dataclass(frozen=True)
class Shift:
    """One person's duty from one moment to another (UTC, aware; the end is not included).

    :param order: of two that are alike in all else, the higher one is the later entry.
    """

    staff_id: str
    duty: Duty
    starts_at: datetime
    ends_at: datetime
    weight: Weight = Weight.SINGLE
    order: str = ""


@dataclass(frozen=True)
class Pattern:
    """One person's duty every week, by the clock on the wall.

    :param ends: not after ``starts``: the shift ends on the next day.
    :param valid_until: the last day on which it begins; none while it goes on.
    """

    staff_id: str
    duty: Duty
    day: PatternDay
    starts: time
    ends: time
    zone: str
    valid_from: date
    valid_until: date | None = None
    order: str = ""

    def begins_in_force_on(self, day: date) -> bool:
        """Is the pattern in force on this date, whatever weekday it is?"""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def on(self, day: date) -> Shift:
        """The shift that begins on this date.

        The wall clock counts: on the night the clocks change a shift is an hour longer or
        shorter, and two that meet on the wall meet in truth. An hour that the clock skips is
        read as the one after it, an hour that comes twice as the first.
        """
        zone = ZoneInfo(self.zone)
        last = day if self.ends > self.starts else day + timedelta(days=1)
        return Shift(
            self.staff_id,
            self.duty,
            datetime.combine(day, self.starts, tzinfo=zone).astimezone(UTC),
            datetime.combine(last, self.ends, tzinfo=zone).astimezone(UTC),
            Weight.PATTERN,
            self.order,
        )


@dataclass(frozen=True)
class Gap:
    """A time in which nobody who can be paged has a duty (UTC, aware)."""

    duty: Duty
    starts_at: datetime
    ends_at: datetime


def expand(
    patterns: Sequence[Pattern], *, holidays: Set[date], start: datetime, end: datetime
) -> Iterator[Shift]:
    """The shifts that these patterns make between two moments.

    A holiday has the shifts of its own patterns, where a duty has any; else those of the weekday:
    a rota that forgot a holiday must not leave it empty.
    """
    day = start.date() - timedelta(days=2)
    while day <= end.date() + timedelta(days=1):
        for pattern in patterns:
            if _applies(pattern, patterns, day, holidays):
                shift = pattern.on(day)
                if shift.starts_at < end and shift.ends_at > start:
                    yield shift
        day += timedelta(days=1)


def _applies(pattern: Pattern, patterns: Sequence[Pattern], day: date, holidays: Set[date]) -> bool:
    if not pattern.begins_in_force_on(day):
        return False
    own_holiday = day in holidays and any(
        other.day == PatternDay.HOLIDAY
        and other.duty == pattern.duty
        and other.begins_in_force_on(day)
        for other in patterns
    )
    wanted = PatternDay.HOLIDAY if own_holiday else PatternDay.of(day)
    return pattern.day == wanted


def shift_on_duty(shifts: Iterable[Shift], duty: Duty, *, now: datetime) -> Shift | None:
    """The shift that counts now: a swap before a single shift before a pattern, then the newest.

    An hour that two shifts share is a handover: the newcomer is the one who is awake. Nobody is
    their own backup: beside somebody who is on call another's shift as backup counts.
    """
    now_running = [shift for shift in shifts if shift.starts_at <= now < shift.ends_at]
    running = [shift for shift in now_running if shift.duty == duty]
    if duty is Duty.BACKUP:
        primary = on_duty(now_running, Duty.ON_CALL, now=now)
        running = [shift for shift in running if shift.staff_id != primary]
    if not running:
        return None
    return max(
        running, key=lambda shift: (shift.weight, shift.starts_at, shift.order, shift.staff_id)
    )


def on_duty(shifts: Iterable[Shift], duty: Duty, *, now: datetime) -> str | None:
    """The person who has this duty now; see ``shift_on_duty``."""
    shift = shift_on_duty(shifts, duty, now=now)
    return shift.staff_id if shift else None


def gaps(
    shifts: Iterable[Shift],
    duty: Duty,
    *,
    can_be_paged: Set[str],
    start: datetime,
    end: datetime,
) -> list[Gap]:
    """When nobody has this duty, or somebody who cannot be paged; in order, joined.

    Who has the duty is asked of the same rule that pages, at every moment at which it can change.

    :param can_be_paged: ids of the clinicians who have a phone and are not disabled.
    :param start: the first moment looked at; ``end`` is not included. Both aware.
    """
    every = list(shifts)

    def is_covered(moment: datetime) -> bool:
        return on_duty(every, duty, now=moment) in can_be_paged

    return _uncovered(every, duty, is_covered, start=start, end=end)


def backup_gaps(
    shifts: Iterable[Shift], *, can_be_paged: Set[str], start: datetime, end: datetime
) -> list[Gap]:
    """When no second person stands behind the one on call; in order, joined.

    Somebody who is backup for himself is none: a page that he misses he misses twice.
    """
    both = list(shifts)

    def is_covered(moment: datetime) -> bool:
        primary = on_duty(both, Duty.ON_CALL, now=moment)
        if primary not in can_be_paged:
            return True  # nobody at all is the greater gap, and is told as such
        return on_duty(both, Duty.BACKUP, now=moment) in can_be_paged

    return _uncovered(both, Duty.BACKUP, is_covered, start=start, end=end)


def _uncovered(
    shifts: Sequence[Shift],
    duty: Duty,
    is_covered: Callable[[datetime], bool],
    *,
    start: datetime,
    end: datetime,
) -> list[Gap]:
    changes = {moment for shift in shifts for moment in (shift.starts_at, shift.ends_at)}
    moments = sorted({start, *(moment for moment in changes if start < moment < end)})
    found: list[Gap] = []
    for moment, until in zip(moments, [*moments[1:], end], strict=True):
        if is_covered(moment):
            continue
        if found and found[-1].ends_at == moment:
            moment = found.pop().starts_at
        found.append(Gap(duty, moment, until))
    return found
