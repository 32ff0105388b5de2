"""Blocks her sessions while she is in danger, until a named clinician releases them."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.core.levels import Level
from bot.core.rota import StaffRole
from bot.errors import NotAllowed
from bot.services.clinic import Clinic
from bot.storage import alerts, care, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Patient

# For this long after her safety plan was reviewed, item 9 means a call the same day.
_PLAN_IS_FRESH = timedelta(days=14)


def block(db: Session, patient_id: str, *, now: datetime) -> None:
    """From *urgent* up no session takes place (clinic rules, "While an alert is open")."""
    patient = people.get_patient(db, patient_id)
    if patient.sessions_blocked_at is not None:
        return
    patient.sessions_blocked_at = now
    record(db, Audit("system", "block_sessions", f"patient:{patient.id}"), now=now)


def release(clinic: Clinic, *, patient_id: str, staff_id: str, now: datetime) -> None:
    """A named clinician says that her sessions may take place again.

    :raises NotAllowed: not a clinician, or an alert of urgent or above is not closed yet.
    """
    with clinic.db.transaction() as db:
        staff = people.get_staff(db, staff_id)
        if staff.role != StaffRole.CLINICIAN or staff.disabled_at is not None:
            raise NotAllowed("only a clinician releases sessions")
        care.conversation_of(db, patient_id)
        patient = people.get_patient(db, patient_id)
        open_alert = alerts.find_unresolved(db, patient.phone_index)
        if open_alert is not None and Level(open_alert.level).at_least(Level.URGENT):
            raise NotAllowed(f"close alert {open_alert.code} first: it is {open_alert.level}")
        patient.sessions_blocked_at = None
        patient.sessions_released_at, patient.sessions_released_by = now, staff_id
        alerts.close_support_items(db, patient_id, SupportKind.SESSION_RELEASE, now=now)
        actor = f"staff:{staff_id}"
        record(db, Audit(actor, "release_sessions", f"patient:{patient_id}"), now=now)


def record_plan_review(clinic: Clinic, *, patient_id: str, staff_id: str, now: datetime) -> None:
    """A clinician went through her safety plan with her.

    :raises NotAllowed: not a clinician.
    """
    with clinic.db.transaction() as db:
        staff = people.get_staff(db, staff_id)
        if staff.role != StaffRole.CLINICIAN or staff.disabled_at is not None:
            raise NotAllowed("only a clinician reviews a safety plan")
        people.get_patient(db, patient_id).plan_reviewed_at = now
        actor = f"staff:{staff_id}"
        record(db, Audit(actor, "review_plan", f"patient:{patient_id}"), now=now)


def has_fresh_plan(patient: Patient, *, now: datetime) -> bool:
    """Was her safety plan reviewed in the last 14 days? (clinic rules, "Closing")"""
    reviewed = patient.plan_reviewed_at
    return reviewed is not None and now - reviewed <= _PLAN_IS_FRESH
