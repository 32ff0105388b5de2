"""What people of the cast enter about an alert on the stage, by the services of the console."""

from datetime import datetime

from sqlalchemy import select

from bot.conversations import steps as st
from bot.errors import NotFound
from bot.sandbox.stage_events import number_of
from bot.services import closing, follow_ups, sessions
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage import tables as tb

_NOTE = "Entered on the stage."


def enter(clinic: Clinic, code: str, step: st.Recorded, *, now: datetime) -> None:
    """Enter it under this person's name.

    :param code: of her alert, or of the one she had last.
    """
    staff_id = _staff_id(clinic, step.by)
    by = f"staff:{staff_id}"
    if isinstance(step, st.Resolve):
        closing.resolve(
            clinic,
            code=code,
            by=by,
            staff_id=staff_id,
            disposition=step.disposition,
            note=_NOTE,
            verdict=step.verdict,
            now=now,
        )
    elif isinstance(step, st.ContactMade):
        closing.record_contact(
            clinic,
            code=code,
            by=by,
            staff_id=staff_id,
            reached=step.reached,
            note=_NOTE,
            now=now,
        )
    elif isinstance(step, st.OutcomeKnown):
        closing.record_outcome(
            clinic,
            code=code,
            by=by,
            staff_id=staff_id,
            outcome=step.outcome,
            note=_NOTE,
            now=now,
        )
    elif isinstance(step, st.FollowUpMade):
        follow_ups.record_call(
            clinic,
            _next_call(clinic, code),
            by=by,
            staff_id=staff_id,
            reached=step.reached,
            note=_NOTE,
            now=now,
        )
    else:
        patient_id = _patient_id(clinic, code)
        sessions.release(clinic, patient_id=patient_id, staff_id=staff_id, now=now)


def _staff_id(clinic: Clinic, name: str) -> str:
    index = clinic.db.vault.index(number_of(name))
    with clinic.db.reading() as db:
        return db.scalars(select(tb.Staff.id).where(tb.Staff.phone_index == index)).one()


def _alert(clinic: Clinic, code: str) -> tb.Alert:
    """The newest alert with this code, closed or not."""
    query = select(tb.Alert).where(tb.Alert.code == code).order_by(tb.Alert.id.desc()).limit(1)
    with clinic.db.reading() as db:
        found = db.scalars(query).first()
    if found is None:
        raise NotFound(f"no alert {code}")
    return found


def _next_call(clinic: Clinic, code: str) -> str:
    with clinic.db.reading() as db:
        planned = stored.open_follow_ups(db, _alert(clinic, code).phone_index)
    if not planned:
        raise NotFound("no follow-up call is planned")
    return min(planned, key=lambda item: (item.due_at is None, item.due_at, item.id)).id


def _patient_id(clinic: Clinic, code: str) -> str:
    patient_id = _alert(clinic, code).patient_id
    if patient_id is None:
        raise NotFound("the alert is about nobody we know")
    return patient_id
