"""Writes staff and their shifts into the records."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.ids import new_id
from bot.core.rota import Duty, StaffRole
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import ShiftRecord, Staff


def add_staff(
    db: Session,
    *,
    name: str,
    phone: str | None,
    role: StaffRole,
    by: str,
    now: datetime,
    leads: bool = False,
    email: str | None = None,
) -> Staff:
    """Somebody starts to work here.

    :param phone: E.164; none for somebody who cannot be paged.
    :param leads: may be paged as the lead clinician.
    :param email: where pages by e-mail go, with a link and nothing else.
    """
    staff = Staff(
        id=new_id(),
        phone_index=people.index_of(db, phone) if phone else None,
        role=role,
        leads=leads,
    )
    sealing.put(db, staff, name=name, phone=phone, email=email)
    db.add(staff)
    db.flush()
    record(db, Audit(by, "add_staff", f"staff:{staff.id}", {"role": role}), now=now)
    return staff


def add_shift(
    db: Session,
    *,
    staff_id: str,
    duty: Duty,
    starts_at: datetime,
    ends_at: datetime,
    by: str,
    now: datetime,
    is_swap: bool = False,
) -> None:
    """This person has this duty in this time.

    :param is_swap: instead of whoever else the rota names for it.
    """
    db.add(
        ShiftRecord(
            staff_id=staff_id, duty=duty, starts_at=starts_at, ends_at=ends_at, is_swap=is_swap
        )
    )
    details = {"duty": duty, "swap": is_swap}
    record(db, Audit(by, "add_shift", f"staff:{staff_id}", details), now=now)


def end_swaps(db: Session, staff_id: str, *, by: str, now: datetime) -> None:
    """Times that this person took over earlier, and that still run, end now."""
    for shift in people.running_swaps(db, staff_id, now=now):
        shift.ends_at = now
        details = {"duty": shift.duty, "from": shift.starts_at.isoformat()}
        record(db, Audit(by, "end_swap", f"staff:{staff_id}", details), now=now)
