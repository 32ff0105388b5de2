"""Finds the hours in which nobody would answer a page."""

from collections.abc import Iterable, Set
from datetime import datetime

from bot.core.rota import Duty, Shift, on_duty


def gaps(
    shifts: Iterable[Shift],
    duty: Duty,
    *,
    can_be_paged: Set[str],
    start: datetime,
    end: datetime,
) -> list[tuple[datetime, datetime]]:
    """When nobody has this duty, or somebody who cannot be paged; in order, joined.

    Who has the duty is asked of the same rule that pages, at every moment at which it can change.

    :param can_be_paged: ids of the clinicians who have a phone and are not disabled.
    :param start: the first moment looked at; ``end`` is not included. Both aware.
    """
    mine = [shift for shift in shifts if shift.duty == duty]
    changes = {moment for shift in mine for moment in (shift.starts_at, shift.ends_at)}
    moments = sorted({start, *(moment for moment in changes if start < moment < end)})
    found: list[tuple[datetime, datetime]] = []
    for moment, until in zip(moments, [*moments[1:], end], strict=True):
        if on_duty(mine, duty, now=moment) in can_be_paged:
            continue
        if found and found[-1][1] == moment:
            moment = found.pop()[0]
        found.append((moment, until))
    return found
