"""The rota by the clock on the wall: weeks, nights, swaps, holidays, clocks that change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.rota import (
    Duty,
    Gap,
    Pattern,
    PatternDay,
    Shift,
    Weight,
    expand,
    gaps,
    on_duty,
)

NEW_YORK = "America/New_York"
FOREVER = date(2020, 1, 1)
DAYS = tuple(PatternDay)[:7]


def pattern(staff_id: str, day: PatternDay, starts: int, ends: int, **more) -> Pattern:
    return Pattern(staff_id, Duty.ON_CALL, day, time(starts), time(ends), NEW_YORK, FOREVER, **more)


def day_and_night(zone: str = NEW_YORK) -> list[Pattern]:
    """Bose by day, Ruiz by night, every day of the week: nothing is left out."""
    made = [
        Pattern(who, Duty.ON_CALL, day, time(starts), time(ends), zone, FOREVER)
        for day in DAYS
        for who, starts, ends in (("bose", 8, 20), ("ruiz", 20, 8))
    ]
    return made


def shifts(patterns: list[Pattern], start: datetime, end: datetime, **more) -> list[Shift]:
    return list(expand(patterns, holidays=more.get("holidays", frozenset()), start=start, end=end))


def at(written: str) -> datetime:
    """A moment on New York's clock; the first of two where an hour comes twice."""
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        ("2026-01-05 07:59", "ruiz"),
        ("2026-01-05 08:00", "bose"),
        ("2026-01-05 19:59", "bose"),
        ("2026-01-05 20:00", "ruiz"),
        ("2026-01-06 03:00", "ruiz"),
        # The hour that is skipped, and the hour that comes twice.
        ("2026-03-08 03:30", "ruiz"),
        ("2026-03-08 07:59", "ruiz"),
        ("2026-03-08 08:00", "bose"),
        ("2026-11-01 01:30", "ruiz"),
        ("2026-11-01 08:00", "bose"),
    ],
)
def test_who_is_on_call_is_what_the_clock_on_the_wall_says(moment, who):
    now = at(moment)
    found = shifts(day_and_night(), now, now + timedelta(seconds=1))
    assert on_duty(found, Duty.ON_CALL, now=now) == who


@pytest.mark.parametrize("night", ["2026-03-08", "2026-11-01"])
def test_the_night_the_clocks_change_leaves_no_gap(night):
    start = at(f"{night} 00:00") - timedelta(days=1)
    end = start + timedelta(days=3)
    found = gaps(
        shifts(day_and_night(), start, end),
        Duty.ON_CALL,
        can_be_paged={"bose", "ruiz"},
        start=start,
        end=end,
    )
    assert found == []


def test_a_night_shift_is_an_hour_longer_when_the_clocks_go_back():
    [night] = [
        shift
        for shift in shifts(day_and_night(), at("2026-11-01 03:00"), at("2026-11-01 03:01"))
        if shift.staff_id == "ruiz"
    ]
    assert night.ends_at - night.starts_at == timedelta(hours=13)


@given(
    zone=st.sampled_from([NEW_YORK, "America/Chicago", "Europe/Berlin", "Australia/Lord_Howe"]),
    start=st.datetimes(
        datetime.fromisoformat("2024-01-01"),
        datetime.fromisoformat("2029-01-01"),
        timezones=st.just(UTC),
    ),
    change=st.integers(0, 23),
)
def test_shifts_that_meet_on_the_wall_meet_in_truth(zone, start, change):
    patterns = [
        Pattern(who, Duty.ON_CALL, day, time(change), time(change), zone, FOREVER)
        for number, day in enumerate(DAYS)
        for who in [("bose", "ruiz")[number % 2]]
    ]
    end = start + timedelta(days=9)
    found = shifts(patterns, start, end)
    paged = {"bose", "ruiz"}
    assert gaps(found, Duty.ON_CALL, can_be_paged=paged, start=start, end=end) == []


def test_a_swap_wins_over_the_pattern_and_a_single_shift():
    start = at("2026-01-05 08:00")
    single = Shift("lund", Duty.ON_CALL, start, start + timedelta(hours=4))
    swap = Shift(
        "cruz",
        Duty.ON_CALL,
        start - timedelta(hours=2),
        start + timedelta(hours=2),
        Weight.SWAP,
    )
    planned = shifts(day_and_night(), start, start + timedelta(hours=12))
    assert on_duty(planned, Duty.ON_CALL, now=start) == "bose"
    assert on_duty([*planned, single], Duty.ON_CALL, now=start) == "lund"
    assert on_duty([*planned, single, swap], Duty.ON_CALL, now=start) == "cruz"
    after = start + timedelta(hours=3)
    assert on_duty([*planned, single, swap], Duty.ON_CALL, now=after) == "lund"


def test_a_holiday_has_its_own_shifts_where_there_are_any():
    christmas = frozenset({date(2026, 12, 25)})
    own = pattern("lund", PatternDay.HOLIDAY, 8, 20)
    now = at("2026-12-25 10:00")
    later = now + timedelta(minutes=1)
    usual = shifts(day_and_night(), now, later, holidays=christmas)
    assert on_duty(usual, Duty.ON_CALL, now=now) == "bose"
    special = shifts([*day_and_night(), own], now, later, holidays=christmas)
    assert on_duty(special, Duty.ON_CALL, now=now) == "lund"
    # The night before reaches into the holiday, and is nobody else's.
    early = at("2026-12-25 05:00")
    before = shifts([*day_and_night(), own], early, early + timedelta(minutes=1))
    assert on_duty(before, Duty.ON_CALL, now=early) == "ruiz"


def test_a_holiday_whose_own_shifts_end_early_is_a_gap_that_is_seen():
    own = pattern("lund", PatternDay.HOLIDAY, 8, 12)
    start, end = at("2026-12-25 08:00"), at("2026-12-26 08:00")
    found = gaps(
        shifts([*day_and_night(), own], start, end, holidays=frozenset({date(2026, 12, 25)})),
        Duty.ON_CALL,
        can_be_paged={"bose", "ruiz", "lund"},
        start=start,
        end=end,
    )
    assert found == [Gap(Duty.ON_CALL, at("2026-12-25 12:00"), end)]


def test_a_pattern_counts_from_its_first_day_to_its_last():
    only = pattern("bose", PatternDay.MONDAY, 8, 20, valid_until=date(2026, 1, 5))
    for day, who in (("2026-01-05", "bose"), ("2026-01-12", None)):
        now = at(f"{day} 09:00")
        found = shifts([only], now, now + timedelta(minutes=1))
        assert on_duty(found, Duty.ON_CALL, now=now) == who


def test_somebody_who_cannot_be_paged_is_a_gap():
    start, end = at("2026-01-05 08:00"), at("2026-01-05 20:00")
    found = gaps(
        shifts(day_and_night(), start, end),
        Duty.ON_CALL,
        can_be_paged={"ruiz"},
        start=start,
        end=end,
    )
    assert found == [Gap(Duty.ON_CALL, start, end)]
