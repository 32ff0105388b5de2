"""Keeps sessions in the diary, and the texts that belong to them."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.core.appointments import AppointmentStatus, check_transition
from bot.core.ids import new_id
from bot.core.messages import Lane
from bot.errors import NotFound
from bot.services import check_ins, outbox, practice, support
from bot.services.clinic import Clinic
from bot.storage import care, messages, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Appointment, Patient

# The check-in the day after goes at the opening of the next morning's window.
_DAY_AFTER = timedelta(hours=20)
# A reminder this close to the session speaks of today.
_SAME_DAY_HOURS = 12


def schedule(
    clinic: Clinic, *, patient_id: str, starts_at: datetime, by: str, now: datetime
) -> str:
    """Put a session into the diary with its reminders and the check-in after it; its id."""
    with clinic.db.transaction() as db:
        appointment = Appointment(
            id=new_id(),
            patient_id=patient_id,
            starts_at=starts_at,
            status=AppointmentStatus.SCHEDULED,
            revision=1,
        )
        db.add(appointment)
        db.flush()
        record(db, Audit(by, "schedule", f"appointment:{appointment.id}"), now=now)
        _queue_texts(clinic, db, appointment, by=by, now=now)
        return appointment.id


def move(
    clinic: Clinic, *, appointment_id: str, starts_at: datetime, by: str, now: datetime
) -> None:
    """A person has found another time: the texts move with the session, and she hears of it."""
    with clinic.db.transaction() as db:
        appointment = _get(db, appointment_id)
        if appointment.status != AppointmentStatus.SCHEDULED:
            check_transition(AppointmentStatus(appointment.status), AppointmentStatus.SCHEDULED)
        _withdraw_texts(db, appointment, "appointment_moved", now=now)
        appointment.starts_at = starts_at
        appointment.status = AppointmentStatus.SCHEDULED
        appointment.revision += 1
        record(db, Audit(by, "move", f"appointment:{appointment.id}"), now=now)
        _tell(clinic, db, appointment, "session_moved", now=now)
        _queue_texts(clinic, db, appointment, by=by, now=now)


def cancel(clinic: Clinic, *, appointment_id: str, by: str, now: datetime) -> None:
    """The session does not take place: its texts do not go out, and she hears of it."""
    with clinic.db.transaction() as db:
        appointment = _get(db, appointment_id)
        check_transition(AppointmentStatus(appointment.status), AppointmentStatus.CANCELLED)
        _withdraw_texts(db, appointment, "appointment_cancelled", now=now)
        appointment.status = AppointmentStatus.CANCELLED
        record(db, Audit(by, "cancel", f"appointment:{appointment.id}"), now=now)
        _tell(clinic, db, appointment, "session_cancelled", now=now)


def confirm(db: Session, appointment: Appointment, *, by: str, now: datetime) -> None:
    """She will be there."""
    if appointment.status == AppointmentStatus.CONFIRMED:
        return
    check_transition(AppointmentStatus(appointment.status), AppointmentStatus.CONFIRMED)
    appointment.status = AppointmentStatus.CONFIRMED
    record(db, Audit(by, "confirm", f"appointment:{appointment.id}"), now=now)


def request_move(
    clinic: Clinic,
    db: Session,
    patient: Patient,
    appointment: Appointment | None,
    *,
    inbound_id: str | None,
    now: datetime,
) -> None:
    """She wants another time: a wish until a person confirms it (clinic rules, "Session day")."""
    if appointment is not None and appointment.status != AppointmentStatus.MOVE_REQUESTED:
        check_transition(AppointmentStatus(appointment.status), AppointmentStatus.MOVE_REQUESTED)
        appointment.status = AppointmentStatus.MOVE_REQUESTED
        actor = f"patient:{patient.id}"
        record(db, Audit(actor, "request_move", f"appointment:{appointment.id}"), now=now)
    support.open_item(
        clinic,
        db,
        SupportKind.MOVE_SESSION,
        patient_id=patient.id,
        inbound_id=inbound_id,
        appointment_id=appointment.id if appointment else None,
        now=now,
    )


def _queue_texts(
    clinic: Clinic, db: Session, appointment: Appointment, *, by: str, now: datetime
) -> None:
    patient = people.get_patient(db, appointment.patient_id)
    when = practice.say_moment(patient, appointment.starts_at)
    for hours in clinic.protocol.sessions.reminder_hours_before:
        before = timedelta(hours=hours)
        text_id = "reminder_day_before" if hours > _SAME_DAY_HOURS else "reminder_two_hours"
        send_after = appointment.starts_at - before
        if send_after <= now:
            continue
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id=text_id,
                key=f"reminder_{hours}h:{appointment.id}:{appointment.revision}",
                lane=Lane.REMINDER,
                values={"when": when},
                send_after=send_after,
                # A reminder after the session has begun helps nobody.
                expires_after=before,
                waits_for_day=True,
                appointment_id=appointment.id,
            ),
            outbox.to_patient(db, patient),
            now=now,
        )
    check_ins.plan(
        clinic,
        db,
        patient_id=patient.id,
        instrument_id="mood",
        due_at=appointment.starts_at + _DAY_AFTER,
        appointment_id=appointment.id,
        by=by,
        now=now,
    )


def _withdraw_texts(db: Session, appointment: Appointment, because: str, *, now: datetime) -> None:
    for row in messages.list_queued_for_appointment(db, appointment.id):
        outbox.suppress(db, row, because, now=now)
    for check_in in care.list_check_ins_for(db, appointment.id):
        check_in.cancelled_at = now


def _tell(
    clinic: Clinic, db: Session, appointment: Appointment, text_id: str, *, now: datetime
) -> None:
    patient = people.get_patient(db, appointment.patient_id)
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id=text_id,
            key=f"{text_id}:{appointment.id}:{appointment.revision}",
            lane=Lane.REMINDER,
            values={"when": practice.say_moment(patient, appointment.starts_at)},
            waits_for_day=True,
            appointment_id=appointment.id,
        ),
        outbox.to_patient(db, patient),
        now=now,
    )


def _get(db: Session, appointment_id: str) -> Appointment:
    appointment = db.get(Appointment, appointment_id)
    if appointment is None:
        raise NotFound("no such appointment")
    return appointment
