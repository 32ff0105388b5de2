"""A time as the clock on a wall shows it, on the nights when the clocks change too."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.errors import NotAllowed


def read(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of this zone show this time (UTC, aware).

    An hour that comes twice, as the clocks go back, means the first.

    :param wall: without a zone of its own.
    :raises NotAllowed: the clocks go forward over it, so no clock ever shows it. To read it as the
        hour before or after would leave somebody without the hour that was meant.
    """
    found = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != wall.replace(fold=0):
        raise NotAllowed(
            f"There is no {wall:%H:%M} on {wall:%Y-%m-%d}: the clocks go forward over it that "
            "night. Write a time before or after."
        )
    return found
