"""The proof that paging works: the auditor, the daily canary, and what she hears of it."""

from datetime import datetime, timedelta

import pytest

from bot.core.alerts import AlertStatus
from bot.core.levels import Level
from bot.core.messages import OutboundStatus
from bot.errors import NumberUnreachable
from bot.services import auditor, canary, figures
from bot.storage.tables import Alert, Heartbeat, OutboundMessage
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import all_alerts, pass_time, resolve
from tests.services.test_alerts import staff_id
from tests.services.test_rota import troubles
from tests.world import World, number_of


def change(world, row_type, row_id: str, **values) -> None:
    with world.clinic.db.transaction(audited=False) as db:
        row = db.get_one(row_type, row_id)
        for name, value in values.items():
            setattr(row, name, value)


def beat(world) -> datetime | None:
    with world.clinic.db.reading() as db:
        found = db.get(Heartbeat, "worker")
        return found.at if found else None


def look(world) -> list[str]:
    return auditor.findings(world.clinic, now=world.now)


# --- the auditor --------------------------------------------------------------------------------


def test_all_is_well_while_alerts_climb_and_people_have_them(world):
    world.text("Bea", "want to die")
    assert look(world) == []
    world.text("Dr Bose", "ack")
    world.text("Ann", "no better")
    assert look(world) == []


def test_an_open_alert_without_a_next_step_is_found_and_the_beat_stops(world):
    world.text("Bea", "want to die")
    last = beat(world)
    change(world, Alert, world.alert("Bea").id, next_step_at=None)
    pass_time(world, minutes=6)
    assert look(world) == [f"alert_without_next_step:{world.alert('Bea').id}"]
    assert troubles(world) == []
    pass_time(world, seconds=20)
    assert troubles(world) == ["alert_without_next_step"]
    assert beat(world) == last
    world.settle()
    assert world.to("Dr Lund") == ["paging_trouble"]


@SQLITE_ONLY
def test_the_beat_returns_when_it_is_mended(world):
    world.text("Bea", "want to die")
    change(world, Alert, world.alert("Bea").id, next_step_at=None)
    pass_time(world, minutes=6)
    change(world, Alert, world.alert("Bea").id, next_step_at=world.now)
    pass_time(world, seconds=20)
    assert look(world) == []
    assert beat(world) == world.now


@SQLITE_ONLY
def test_an_acknowledged_alert_without_an_owner_is_found(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    change(world, Alert, world.alert("Bea").id, acknowledged_by=None)
    assert look(world) == [f"alert_without_owner:{world.alert('Bea').id}"]


@SQLITE_ONLY
def test_a_claim_without_a_live_lease_is_found(world):
    world.text("Bea", "want to die")
    row = world.rows_to("Dr Bose")[0]
    change(world, OutboundMessage, row.id, status=OutboundStatus.SENDING, lease_until=None)
    assert look(world) == ["claim_without_lease"]


@SQLITE_ONLY
def test_a_page_that_nobody_sends_is_found(world):
    world.text("Bea", "want to die", settle=False)
    world.clock.time += timedelta(minutes=3)
    assert "pages_not_sent" in look(world)


@SQLITE_ONLY
def test_a_machine_that_slept_is_no_trouble_once_it_is_at_work_again(world):
    world.text("Bea", "want to die")
    pass_time(world, hours=3)
    assert troubles(world) == []
    assert beat(world) == world.now


# --- the canary ---------------------------------------------------------------------------------


@pytest.fixture
def tested(world) -> World:
    object.__setattr__(world.clinic, "canary", True)
    return world


def test_the_daily_test_is_paged_acknowledged_and_closed_within_seconds(tested):
    tested.settle()
    tested.settle()
    [alert] = all_alerts(tested)
    assert (alert.is_test, alert.status, alert.level) == (True, "resolved", "urgent")
    result = figures.last_canary(tested.clinic)
    assert result.closed
    assert result.paged_after <= 5
    assert result.acknowledged_after <= 5


def test_nothing_of_the_daily_test_reaches_a_phone_or_a_person(tested):
    tested.settle()
    pass_time(tested, minutes=30)
    assert tested.carrier.sent == tested.voice.sent == tested.email.sent == []
    assert tested.support_kinds() == []


@SQLITE_ONLY
def test_it_runs_once_a_day_and_never_at_night(tested):
    tested.settle()
    pass_time(tested, hours=8)
    assert len(all_alerts(tested)) == 1
    pass_time(tested, hours=14)  # eight in the morning
    assert len(all_alerts(tested)) == 1
    pass_time(tested, hours=2)
    assert len(all_alerts(tested)) == 2


@SQLITE_ONLY
def test_it_is_marked_as_a_test_and_stands_in_no_figure_and_no_list(tested):
    tested.settle()
    week = figures.times_by_week(tested.clinic, now=tested.now, weeks=1)[0]
    load = figures.load_by_week(tested.clinic, now=tested.now, weeks=1)[0]
    assert (week.alerts, load.pages, load.same_day) == (0, 0, 0)
    assert canary.NAME.startswith("TEST")
    assert canary.WORDS.startswith("TEST")


@SQLITE_ONLY
def test_a_test_that_nobody_answers_is_trouble_and_stops_the_beat(tested):
    object.__setattr__(tested.app, "channels", {})
    tested.settle()
    last = beat(tested)
    pass_time(tested, minutes=2)
    pass_time(tested, seconds=20)
    assert "canary_unanswered" in troubles(tested)
    assert beat(tested) == last
    assert "paging_trouble" in tested.to("Dr Lund")


@SQLITE_ONLY
def test_a_bare_ack_of_a_clinician_never_means_the_test(tested):
    object.__setattr__(tested.app, "channels", {})
    tested.settle()
    tested.text("Bea", "want to die")
    tested.text("Dr Bose", "ack")
    assert tested.alert("Bea").acknowledged_by == staff_id(tested, "Dr Bose")
    assert [alert.status for alert in all_alerts(tested) if alert.is_test] == [AlertStatus.OPEN]


# --- figures ------------------------------------------------------------------------------------


@SQLITE_ONLY
def test_time_to_page_and_to_acknowledge_are_told_by_week(world):
    for minutes in (2, 4, 10):
        world.text("Bea", "want to die")
        world.clock.time += timedelta(minutes=minutes)
        resolve(world, "Bea")
    world.text("Ann", "want to die")
    week = figures.times_by_week(world.clinic, now=world.now, weeks=2)[1]
    assert str(week.week) == "2026-01-05"
    assert (week.alerts, week.waiting) == (4, 1)
    assert (week.page_p50, week.page_p95) == (0.0, 0.0)
    assert (week.acknowledge_p50, week.acknowledge_p95) == (240.0, 600.0)


@SQLITE_ONLY
def test_an_alert_that_became_urgent_later_counts_from_then(world):
    world.text("Ann", "my husband hits me")
    assert world.alert("Ann").level == Level.SAME_DAY
    world.wait(minutes=20)
    assert world.alert("Ann").level == Level.URGENT, "she does not say whether texting is safe"
    world.text("Dr Bose", f"ack {world.alert('Ann').code}")
    [week] = figures.times_by_week(world.clinic, now=world.now, weeks=1)
    assert week.alerts == 1
    assert week.page_p95 is not None
    assert week.page_p95 < 60, "paged at once, as soon as it was urgent"
    assert week.acknowledge_p50 == pytest.approx(300, abs=60), "and not twenty minutes"


@SQLITE_ONLY
def test_who_took_a_same_day_alert_before_it_was_urgent_has_not_taken_the_urgent_one(world):
    world.text("Ann", "my husband hits me")
    world.text("Dr Bose", f"ack {world.alert('Ann').code}")
    pass_time(world, minutes=5)
    world.text("Ann", "i want to die")
    assert world.alert("Ann").status == AlertStatus.OPEN
    [week] = figures.times_by_week(world.clinic, now=world.now, weeks=1)
    assert (week.alerts, week.waiting) == (1, 1)
    assert week.page_p95 == 0.0
    assert week.acknowledge_p50 is None


@SQLITE_ONLY
def test_an_alert_that_was_handed_back_waits_for_somebody_again(world):
    for name in ("Bea", "Luz"):
        world.text(name, "want to die")
        world.text("Dr Bose", f"ack {world.alert(name).code}")
    world.text("Dr Bose", f"back {world.alert('Bea').code}")
    [week] = figures.times_by_week(world.clinic, now=world.now, weeks=1)
    assert (week.alerts, week.waiting) == (2, 1)
    resolve(world, "Luz")
    [week] = figures.times_by_week(world.clinic, now=world.now, weeks=1)
    assert (week.alerts, week.waiting) == (2, 1), "a closed one waits for nobody"


@SQLITE_ONLY
def test_the_load_is_told_by_week_and_cause_and_what_is_too_much(world):
    world.text("Bea", "want to die")  # by day
    world.clock.time += timedelta(hours=10)
    for _ in range(4):
        pass_time(world, minutes=15)  # in the evening, step by step
    world.text("Ann", "we lost her")
    load = figures.load_by_week(world.clinic, now=world.now, weeks=1)[0]
    assert (load.pages_in_hours, load.pages_out_of_hours) == (1, 4)
    assert load.same_day == 1
    assert load.causes["suicide"] == 5
    assert load.causes["loss"] == 1
    assert load.over == ("pages_out_of_hours",)


# --- what she hears -----------------------------------------------------------------------------


@pytest.fixture
def named(world) -> World:
    """The clinic wants the caller's name said."""
    safety = world.clinic.protocol.safety.model_copy(update={"say_who_calls": True})
    protocol = world.clinic.protocol.model_copy(update={"safety": safety})
    object.__setattr__(world.clinic, "protocol", protocol)
    return world


def test_she_hears_who_will_call_when_the_clinic_wants_it_said(named):
    named.text("Bea", "want to die")
    named.text("Dr Bose", "ack")
    assert named.to("Bea") == ["crisis_suicide", "alert_taken"]
    assert named.words_to("Bea")[-1].startswith("Dr Bose from your care team will call you.")


@SQLITE_ONLY
def test_nobody_is_named_to_her_unless_the_clinic_wants_it(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    assert world.to("Bea") == ["crisis_suicide"]


@SQLITE_ONLY
def test_a_text_about_violence_at_home_is_followed_by_none_that_says_who_calls(named):
    named.text("Ann", "he hits me, i want to die")
    named.text("Dr Bose", "ack")
    assert "alert_taken" not in named.to("Ann")


@SQLITE_ONLY
def test_a_phone_that_refuses_any_text_during_an_alert_is_a_reason_to_call(named):
    named.text("Bea", "want to die")
    named.carrier.refuses[number_of("Bea")] = NumberUnreachable()
    named.text("Dr Bose", "ack")
    assert "page_undelivered" in named.to("Dr Bose")
