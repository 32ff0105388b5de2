"""A session's texts follow the session: moved with it, gone with it, never after it began."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import InvalidTransition, NotFound
from bot.services import appointments
from bot.storage import care
from bot.storage.tables import Appointment, CheckIn
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import appointment, pass_time, patient_of, rows_of, schedule
from tests.world import MONDAY_10

pytestmark = SQLITE_ONLY

# Thursday at 14:00 in New York.
THURSDAY_14 = datetime(2026, 1, 8, 19, 0, tzinfo=UTC)


def move(world, appointment_id: str, starts_at: datetime) -> None:
    appointments.move(
        world.clinic,
        appointment_id=appointment_id,
        starts_at=starts_at,
        by="staff:x",
        now=world.now,
    )


def cancel(world, appointment_id: str) -> None:
    appointments.cancel(world.clinic, appointment_id=appointment_id, by="staff:x", now=world.now)


def confirm(world, appointment_id: str) -> None:

    with world.clinic.db.transaction() as db:
        row = db.get_one(Appointment, appointment_id)
        appointments.confirm(db, row, by="patient:x", now=world.now)


def planned(world, appointment_id: str) -> list[CheckIn]:
    with world.clinic.db.reading() as db:
        return list(care.list_check_ins_for(db, appointment_id))


def test_she_is_reminded_the_day_before_and_two_hours_before(world):
    schedule(world, "Ann", THURSDAY_14)
    assert [row.send_after for row in world.rows_to("Ann")] == [
        THURSDAY_14 - timedelta(hours=24),
        THURSDAY_14 - timedelta(hours=2),
    ]
    world.clock.time = THURSDAY_14 - timedelta(hours=24)
    world.settle()
    assert world.to("Ann") == ["reminder_day_before"]
    world.clock.time = THURSDAY_14 - timedelta(hours=2)
    world.settle()
    assert world.to("Ann") == ["reminder_day_before", "reminder_two_hours"]


def test_a_reminder_says_the_time_in_her_own_zone(world):
    schedule(world, "Ann", THURSDAY_14)
    schedule(world, "Luz", THURSDAY_14)
    world.clock.time = THURSDAY_14 - timedelta(hours=24)
    world.settle()
    assert "2 pm" in world.words_to("Ann")[0]
    assert "1 pm" in world.words_to("Luz")[0]


def test_a_session_that_is_planned_late_has_only_the_reminders_that_can_still_come(world):
    schedule(world, "Ann", world.now + timedelta(hours=3))
    assert [row.text_id for row in world.rows_to("Ann")] == ["reminder_two_hours"]


def test_a_reminder_never_comes_after_the_session_began(world):
    schedule(world, "Ann", THURSDAY_14)
    world.clock.time = THURSDAY_14
    world.settle()
    assert world.to("Ann") == []
    assert {row.suppressed_because for row in world.rows_to("Ann")} == {"expired"}


def test_moving_a_session_moves_its_texts_and_tells_her(world):
    appointment_id = schedule(world, "Ann", THURSDAY_14)
    later = THURSDAY_14 + timedelta(days=1)
    move(world, appointment_id, later)
    world.settle()
    assert world.to("Ann") == ["session_moved"]
    waiting = [row.send_after for row in world.rows_to("Ann") if row.status == "queued"]
    assert waiting == [later - timedelta(hours=24), later - timedelta(hours=2)]
    assert rows_of(world, "Ann", "reminder_two_hours")[0].suppressed_because == "appointment_moved"
    assert appointment(world, appointment_id).revision == 2


def test_the_check_in_after_a_session_moves_with_it(world):
    appointment_id = schedule(world, "Ann", THURSDAY_14)
    move(world, appointment_id, THURSDAY_14 + timedelta(days=4))
    standing = [row.due_at for row in planned(world, appointment_id) if row.cancelled_at is None]
    assert standing == [THURSDAY_14 + timedelta(days=4, hours=20)]


def test_moving_back_to_the_old_time_sends_the_reminders_again(world):
    appointment_id = schedule(world, "Ann", THURSDAY_14)
    move(world, appointment_id, THURSDAY_14 + timedelta(days=1))
    move(world, appointment_id, THURSDAY_14)
    waiting = [row.text_id for row in world.rows_to("Ann") if row.status == "queued"]
    assert waiting.count("reminder_two_hours") == 1


def test_cancelling_takes_its_texts_and_its_check_in_away_and_tells_her(world):
    appointment_id = schedule(world, "Ann", THURSDAY_14)
    cancel(world, appointment_id)
    pass_time(world, days=4)
    assert world.to("Ann") == ["session_cancelled"]
    assert all(row.cancelled_at for row in planned(world, appointment_id))


@pytest.mark.parametrize("act", [cancel, lambda world, found: move(world, found, MONDAY_10)])
def test_a_cancelled_session_can_be_neither_cancelled_nor_moved(world, act):
    appointment_id = schedule(world, "Ann", THURSDAY_14)
    cancel(world, appointment_id)
    with pytest.raises(InvalidTransition):
        act(world, appointment_id)


def test_a_session_that_does_not_exist_cannot_be_moved(world):
    with pytest.raises(NotFound):
        move(world, "nothing", THURSDAY_14)


def test_a_wish_for_another_time_moves_nothing_until_a_person_does(world):
    appointment_id = schedule(world, "Ann", THURSDAY_14)
    with world.clinic.db.transaction() as db:
        patient = patient_of(world, "Ann")
        row = care.next_appointment(db, patient.id, now=world.now)
        appointments.request_move(world.clinic, db, patient, row, inbound_id=None, now=world.now)
    found = appointment(world, appointment_id)
    assert (found.status, found.starts_at) == ("move_requested", THURSDAY_14)
    assert world.support_kinds() == ["move_session"]
    assert len([row for row in world.rows_to("Ann") if row.status == "queued"]) == 2


def test_a_session_that_she_confirmed_may_still_be_moved(world):
    appointment_id = schedule(world, "Ann", THURSDAY_14)
    confirm(world, appointment_id)
    confirm(world, appointment_id)
    assert appointment(world, appointment_id).status == "confirmed"
    move(world, appointment_id, THURSDAY_14 + timedelta(days=1))
    assert appointment(world, appointment_id).status == "scheduled"


def test_a_mother_who_stopped_gets_no_reminder_of_a_session(world):
    schedule(world, "Cat", THURSDAY_14)
    world.clock.time = THURSDAY_14 - timedelta(hours=2)
    world.settle()
    assert world.to("Cat") == []
