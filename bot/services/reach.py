"""A colleague whose phone refuses our texts: said at once and by name, and paged another way.

A phone that said STOP gets no texts of ours, whatever they are: the carrier sees to that. It still
rings. Until it takes texts again every page of such a person goes by call as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind, SupportStatus
from bot.core.messages import Lane
from bot.core.rota import StaffRole
from bot.services import outbox, support
from bot.services.clinic import Clinic
from bot.storage import alerts, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Staff

OPTED_OUT = "opted_out"


@dataclass(frozen=True)
class Unreachable:
    """A clinician whose phone said STOP."""

    staff_id: str
    name: str


def list_unreachable(clinic: Clinic) -> Sequence[Unreachable]:
    """The clinicians who cannot be paged by text now; for every page that shows who answers."""
    with clinic.db.reading() as db:
        return [
            Unreachable(one.id, sealing.get(db, one, "name"))
            for one in people.list_clinicians(db)
            if takes_no_texts(db, one)
        ]


def takes_no_texts(db: Session, staff: Staff) -> bool:
    """Has this colleague's phone said STOP?"""
    return staff.phone_index is not None and people.is_opted_out(db, staff.phone_index)


def lost(clinic: Clinic, db: Session, staff: Staff, *, now: datetime) -> None:
    """This colleague's phone said STOP: one urgent task, and lead and admins are texted, once."""
    assert staff.phone_index is not None  # a text came from it, or was refused by it
    state = people.number_state(db, staff.phone_index)
    state.opted_out_at = state.opted_out_at or now
    if alerts.find_staff_item(db, reason=OPTED_OUT, alert_id=None, staff_id=staff.id) is not None:
        return
    support.report_trouble(clinic, db, OPTED_OUT, staff_id=staff.id, now=now, due_at=now)
    record(db, Audit("carrier", "staff_opt_out", f"staff:{staff.id}"), now=now)
    for told in _lead_and_admins(db, but=staff):
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id="page_staff_stopped",
                key=f"staff_stopped:{staff.id}:{state.opted_out_at.isoformat()}:{told.id}",
                lane=Lane.PAGE,
                values={"name": sealing.get(db, staff, "name")},
                despite_opt_out=True,
            ),
            outbox.to_staff(db, told),
            now=now,
        )


def found_again(db: Session, staff: Staff, *, now: datetime) -> None:
    """This colleague's phone takes texts again: the task about it is done."""
    assert staff.phone_index is not None  # a text came from it
    people.number_state(db, staff.phone_index).opted_out_at = None
    item = alerts.find_staff_item(db, reason=OPTED_OUT, alert_id=None, staff_id=staff.id)
    if item is not None and item.kind == SupportKind.STAFF:
        item.status, item.closed_at = SupportStatus.CLOSED, now
    record(db, Audit(f"staff:{staff.id}", "staff_opt_in", f"staff:{staff.id}"), now=now)


def _lead_and_admins(db: Session, *, but: Staff) -> list[Staff]:
    """Who mends it; every clinician where none of them has a phone."""
    others = [
        one
        for one in people.list_staff(db)
        if one.id != but.id and one.phone_index is not None and one.disabled_at is None
    ]
    told = [one for one in others if one.leads or one.role == StaffRole.ADMIN]
    return told or [one for one in others if one.role == StaffRole.CLINICIAN]
