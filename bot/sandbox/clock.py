"""A clock that can be moved: real time and a distance from it."""

import threading
from collections.abc import Collection, Container
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.content.protocol import Weekday

MORNING = time(9)


class MovableClock:
    """Runs as every clock does, but may be set forward.

    :param offset: how far it is ahead of the machine's clock; behind, when negative.
    """

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._lock = threading.Lock()

    @classmethod
    def starting_at(cls, moment: datetime) -> "MovableClock":
        """A clock that shows this moment now.

        :param moment: aware.
        """
        return cls(moment - datetime.now(UTC))

    @property
    def offset(self) -> timedelta:
        """How far the clock is from the machine's."""
        with self._lock:
            return self._offset

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def move(self, by: timedelta) -> None:
        """Let time pass at once.

        :raises ValueError: backwards; what has happened cannot be undone.
        """
        if by < timedelta():
            raise ValueError("the clock cannot be moved backwards")
        with self._lock:
            self._offset += by

    def reset(self, offset: timedelta = timedelta()) -> None:
        """Set it anew, for a world that begins anew."""
        with self._lock:
            self._offset = offset


def next_morning(now: datetime, *, zone: ZoneInfo) -> datetime:
    """Nine o'clock on the clock's face, tomorrow; today, in the small hours.

    :param now: aware.
    """
    local = now.astimezone(zone)
    morning = datetime.combine(local.date(), MORNING, tzinfo=zone)
    # Before dawn people mean the morning that comes, not the one after it.
    if local >= morning:
        morning = datetime.combine(local.date() + timedelta(days=1), MORNING, tzinfo=zone)
    return morning.astimezone(UTC)


def next_check_in(
    now: datetime,
    *,
    days: Container[Weekday],
    opens: time,
    closes: time,
    zones: Collection[ZoneInfo],
) -> datetime:
    """The next moment at which a check-in may go out to every mother; now, where it may already.

    :param now: aware.
    :param opens: when check-ins begin, as the clock of each zone shows it; they end at ``closes``.
    """
    local = [now.astimezone(zone) for zone in zones]
    if all(Weekday.of(at.date()) in days and opens <= at.time() < closes for at in local):
        return now
    day = min(at.date() for at in local)
    while True:
        moment = max(datetime.combine(day, opens, tzinfo=zone).astimezone(UTC) for zone in zones)
        if Weekday.of(day) in days and moment > now:
            return moment
        day += timedelta(days=1)
