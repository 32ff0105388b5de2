"""What a change of the rota takes away from whom."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from bot.core.rota import Duty, Shift, on_duty


@dataclass(frozen=True)
class Loss:
    """Somebody no longer has a duty from one moment to another (UTC, aware).

    :param instead: who has it then; none where nobody has.
    """

    duty: Duty
    staff_id: str
    instead: str | None
    starts_at: datetime
    ends_at: datetime


def losses(
    before: Sequence[Shift],
    after: Sequence[Shift],
    *,
    can_be_paged: Set[str],
    start: datetime,
    end: datetime,
) -> list[Loss]:
    """Who has a duty before and no longer afterwards; in order, joined.

    Who takes another's call is no loss of that person's backup: nobody is two people.

    :param can_be_paged: nobody loses a duty that would not be answered.
    """
    found: list[Loss] = []
    for duty in (Duty.ON_CALL, Duty.BACKUP):
        for moment, until in _spans([*before, *after], start=start, end=end):
            was, will = (on_duty(some, duty, now=moment) for some in (before, after))
            rises = duty is Duty.BACKUP and was == on_duty(after, Duty.ON_CALL, now=moment)
            if was is None or was not in can_be_paged or was == will or rises:
                continue
            lost = Loss(duty, was, will, moment, until)
            if found and _goes_on(found[-1], lost):
                lost = Loss(duty, was, will, found.pop().starts_at, until)
            found.append(lost)
    return found


def is_on_call_throughout(
    shifts: Sequence[Shift], staff_id: str, *, start: datetime, end: datetime
) -> bool:
    """Is this person on call in all of this time?"""
    return all(
        on_duty(shifts, Duty.ON_CALL, now=moment) == staff_id
        for moment, _ in _spans(shifts, start=start, end=end)
    )


def _goes_on(one: Loss, then: Loss) -> bool:
    same = (one.duty, one.staff_id, one.instead) == (then.duty, then.staff_id, then.instead)
    return same and one.ends_at == then.starts_at


def _spans(
    shifts: Iterable[Shift], *, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The times between two moments in which nothing changes."""
    changes = {moment for shift in shifts for moment in (shift.starts_at, shift.ends_at)}
    moments = sorted({start, *(moment for moment in changes if start < moment < end)})
    yield from zip(moments, [*moments[1:], end], strict=True)
