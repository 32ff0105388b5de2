"""Who is on call at this practice now, who takes over, and where nobody would answer a page."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.content.protocol import say_when
from bot.core.languages import Language
from bot.core.messages import Lane
from bot.core.rota import Duty, Gap, Pattern, Shift, backup_gaps, gaps, shift_on_duty
from bot.errors import ConfigError, NotAllowed, NotFound
from bot.services import housekeeping, outbox, support
from bot.services.clinic import Clinic
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Heartbeat, RotaPattern, Staff

# A gap is warned of this long before it comes (issue: "72 h ahead").
AHEAD = timedelta(hours=72)
_CHECK_EVERY = timedelta(minutes=10)
# The lead is not woken about a gap that is days away.
_TELLS_FROM, _TELLS_UNTIL = time(8), time(20)
_SOON = timedelta(hours=12)


def shifts_between(clinic: Clinic, db: Session, *, start: datetime, end: datetime) -> list[Shift]:
    """Every shift that touches this time, of patterns, single shifts and swaps."""
    return people.list_shifts_between(db, start=start, end=end, holidays=_holidays(clinic))


def holder_id(clinic: Clinic, db: Session, duty: Duty, *, now: datetime) -> str | None:
    """Whose duty it is now by the rota, whether that person can be paged or not."""
    shifts = people.list_shifts(db, now=now, holidays=_holidays(clinic))
    shift = shift_on_duty(shifts, duty, now=now)
    return shift.staff_id if shift else None


def holder(clinic: Clinic, db: Session, duty: Duty, *, now: datetime) -> Staff | None:
    """Who has this duty now and can be paged."""
    staff_id = holder_id(clinic, db, duty, now=now)
    return next((found for found in people.list_clinicians(db) if found.id == staff_id), None)


def name_on_duty(clinic: Clinic, db: Session, duty: Duty, *, now: datetime) -> str:
    """The name of who has this duty now, for the answer to WHO and for every console page."""
    found = holder(clinic, db, duty, now=now)
    return sealing.get(db, found, "name") if found else "no one"


def is_own_backup(clinic: Clinic, db: Session, *, now: datetime) -> bool:
    """Is who is on call the backup too, and nobody else? Then no second person is paged."""
    shifts = people.list_shifts(db, now=now, holidays=_holidays(clinic))
    primary = shift_on_duty(shifts, Duty.ON_CALL, now=now)
    return (
        primary is not None
        and shift_on_duty(shifts, Duty.BACKUP, now=now) is None
        and any(one.duty is Duty.BACKUP and one.staff_id == primary.staff_id for one in shifts)
    )


def say_until(clinic: Clinic, moment: datetime) -> str:
    """A moment of the rota in words, on the practice's clock."""
    zone = ZoneInfo(clinic.protocol.staffed_hours.zone)
    return say_when(moment, zone=zone, language=Language.ENGLISH)


def add_pattern(clinic: Clinic, pattern: Pattern, *, by: str, now: datetime) -> str:
    """This person has this duty every week; the id of the pattern.

    :raises NotFound: no such member of staff.
    :raises NotAllowed: it ends before it begins.
    """
    if pattern.valid_until is not None and pattern.valid_until < pattern.valid_from:
        raise NotAllowed("a pattern must end after it begins")
    with clinic.db.transaction() as db:
        people.get_staff(db, pattern.staff_id)
        row = RotaPattern(
            staff_id=pattern.staff_id,
            duty=pattern.duty,
            day=pattern.day,
            starts=pattern.starts,
            ends=pattern.ends,
            zone=pattern.zone,
            valid_from=pattern.valid_from,
            valid_until=pattern.valid_until,
        )
        db.add(row)
        details = {"duty": pattern.duty, "day": pattern.day}
        record(db, Audit(by, "add_pattern", f"staff:{pattern.staff_id}", details), now=now)
        return row.id


def end_pattern(clinic: Clinic, pattern_id: str, *, last_day: date, by: str, now: datetime) -> None:
    """The pattern goes on until this day, and no longer.

    :raises NotFound: no such pattern.
    """
    with clinic.db.transaction() as db:
        row = db.get(RotaPattern, pattern_id)
        if row is None:
            raise NotFound("no such pattern")
        row.valid_until = last_day
        record(db, Audit(by, "end_pattern", f"staff:{row.staff_id}"), now=now)


def find_gaps(
    clinic: Clinic, db: Session, *, now: datetime, ahead: timedelta = AHEAD
) -> Sequence[Gap]:
    """When nobody who can be paged is on call, from now on; the first one first."""
    can_be_paged = {found.id for found in people.list_clinicians(db)}
    shifts = shifts_between(clinic, db, start=now, end=now + ahead)
    return gaps(shifts, Duty.ON_CALL, can_be_paged=can_be_paged, start=now, end=now + ahead)


def find_backup_gaps(
    clinic: Clinic, db: Session, *, now: datetime, ahead: timedelta = AHEAD
) -> Sequence[Gap]:
    """When nobody stands behind the one on call: no backup, or the same person; the first first."""
    can_be_paged = {found.id for found in people.list_clinicians(db)}
    shifts = shifts_between(clinic, db, start=now, end=now + ahead)
    return backup_gaps(shifts, can_be_paged=can_be_paged, start=now, end=now + ahead)


def refuse_gaps_at_first_start(clinic: Clinic, *, now: datetime) -> None:
    """A clinic does not go live with hours in which nobody would answer.

    Only the very first start is refused: a clinic that runs and has a gap must be able to start
    again, for then everybody is paged, which is more than nobody (decision 0014).

    :raises ConfigError: no worker ever ran here, and the next 72 hours have a gap.
    """
    with clinic.db.reading() as db:
        if db.get(Heartbeat, "worker") is not None:
            return
        found = find_gaps(clinic, db, now=now)
    if found:
        raise ConfigError(
            f"nobody with a phone is on call from {say_until(clinic, found[0].starts_at)} on. Fill "
            "the rota for the next 72 hours with `tend staff weekly` or `tend staff shift`."
        )


def warn_of_gaps(clinic: Clinic, *, now: datetime) -> int:
    """Tell the lead of each gap, once a day until it is filled; how many were told."""
    if not housekeeping.claim_round(clinic, "rota", every=_CHECK_EVERY, now=now):
        return 0
    with clinic.db.reading() as db:
        found = find_gaps(clinic, db, now=now)
        alone = find_backup_gaps(clinic, db, now=now)
    # Softer: the lead is paged instead, so it is a task for the office and no text.
    _keep_task(clinic, "no_backup_planned", alone, now=now)
    if not found:
        _keep_task(clinic, "rota_gap", found, now=now)
    to_tell = [gap for gap in found if _may_tell(clinic, gap, now)]
    if not to_tell:
        return 0
    with clinic.db.transaction() as db:
        return sum(_warn(clinic, db, gap, now=now) for gap in to_tell)


def _keep_task(clinic: Clinic, reason: str, found: Sequence[Gap], *, now: datetime) -> None:
    """A task while there is a gap, due when the first begins; closed when the rota has none."""
    with clinic.db.transaction() as db:
        if found:
            support.report_trouble(clinic, db, reason, due_at=found[0].starts_at, now=now)
        else:
            support.trouble_is_over(db, reason, because="no_gap_left", now=now)


def _warn(clinic: Clinic, db: Session, gap: Gap, *, now: datetime) -> int:
    support.report_trouble(clinic, db, "rota_gap", due_at=gap.starts_at, now=now)
    today = now.astimezone(ZoneInfo(clinic.protocol.staffed_hours.zone)).date()
    clinicians = people.list_clinicians(db)
    # A gap that runs already begins "now" at every look, and its end moves with the 72 hours.
    which = "now" if gap.starts_at <= now else f"{gap.starts_at:%Y%m%d%H%M}"
    told = 0
    for lead in [found for found in clinicians if found.leads] or clinicians:
        queued = outbox.queue(
            clinic,
            db,
            outbox.Text(
                id="rota_gap",
                key=f"rota_gap:{today}:{which}:{lead.id}",
                lane=Lane.PAGE,
                values={"when": say_until(clinic, gap.starts_at)},
                despite_opt_out=True,
            ),
            outbox.to_staff(db, lead),
            now=now,
        )
        told += queued is not None
    return told


def _may_tell(clinic: Clinic, gap: Gap, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(clinic.protocol.staffed_hours.zone)).time()
    return gap.starts_at - now <= _SOON or _TELLS_FROM <= local < _TELLS_UNTIL


def _holidays(clinic: Clinic) -> frozenset[date]:
    return frozenset(clinic.protocol.staffed_hours.closed_on)
