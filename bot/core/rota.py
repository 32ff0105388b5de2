"""Who is on call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StaffRole(StrEnum):
    """What a member of staff does."""

    CLINICIAN = "clinician"
    SUPPORT = "support"
    ADMIN = "admin"


class Duty(StrEnum):
    """The part a person has in a shift, or in an escalation step."""

    ON_CALL = "on_call"
    BACKUP = "backup"
    LEAD = "lead"


@dataclass(frozen=True)
class Shift:
    """One person's duty from one moment to another (UTC, aware; the end is not included)."""

    staff_id: str
    duty: Duty
    starts_at: datetime
    ends_at: datetime


def on_duty(shifts: Iterable[Shift], duty: Duty, *, now: datetime) -> str | None:
    """The person who has this duty now; the shift that began last wins an overlap.

    An hour that two shifts share is a handover: the newcomer is the one who is awake.
    """
    running = [
        shift for shift in shifts if shift.duty == duty and shift.starts_at <= now < shift.ends_at
    ]
    if not running:
        return None
    return max(running, key=lambda shift: (shift.starts_at, shift.staff_id)).staff_id
