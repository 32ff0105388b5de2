"""A new shift takes nobody's duty in silence, and nobody is their own backup."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.core.rota import Duty
from bot.services import rota_page, staff
from bot.storage.tables import ShiftRecord
from tests.engines import SQLITE_ONLY

pytestmark = SQLITE_ONLY


def on_call(world) -> rota_page.OnCall:
    return rota_page.on_call_now(world.clinic, now=world.now)


def wanted(console, name: str, duty: str, hours: tuple[float, float], **more: str):
    world = console.world
    zone = ZoneInfo(world.clinic.protocol.staffed_hours.zone)
    starts, ends = (
        f"{(world.now + timedelta(hours=hour)).astimezone(zone):%Y-%m-%dT%H:%M}" for hour in hours
    )
    staff_id = console.staff_id(name)
    return {"staff_id": staff_id, "duty": duty, "starts": starts, "ends": ends, **more}


@pytest.fixture
def lund(console, world):
    """Dr Bose is on call, Dr Ruiz is backup; Dr Lund changes the rota."""
    assert on_call(world) == rota_page.OnCall("Dr Bose", "Dr Ruiz")
    return console.as_("Dr Lund")


@pytest.mark.parametrize("instead", ["", "yes"])
@pytest.mark.parametrize("sure", ["", "yes"])
def test_who_is_on_call_is_refused_as_backup(console, world, lund, instead, sure):
    form = wanted(console, "Dr Bose", "backup", (0, 6), instead=instead, sure=sure)
    refused = lund.post("/rota/shifts", **form)
    assert refused.status_code == 409
    assert "nobody is their own backup" in refused.text
    assert on_call(world) == rota_page.OnCall("Dr Bose", "Dr Ruiz")


def test_a_backup_shift_of_who_is_on_call_displaces_nobody(console, world, lund):
    """Entered elsewhere, or left over: it stands in the rota, says so, and does not count."""
    with world.clinic.db.transaction() as db:
        staff.add_shift(
            db,
            staff_id=console.staff_id("Dr Bose"),
            duty=Duty.BACKUP,
            starts_at=world.now,
            ends_at=world.now + timedelta(hours=6),
            by="cli:x",
            now=world.now,
        )
    assert on_call(world) == rota_page.OnCall("Dr Bose", "Dr Ruiz")
    page = lund.get("/rota").text
    assert "does not count: on call" in page
    assert "taken over" not in page
    assert "Backup: <strong>Dr Ruiz</strong>" in lund.get("/now").text


@pytest.mark.parametrize("instead", ["", "yes"])
def test_what_displaces_asks_first(console, world, lund, instead):
    form = wanted(console, "Dr Lund", "backup", (0, 6), instead=instead)
    asked = lund.post("/rota/shifts", **form)
    assert asked.status_code == 200
    assert "Dr Ruiz is then no longer backup" in asked.text
    assert ": Dr Lund is." in asked.text
    assert console.audited("add_shift")[-1].actor != f"staff:{console.staff_id('Dr Lund')}"
    assert on_call(world).backup == "Dr Ruiz", "nothing is changed yet"
    assert lund.post("/rota/shifts", **form, sure="yes").status_code == 303
    assert on_call(world).backup == "Dr Lund"
    with world.clinic.db.reading() as db:
        newest = db.scalars(select(ShiftRecord).order_by(ShiftRecord.id.desc())).first()
        assert newest is not None
        assert newest.is_swap, "it was agreed to that it goes before the rota"


def test_to_put_the_backup_on_call_says_who_is_relieved(console, world, lund):
    asked = lund.post("/rota/shifts", **wanted(console, "Dr Ruiz", "on_call", (0, 6)))
    assert "Dr Bose is then no longer on call" in asked.text
    assert on_call(world).primary == "Dr Bose"


def test_a_short_handover_asks_nothing(console, world, lund):
    with world.clinic.db.reading() as db:
        query = select(ShiftRecord).where(ShiftRecord.duty == Duty.ON_CALL)
        last = max(row.ends_at for row in db.scalars(query))
    hours = (last - world.now).total_seconds() / 3600
    form = wanted(console, "Dr Lund", "on_call", (hours - 0.5, hours + 12))
    assert lund.post("/rota/shifts", **form).status_code == 303


def test_an_hour_that_the_clocks_skip_is_refused_with_the_reason(console, world, lund):
    form = wanted(console, "Dr Lund", "on_call", (0, 6))
    form |= {"starts": "2026-03-08T02:30", "ends": "2026-03-08T08:00"}
    refused = lund.post("/rota/shifts", **form)
    assert refused.status_code == 409
    assert "There is no 02:30 on 2026-03-08: the clocks go forward" in refused.text
    assert 'value="2026-03-08T02:30"' in refused.text, "what was written is kept"


def test_an_hour_that_comes_twice_means_the_first_as_the_page_says(console, world, lund):
    assert "means the first" in lund.get("/rota").text
    form = wanted(console, "Dr Lund", "on_call", (0, 6))
    form |= {"starts": "2026-11-01T01:30", "ends": "2026-11-01T08:00", "sure": "yes"}
    assert lund.post("/rota/shifts", **form).status_code == 303
    with world.clinic.db.reading() as db:
        newest = db.scalars(select(ShiftRecord).order_by(ShiftRecord.id.desc())).first()
        assert newest is not None
        assert newest.starts_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
