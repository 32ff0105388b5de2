"""A clinician takes the call, by the word MINE or in the console: for this night, not the month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.core.messages import Lane
from bot.core.rota import Duty, Gap, Shift, shift_on_duty
from bot.errors import NotAllowed
from bot.services import outbox, rota, staff, support
from bot.services.clinic import Clinic
from bot.storage import alerts, audit, people, sealing
from bot.storage.tables import Staff

# Four letters typed at night mean this shift, not the two months that a small practice may enter
# as one: whoever takes the call is awake today, and nobody else is asked.
LONGEST = timedelta(hours=24)
# On record when it was taken by the word MINE; BACK then undoes that.
BY_TEXT = "take_call"
# Somebody who takes over an empty rota has it this long at most.
_LONGEST_ALONE = timedelta(hours=12)


@dataclass(frozen=True)
class Taken:
    """Until when this person has the call.

    :param no_backup: the first time within it that has no second person as backup.
    """

    until: datetime
    no_backup: Gap | None = None


def take_over(clinic: Clinic, db: Session, taker: Staff, *, now: datetime) -> Taken:
    """This person is on call from now on, until the running shift ends, at most a day.

    Whoever had the call hears of it, and the lead where nobody is left as backup. Open alerts are
    paged to the newcomer by the worker.

    :raises NotAllowed: somebody who cannot be paged.
    """
    if taker.id not in {found.id for found in people.list_clinicians(db)}:
        raise NotAllowed("only a clinician with a phone can be on call")
    shifts = rota.shifts_between(clinic, db, start=now, end=now + LONGEST)
    running = shift_on_duty(shifts, Duty.ON_CALL, now=now)
    if running is not None and running.staff_id == taker.id:
        return Taken(running.ends_at, _no_backup(clinic, db, running.ends_at, now=now))
    before = rota.holder(clinic, db, Duty.ON_CALL, now=now)
    until = min(running.ends_at, now + LONGEST) if running else _next_start(shifts, now)
    # What the same person took over earlier today is replaced by this.
    staff.end_swaps(db, taker.id, by=f"staff:{taker.id}", now=now)
    staff.add_shift(
        db,
        staff_id=taker.id,
        duty=Duty.ON_CALL,
        starts_at=now,
        ends_at=until,
        by=f"staff:{taker.id}",
        now=now,
        is_swap=True,
    )
    db.flush()
    if before is not None:
        _tell_relieved(clinic, db, before, taker, until=until, now=now)
    gap = _no_backup(clinic, db, until, now=now)
    if gap is not None:
        _tell_leads(clinic, db, taker, gap, now=now)
    return Taken(until, gap)


def was_last_taken(db: Session, taker: Staff, *, now: datetime) -> bool:
    """Did this person take the call by MINE, still has it so, and has taken no alert since?"""
    taken_at = audit.last_at(db, subject=f"staff:{taker.id}", verb=BY_TEXT)
    swaps = people.running_swaps(db, taker.id, now=now)
    if taken_at is None or not any(one.starts_at == taken_at for one in swaps):
        return False
    held = [one for one in alerts.list_unresolved(db) if one.acknowledged_by == taker.id]
    return not any(one.acknowledged_at and one.acknowledged_at >= taken_at for one in held)


def give_back(
    clinic: Clinic, db: Session, taker: Staff, *, now: datetime
) -> tuple[str, dict[str, str]]:
    """The call goes back to whom the rota names; what the person hears who gave it back.

    It stays where it is while nobody else would have it: an alert must find somebody on call.
    """
    ended = {(one.starts_at, one.ends_at) for one in people.running_swaps(db, taker.id, now=now)}
    shifts = [
        one
        for one in rota.shifts_between(clinic, db, start=now, end=now + LONGEST)
        if one.staff_id != taker.id or (one.starts_at, one.ends_at) not in ended
    ]
    next_one = shift_on_duty(shifts, Duty.ON_CALL, now=now)
    can_be_paged = {found.id: found for found in people.list_clinicians(db)}
    if next_one is None or next_one.staff_id not in can_be_paged:
        return "mine_kept", {}
    staff.end_swaps(db, taker.id, by=f"staff:{taker.id}", now=now)
    db.flush()
    holder = can_be_paged[next_one.staff_id]
    if holder.id != taker.id:
        text = outbox.Text(
            id="mine_returned",
            key=f"mine_returned:{taker.id}:{int(now.timestamp())}",
            lane=Lane.PAGE,
            values={
                "name": sealing.get(db, taker, "name"),
                "when": rota.say_until(clinic, next_one.ends_at),
            },
            despite_opt_out=True,
        )
        outbox.queue(clinic, db, text, outbox.to_staff(db, holder), now=now)
    return "mine_undone", {"name": sealing.get(db, holder, "name")}


def answer(clinic: Clinic, taken: Taken) -> tuple[str, dict[str, str]]:
    """What somebody hears who has just taken the call: the text's id and its blanks."""
    values = {"when": rota.say_until(clinic, taken.until)}
    if taken.no_backup is None:
        return "mine_done", values
    values["list"] = rota.say_until(clinic, taken.no_backup.starts_at)
    return "mine_alone", values


def _no_backup(clinic: Clinic, db: Session, until: datetime, *, now: datetime) -> Gap | None:
    ahead = min(until - now, LONGEST)
    return next(iter(rota.find_backup_gaps(clinic, db, now=now, ahead=ahead)), None)


def _next_start(shifts: Sequence[Shift], now: datetime) -> datetime:
    latest = now + _LONGEST_ALONE
    later = [
        shift.starts_at
        for shift in shifts
        if shift.duty == Duty.ON_CALL and now < shift.starts_at < latest
    ]
    return min(later, default=latest)


def _tell_relieved(
    clinic: Clinic, db: Session, before: Staff, taker: Staff, *, until: datetime, now: datetime
) -> None:
    """Whoever had the call hears who has it, and that it comes back where the shift goes on."""
    comes_back = rota.holder_id(clinic, db, Duty.ON_CALL, now=until) == before.id
    text = outbox.Text(
        id="mine_told_back" if comes_back else "mine_told",
        key=f"mine_told:{taker.id}:{int(now.timestamp())}",
        lane=Lane.PAGE,
        values={"name": sealing.get(db, taker, "name"), "when": rota.say_until(clinic, until)},
        despite_opt_out=True,
    )
    outbox.queue(clinic, db, text, outbox.to_staff(db, before), now=now)


def _tell_leads(clinic: Clinic, db: Session, taker: Staff, gap: Gap, *, now: datetime) -> None:
    """A gap that begins today is told at once, as one in the call itself is; once a day."""
    support.report_trouble(clinic, db, "no_backup_planned", due_at=gap.starts_at, now=now)
    today = now.astimezone(ZoneInfo(clinic.protocol.staffed_hours.zone)).date()
    values = {
        "name": sealing.get(db, taker, "name"),
        "when": rota.say_until(clinic, gap.starts_at),
    }
    for lead in people.list_clinicians(db):
        if not lead.leads or lead.id == taker.id:
            continue  # who takes it is told in the answer
        text = outbox.Text(
            id="backup_gap",
            key=f"backup_gap:{today}:{taker.id}:{lead.id}",
            lane=Lane.PAGE,
            values=values,
            despite_opt_out=True,
        )
        outbox.queue(clinic, db, text, outbox.to_staff(db, lead), now=now)
