"""Between which hours people are paged about what cannot wait for the practice to open."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bot.core.escalation import OutOfHours
from bot.core.levels import Category

ZONE = ZoneInfo("America/New_York")
HOURS = OutOfHours(frozenset({Category.VIOLENCE}), starts=time(8), ends=time(20))


def test_by_day_it_is_now_and_before_dawn_the_same_morning():
    by_day = datetime(2026, 1, 3, 15, 0, tzinfo=UTC)
    assert HOURS.next_moment(by_day, zone=ZONE) == by_day
    dawn = datetime(2026, 1, 3, 9, 0, tzinfo=UTC)
    assert HOURS.next_moment(dawn, zone=ZONE) == datetime(2026, 1, 3, 13, 0, tzinfo=UTC)


def test_the_last_minute_counts_and_the_end_does_not():
    last = datetime(2026, 1, 4, 0, 59, tzinfo=UTC)
    assert HOURS.next_moment(last, zone=ZONE) == last
    over = datetime(2026, 1, 4, 1, 0, tzinfo=UTC)
    assert HOURS.next_moment(over, zone=ZONE) == datetime(2026, 1, 4, 13, 0, tzinfo=UTC)


def test_the_morning_is_that_of_the_wall_on_the_night_the_clocks_change():
    saturday_22 = datetime(2026, 3, 8, 3, 0, tzinfo=UTC)
    assert HOURS.next_moment(saturday_22, zone=ZONE) == datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
