"""Times on the wall, on the two nights of the year when the clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.core import wall_clock
from bot.errors import NotAllowed

NEW_YORK = ZoneInfo("America/New_York")


def read(wall: str) -> datetime:
    return wall_clock.read(datetime.fromisoformat(wall), NEW_YORK)


@pytest.mark.parametrize(
    ("wall", "moment"),
    [
        ("2026-03-08T01:59", datetime(2026, 3, 8, 6, 59, tzinfo=UTC)),
        ("2026-03-08T03:00", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("2026-07-01T12:00", datetime(2026, 7, 1, 16, tzinfo=UTC)),
        ("2026-11-01T02:00", datetime(2026, 11, 1, 7, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_the_clocks_show_it(wall, moment):
    assert read(wall) == moment


def test_an_hour_that_comes_twice_means_the_first():
    assert read("2026-11-01T01:30") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("wall", ["2026-03-08T02:00", "2026-03-08T02:30", "2026-03-08T02:59"])
def test_an_hour_that_the_clocks_skip_is_refused(wall):
    with pytest.raises(NotAllowed, match="clocks go forward over it"):
        read(wall)
