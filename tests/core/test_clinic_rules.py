"""The small pure rules: levels, ladder, rota, quiet hours, names of rows and alerts."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.escalation import (
    EscalationPolicy,
    EscalationStep,
    PageChannel,
    Recipient,
    due_step,
)
from bot.core.ids import new_alert_code, new_id
from bot.core.levels import Level, highest
from bot.core.messages import TRANSITIONS, Lane, OutboundStatus
from bot.core.quiet_hours import next_allowed
from bot.core.rota import Duty, Shift, on_duty

NOON = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")
OPENS, CLOSES = time(9), time(20)


# --- levels -------------------------------------------------------------------------------------


def test_levels_rise_from_watch_to_emergency():
    assert [level.rank for level in Level] == [0, 1, 2, 3]
    assert Level.EMERGENCY.at_least(Level.URGENT)
    assert not Level.SAME_DAY.at_least(Level.URGENT)


@given(st.lists(st.sampled_from(Level), min_size=1))
def test_one_more_signal_never_lowers_a_level(levels):
    for more in Level:
        assert highest([*levels, more]).at_least(highest(levels))


def test_no_signals_have_no_level():
    assert highest([]) is None


# --- the ladder ---------------------------------------------------------------------------------

_STEPS = st.lists(
    st.builds(
        EscalationStep,
        recipient=st.sampled_from(Recipient),
        channels=st.just((PageChannel.SMS,)),
        wait=st.integers(1, 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    ),
    min_size=1,
    max_size=6,
)


@given(steps=_STEPS, taken=st.integers(0, 500))
def test_an_unacknowledged_alert_always_has_a_next_step(steps, taken):
    policy = EscalationPolicy("p", 1, Level.URGENT, tuple(steps), HOUR, HOUR, None)
    due = due_step(policy, steps_taken=taken, now=NOON)
    assert due.step == steps[min(taken, len(steps) - 1)]
    assert due.next_step_at == NOON + due.step.wait > NOON


# --- the rota -----------------------------------------------------------------------------------


def test_the_newcomer_has_the_hour_that_two_shifts_share():
    shifts = [
        Shift("night", Duty.ON_CALL, NOON - 8 * HOUR, NOON + HOUR),
        Shift("day", Duty.ON_CALL, NOON, NOON + 8 * HOUR),
    ]
    assert on_duty(shifts, Duty.ON_CALL, now=NOON) == "day"
    assert on_duty(shifts[::-1], Duty.ON_CALL, now=NOON) == "day"


@pytest.mark.parametrize(
    ("now", "who"), [(NOON - HOUR, None), (NOON, "bose"), (NOON + HOUR, None)], ids=str
)
def test_a_shift_begins_at_its_start_and_is_over_at_its_end(now, who):
    shift = Shift("bose", Duty.ON_CALL, NOON, NOON + HOUR)
    assert on_duty([shift], Duty.ON_CALL, now=now) == who


def test_another_duty_is_nobody_on_call():
    assert on_duty([Shift("x", Duty.BACKUP, NOON, NOON + HOUR)], Duty.ON_CALL, now=NOON) is None


# --- quiet hours --------------------------------------------------------------------------------


def allowed(moment: datetime, zone: ZoneInfo = NEW_YORK) -> datetime:
    return next_allowed(moment, zone=zone, opens=OPENS, closes=CLOSES)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ((2026, 1, 5, 14, 0), (2026, 1, 5, 14, 0)),
        ((2026, 1, 5, 13, 59), (2026, 1, 5, 14, 0)),
        ((2026, 1, 6, 0, 59), (2026, 1, 6, 0, 59)),
        ((2026, 1, 6, 1, 0), (2026, 1, 6, 14, 0)),
        # The nights on which the clocks change: nine is nine.
        ((2026, 3, 8, 6, 30), (2026, 3, 8, 13, 0)),
        ((2026, 11, 1, 6, 30), (2026, 11, 1, 14, 0)),
    ],
)
def test_routine_texts_go_between_nine_and_eight_in_her_zone(moment, expected):
    assert allowed(datetime(*moment, tzinfo=UTC)) == datetime(*expected, tzinfo=UTC)


_ZONES = st.sampled_from(
    ["America/New_York", "America/Chicago", "America/Los_Angeles", "Pacific/Honolulu", "UTC"]
)


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=_ZONES.map(ZoneInfo),
)
def test_the_next_allowed_moment_is_allowed_never_past_and_within_a_day(moment, zone):
    found = allowed(moment, zone)
    assert OPENS <= found.astimezone(zone).time() < CLOSES
    assert moment <= found <= moment + timedelta(hours=14)
    assert allowed(found, zone) == found


# --- names of rows and alerts -------------------------------------------------------------------


def test_ids_sort_by_the_moment_they_were_made_and_are_never_the_same():
    ids = [new_id() for _ in range(2000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 2000
    assert {len(found) for found in ids} == {28}


@pytest.mark.parametrize("digits", [1, 2, 4])
def test_an_alert_code_has_no_letter_that_sounds_or_looks_like_another(digits):
    for _ in range(300):
        code = new_alert_code(digits=digits)
        assert len(code) == 1 + digits
        assert not set(code) & set("ILOQSZ01")


# --- texts --------------------------------------------------------------------------------------


def test_lanes_stand_in_the_order_of_sending():
    assert list(Lane) == [Lane.CRISIS, Lane.PAGE, Lane.REPLY, Lane.REMINDER]


def test_a_text_that_has_arrived_or_failed_stays_so():
    for status in (OutboundStatus.DELIVERED, OutboundStatus.FAILED, OutboundStatus.SUPPRESSED):
        assert TRANSITIONS[status] == set()
