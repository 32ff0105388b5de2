"""To take a shift out says first what follows from it, and whose it was hears of it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.core.rota import Duty, Shift, Weight
from bot.services import rota_page, shift_ends
from bot.storage.tables import ShiftRecord
from tests.engines import SQLITE_ONLY

pytestmark = SQLITE_ONLY


def shifts_of(world, staff_id, duty="on_call") -> list[ShiftRecord]:
    query = select(ShiftRecord).where(
        ShiftRecord.staff_id == staff_id,
        ShiftRecord.duty == duty,
        ShiftRecord.ends_at > world.now,
    )
    with world.clinic.db.reading() as db:
        return list(db.scalars(query.order_by(ShiftRecord.id)))


def on_call(world) -> str | None:
    return rota_page.on_call_now(world.clinic, now=world.now).primary


def replace_shift(row: ShiftRecord, staff_id: str, *, starts_at: datetime) -> Shift:
    return Shift(staff_id, Duty(row.duty), starts_at, row.ends_at, Weight.SWAP)


def test_the_last_shift_is_taken_out_only_when_asked_once_more(console, world):
    world.text("Bea", "i want to die")
    [shift] = shifts_of(world, console.staff_id("Dr Bose"))
    lund, remove = console.as_("Dr Lund"), f"/rota/shifts/{shift.id}/remove"
    asked = lund.post(remove)
    assert asked.status_code == 200
    assert "Then nobody is on call from" in asked.text
    assert f"{world.alert('Bea').code} is open" in asked.text
    assert on_call(world) == "Dr Bose", "nothing is changed yet"
    assert console.audited("remove_shift") == []
    assert lund.post(remove, sure="yes").status_code == 303
    assert on_call(world) is None
    world.settle()
    assert world.to("Dr Bose").count("shift_ended") == 1


def test_where_somebody_else_is_there_nothing_is_asked(console, world):
    [shift] = shifts_of(world, console.staff_id("Dr Bose"))
    lund = console.as_("Dr Lund")
    swap = replace_shift(shift, console.staff_id("Dr Lund"), starts_at=world.now)
    rota_page.add_shift(world.clinic, swap, by="staff:x", now=world.now)
    # What Dr Lund took over runs as long: without the shift beneath, nobody is missing.
    assert shift_ends.foresee(world.clinic, shift.id, now=world.now) is None
    assert lund.post(f"/rota/shifts/{shift.id}/remove").status_code == 303


def test_who_ends_an_own_shift_is_not_texted_about_it(console, world):
    [shift] = shifts_of(world, console.staff_id("Dr Bose"))
    bose = console.as_("Dr Bose")
    assert bose.post(f"/rota/shifts/{shift.id}/remove", sure="yes").status_code == 303
    world.settle()
    assert "shift_ended" not in world.to("Dr Bose")


def test_a_shift_that_is_over_is_nobodys_news(console, world):
    [shift] = shifts_of(world, console.staff_id("Dr Bose"))
    with world.clinic.db.transaction(audited=False) as db:
        db.get_one(ShiftRecord, shift.id).ends_at = world.now - timedelta(minutes=1)
    assert shift_ends.foresee(world.clinic, shift.id, now=world.now) is None
    shift_ends.remove(
        world.clinic, shift.id, by=f"staff:{console.staff_id('Dr Lund')}", now=world.now
    )
    world.settle()
    assert "shift_ended" not in world.to("Dr Bose")


def test_a_shift_of_the_far_future_is_seen_and_taken_out(console, world):
    ruiz, lund = console.staff_id("Dr Ruiz"), console.as_("Dr Lund")
    begins = [world.now + timedelta(days=days) for days in (15, 40)]
    for moment in begins:
        shift = Shift(ruiz, Duty.ON_CALL, moment, moment + timedelta(hours=8))
        rota_page.add_shift(world.clinic, shift, by="staff:x", now=world.now)
    page = lund.get("/rota").text
    assert "Later: 2 more, from Tue Jan 20, 2026 on" in page
    assert "Week of Mon Jan 19, 2026" in page
    assert "Week of Mon Feb 9, 2026" in page
    for row in shifts_of(world, ruiz):
        assert f"/rota/shifts/{row.id}/remove" in page
        # The shift beneath still covers it.
        assert lund.post(f"/rota/shifts/{row.id}/remove").status_code == 303
    assert "Later:" not in lund.get("/rota").text
    assert shifts_of(world, ruiz) == []


def test_the_day_after_the_two_weeks_is_in_neither_list_twice(world):
    """What begins within the two weeks and goes on is no later shift."""
    shown = rota_page.look_at(world.clinic, now=world.now)
    assert (shown.later, shown.count_later) == ([], 0)
    assert {line.duty for line in shown.shifts} == {Duty.ON_CALL, Duty.BACKUP}
