"""The rota of a practice: patterns in the records, gaps and their warnings, trouble with paging."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from bot.core.alerts import SupportKind, SupportStatus
from bot.core.rota import Duty, Pattern, PatternDay, Shift, Weight
from bot.errors import NotAllowed, NumberUnreachable, OptedOut
from bot.services import rota, rota_page, support
from bot.storage.tables import ShiftRecord, Staff, SupportItem
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import audited, pages, pass_time
from tests.services.test_alerts import CLINICIANS, end_all_shifts, paged, staff_id
from tests.world import World, number_of

NEW_YORK = "America/New_York"


def troubles(world) -> list[str]:
    query = select(SupportItem.reason).where(SupportItem.kind == SupportKind.STAFF)
    with world.clinic.db.reading() as db:
        return sorted(db.scalars(query))


def weekly(world, name: str, day: PatternDay, starts: int, ends: int, **more) -> str:
    given = Pattern(
        staff_id(world, name),
        more.pop("duty", Duty.ON_CALL),
        day,
        time(starts),
        time(ends),
        NEW_YORK,
        date(2026, 1, 1),
        **more,
    )
    return rota.add_pattern(world.clinic, given, by="staff:x", now=world.now)


def every_day(world, name: str, starts: int, ends: int) -> None:
    for day in tuple(PatternDay)[:7]:
        weekly(world, name, day, starts, ends)


def swap(world, name: str, *, hours: float) -> None:
    """This person is on call now instead of whoever else the rota names."""
    until = world.now + timedelta(hours=hours)
    shift = Shift(staff_id(world, name), Duty.ON_CALL, world.now, until, Weight.SWAP)
    rota_page.add_shift(world.clinic, shift, by="staff:x", now=world.now)


def no_shifts(world) -> None:
    with world.clinic.db.transaction(audited=False) as db:
        for shift in db.query(ShiftRecord):
            db.delete(shift)


def gaps(world, **ahead):
    with world.clinic.db.reading() as db:
        return rota.find_gaps(
            world.clinic, db, now=world.now, ahead=timedelta(**ahead) if ahead else rota.AHEAD
        )


def test_a_weekly_pattern_says_who_is_paged(world):
    no_shifts(world)
    every_day(world, "Dr Lund", 8, 20)
    every_day(world, "Dr Ruiz", 20, 8)
    world.text("Bea", "want to die")
    assert world.to("Dr Lund") == ["page_alert"]
    assert gaps(world) == []


def test_a_swap_is_paged_and_ends(world):
    no_shifts(world)
    every_day(world, "Dr Lund", 8, 8)
    swap(world, "Dr Ruiz", hours=2)
    world.text("Bea", "want to die")
    assert world.to("Dr Ruiz") == ["page_alert"]
    pass_time(world, hours=2)
    world.text("Ann", "want to die")
    assert "page_alert" in world.to("Dr Lund")


def test_a_pattern_that_ends_leaves_a_gap_that_is_seen(world):
    no_shifts(world)
    every_day(world, "Dr Lund", 8, 20)
    night = [weekly(world, "Dr Ruiz", day, 20, 8) for day in tuple(PatternDay)[:7]]
    for pattern_id in night:
        rota.end_pattern(
            world.clinic, pattern_id, last_day=date(2026, 1, 5), by="staff:x", now=world.now
        )
    [first, second] = gaps(world)
    assert first.starts_at == datetime(2026, 1, 7, 1, 0, tzinfo=UTC)
    assert first.ends_at == datetime(2026, 1, 7, 13, 0, tzinfo=UTC)
    assert second.starts_at == datetime(2026, 1, 8, 1, 0, tzinfo=UTC)


def test_a_pattern_must_end_after_it_begins(world):
    with pytest.raises(NotAllowed):
        weekly(world, "Dr Lund", PatternDay.MONDAY, 8, 20, valid_until=date(2025, 1, 1))


# --- the warning --------------------------------------------------------------------------------


@SQLITE_ONLY
def test_the_lead_is_warned_72_hours_before_a_gap_once_a_day(world):
    with world.clinic.db.transaction(audited=False) as db:
        for shift in db.query(ShiftRecord).filter(ShiftRecord.duty == "on_call"):
            shift.ends_at = world.now + timedelta(hours=73)
    pass_time(world, minutes=59)
    assert world.to("Dr Lund") == []
    pass_time(world, minutes=11)
    assert world.to("Dr Lund") == ["rota_gap"]
    assert "Thu Jan 8 at 11 am" in world.words_to("Dr Lund")[0]
    pass_time(world, hours=3)
    assert world.to("Dr Lund") == ["rota_gap"]
    pass_time(world, days=1)
    assert world.to("Dr Lund") == ["rota_gap"] * 2
    assert troubles(world) == ["rota_gap"]
    assert world.to("Dr Bose") == world.to("Dr Ruiz") == []


@SQLITE_ONLY
def test_nobody_is_woken_about_a_gap_that_is_days_away(clinic):
    world = World(clinic, now=datetime(2026, 1, 6, 6, 0, tzinfo=UTC))  # one in the morning
    with world.clinic.db.transaction(audited=False) as db:
        for shift in db.query(ShiftRecord).filter(ShiftRecord.duty == "on_call"):
            shift.ends_at = world.now + timedelta(hours=60)
    pass_time(world, minutes=20)
    assert world.to("Dr Lund") == []
    pass_time(world, hours=7)
    assert world.to("Dr Lund") == ["rota_gap"]


@SQLITE_ONLY
def test_a_gap_that_is_near_wakes_the_lead(clinic):
    world = World(clinic, now=datetime(2026, 1, 6, 6, 0, tzinfo=UTC))
    end_all_shifts(world)
    world.settle()
    assert world.to("Dr Lund") == ["rota_gap"]


# --- nobody there, a new shift, a phone that does not work ----------------------------------------


@SQLITE_ONLY
def test_no_one_on_call_is_told_to_everybody_and_to_support(world):
    end_all_shifts(world)
    world.text("Bea", "want to die")
    assert sorted(paged(world)) == sorted(CLINICIANS)
    assert "page_no_one_on_call" in world.to("Dr Bose")
    assert troubles(world) == ["no_one_is_on_call", "rota_gap"]


@SQLITE_ONLY
def test_a_responder_without_a_phone_is_trouble_and_everybody_is_paged(world):
    with world.clinic.db.transaction(audited=False) as db:
        db.get_one(Staff, staff_id(world, "Dr Bose")).phone_index = None
    world.text("Bea", "want to die")
    assert sorted(paged(world)) == ["Dr Lund", "Dr Ruiz"]
    assert "responder_without_phone" in troubles(world)


@SQLITE_ONLY
@pytest.mark.parametrize(
    ("error", "reason"), [(OptedOut(), "opted_out"), (NumberUnreachable(), "unreachable")]
)
def test_a_colleagues_number_that_refuses_us_is_trouble_and_the_ladder_moves_on(
    world, error, reason
):
    world.carrier.refuses[number_of("Dr Bose")] = error
    world.text("Bea", "want to die")
    assert world.to("Dr Ruiz") == ["page_alert_again"]
    assert pages(world, "Bea")[0].failed_because == reason
    assert troubles(world) == [reason]


@SQLITE_ONLY
def test_the_practice_rings_when_there_is_no_clinician_at_all(world):
    with world.clinic.db.transaction(audited=False) as db:
        for staff in db.query(Staff):
            staff.disabled_at = world.now
    world.text("Bea", "want to die")
    assert [call.to_number for call in world.voice.sent] == [number_of("practice")]
    assert world.alert("Bea").status == "open"


@SQLITE_ONLY
def test_whoever_comes_on_call_is_paged_about_what_is_open(world):
    with world.clinic.db.transaction(audited=False) as db:
        bose = db.query(ShiftRecord).filter(ShiftRecord.duty == "on_call").one()
        bose.ends_at = world.now + timedelta(minutes=2)
        db.add(
            ShiftRecord(
                staff_id=staff_id(world, "Dr Lund"),
                duty="on_call",
                starts_at=bose.ends_at,
                ends_at=bose.ends_at + timedelta(days=30),
            )
        )
    world.text("Bea", "want to die")
    assert paged(world) == ["Dr Bose"]
    pass_time(world, minutes=2)
    assert paged(world) == ["Dr Bose", "Dr Lund"]
    pass_time(world, minutes=5)
    assert paged(world) == ["Dr Bose", "Dr Lund"]
    assert troubles(world) == ["shift_changed_while_open"]
    pass_time(world, minutes=8)
    assert paged(world) == ["Dr Bose", "Dr Lund", "Dr Ruiz"]


@SQLITE_ONLY
def test_a_shift_change_pages_nobody_about_what_is_already_taken(world):
    world.text("Bea", "want to die")
    world.text("Dr Bose", "ack")
    before = len(paged(world))
    swap(world, "Dr Lund", hours=9)
    pass_time(world, minutes=5)
    assert len(paged(world)) == before


@SQLITE_ONLY
def test_hours_without_a_second_person_are_seen_and_are_a_task_without_a_text(world):
    no_shifts(world)
    every_day(world, "Dr Bose", 0, 0)
    weekly(world, "Dr Ruiz", PatternDay.MONDAY, 8, 20, duty=Duty.BACKUP)
    weekly(world, "Dr Bose", PatternDay.TUESDAY, 8, 20, duty=Duty.BACKUP)
    with world.clinic.db.reading() as db:
        assert rota.find_gaps(world.clinic, db, now=world.now) == []
        [alone] = rota.find_backup_gaps(world.clinic, db, now=world.now)
    # From the end of Dr Ruiz's Monday on: who is backup for himself is none.
    assert alone.starts_at == datetime(2026, 1, 6, 1, 0, tzinfo=UTC)
    world.settle()
    assert troubles(world) == ["no_backup_planned"]
    assert world.to("Dr Lund") == []


def gap_tasks(world) -> list[SupportItem]:
    query = select(SupportItem).where(SupportItem.kind == SupportKind.STAFF)
    with world.clinic.db.reading() as db:
        return list(db.scalars(query.order_by(SupportItem.id)))


@SQLITE_ONLY
def test_a_task_about_a_gap_is_due_when_it_begins_and_closes_itself_when_it_is_filled(world):
    no_shifts(world)
    every_day(world, "Dr Bose", 0, 0)
    weekly(world, "Dr Ruiz", PatternDay.MONDAY, 8, 20, duty=Duty.BACKUP)
    world.settle()
    [task] = gap_tasks(world)
    assert task.due_at == datetime(2026, 1, 6, 1, 0, tzinfo=UTC), "and no hour of the office's"
    pass_time(world, minutes=30)
    assert [one.status for one in gap_tasks(world)] == [SupportStatus.OPEN], "still a gap"
    for day in tuple(PatternDay)[:7]:
        weekly(world, "Dr Ruiz", day, 0, 0, duty=Duty.BACKUP)
    pass_time(world, minutes=11)
    [task] = gap_tasks(world)
    assert task.status == SupportStatus.CLOSED
    closed = [one for one in audited(world, "close_support_item") if task.id in one.subject]
    assert [(one.actor, one.details["because"]) for one in closed] == [("system", "no_gap_left")]


@SQLITE_ONLY
def test_a_gap_in_the_call_that_is_filled_is_no_task_any_more(world):
    end_all_shifts(world)
    world.settle()
    assert {one.status for one in gap_tasks(world)} == {SupportStatus.OPEN}
    for day in tuple(PatternDay)[:7]:
        weekly(world, "Dr Bose", day, 0, 0)
        weekly(world, "Dr Ruiz", day, 0, 0, duty=Duty.BACKUP)
    pass_time(world, minutes=11)
    assert {one.status for one in gap_tasks(world)} == {SupportStatus.CLOSED}


@SQLITE_ONLY
def test_trouble_with_paging_on_a_friday_night_does_not_wait_for_monday(clinic):
    world = World(clinic, now=datetime(2026, 1, 10, 3, 0, tzinfo=UTC))  # ten on Friday evening
    with clinic.db.transaction() as db:
        support.report_trouble(clinic, db, "pages_not_sent", now=world.now)
    [task] = gap_tasks(world)
    assert task.due_at == world.now


@SQLITE_ONLY
def test_a_gap_that_begins_sooner_than_the_known_one_is_due_sooner(world):
    with world.clinic.db.transaction() as db:
        for hours in (20, 5, 30):
            at = world.now + timedelta(hours=hours)
            support.report_trouble(world.clinic, db, "rota_gap", now=world.now, due_at=at)
    [task] = gap_tasks(world)
    assert task.due_at == world.now + timedelta(hours=5)


@SQLITE_ONLY
def test_who_says_when_one_person_has_both_duties(world):
    no_shifts(world)
    every_day(world, "Dr Bose", 0, 0)
    for day in tuple(PatternDay)[:7]:
        weekly(world, "Dr Bose", day, 0, 0, duty=Duty.BACKUP)
    world.text("Sam", "WHO")
    assert world.to("Sam") == ["who_on_call_alone"]


@SQLITE_ONLY
def test_mine_again_and_again_leaves_one_shift_that_counts(world):
    for name in ("Dr Lund", "Dr Ruiz", "Dr Lund", "Dr Lund"):
        world.text(name, "MINE")
        world.clock.time += timedelta(minutes=1)
    shown = rota_page.look_at(world.clinic, now=world.now)
    on_call = [line for line in shown.shifts if line.duty == Duty.ON_CALL]
    assert [line.name for line in on_call if line.runs_now] == ["Dr Lund"]
    assert sorted(line.name for line in on_call if line.taken_over) == ["Dr Bose", "Dr Ruiz"]
    assert shown.on_call.primary == "Dr Lund"
