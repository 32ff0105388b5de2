"""Finds patients and staff by id or number, and what we know of a number."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.enrolments import EnrolmentStatus
from bot.core.rota import Shift, StaffRole
from bot.errors import NotFound
from bot.storage.sealing import vault_of
from bot.storage.tables import Enrolment, NumberState, Patient, ShiftRecord, Staff


def index_of(db: Session, number: str) -> str:
    """The index under which this number is stored."""
    return vault_of(db).index(number)


def find_patient(db: Session, phone_index: str) -> Patient | None:
    """The patient with this number, if any."""
    return db.scalars(select(Patient).where(Patient.phone_index == phone_index)).one_or_none()


def get_patient(db: Session, patient_id: str) -> Patient:
    """This patient.

    :raises NotFound: there is none.
    """
    patient = db.get(Patient, patient_id)
    if patient is None:
        raise NotFound("no such patient")
    return patient


def list_patients(db: Session) -> Sequence[Patient]:
    """All patients, oldest first."""
    return db.scalars(select(Patient).order_by(Patient.id)).all()


def find_staff(db: Session, phone_index: str) -> Staff | None:
    """The member of staff with this number, unless disabled."""
    query = select(Staff).where(Staff.phone_index == phone_index, Staff.disabled_at.is_(None))
    return db.scalars(query).one_or_none()


def get_staff(db: Session, staff_id: str) -> Staff:
    """This member of staff.

    :raises NotFound: there is none.
    """
    staff = db.get(Staff, staff_id)
    if staff is None:
        raise NotFound("no such member of staff")
    return staff


def list_clinicians(db: Session) -> Sequence[Staff]:
    """Every clinician who can be paged."""
    query = (
        select(Staff)
        .where(
            Staff.role == StaffRole.CLINICIAN,
            Staff.disabled_at.is_(None),
            Staff.phone_index.is_not(None),
        )
        .order_by(Staff.id)
    )
    return db.scalars(query).all()


def list_staff(db: Session) -> Sequence[Staff]:
    """Everybody who works here, oldest first."""
    return db.scalars(select(Staff).order_by(Staff.id)).all()


def list_shifts(db: Session, *, now: datetime) -> list[Shift]:
    """The shifts that run now."""
    query = select(ShiftRecord).where(ShiftRecord.starts_at <= now, ShiftRecord.ends_at > now)
    return [
        Shift(shift.staff_id, shift.duty, shift.starts_at, shift.ends_at)
        for shift in db.scalars(query)
    ]


def enrolment_of(db: Session, patient_id: str) -> Enrolment:
    """Her enrolment.

    :raises NotFound: she was never enrolled.
    """
    enrolment = db.scalars(
        select(Enrolment).where(Enrolment.patient_id == patient_id)
    ).one_or_none()
    if enrolment is None:
        raise NotFound("no enrolment")
    return enrolment


def is_active(db: Session, patient_id: str) -> bool:
    """Is she enrolled, and not invited, paused or ended?"""
    return enrolment_of(db, patient_id).status == EnrolmentStatus.ACTIVE


def number_state(db: Session, phone_index: str) -> NumberState:
    """What we know of this number; a fresh page for one we have not met."""
    state = db.get(NumberState, phone_index)
    if state is None:
        state = NumberState(phone_index=phone_index)
        db.add(state)
    return state


def is_opted_out(db: Session, phone_index: str) -> bool:
    """Has this number asked for no more texts?"""
    state = db.get(NumberState, phone_index)
    return state is not None and state.opted_out_at is not None


def standings(db: Session, patient_ids: Collection[str]) -> dict[str, tuple[Patient, Enrolment]]:
    """These patients with their enrolments, by id."""
    query = (
        select(Patient, Enrolment)
        .join(Enrolment, Enrolment.patient_id == Patient.id)
        .where(Patient.id.in_(patient_ids))
    )
    return {patient.id: (patient, enrolment) for patient, enrolment in db.execute(query)}


def opted_out(db: Session, phone_indexes: Collection[str]) -> set[str]:
    """Those of these numbers that have asked for no more texts."""
    query = select(NumberState.phone_index).where(
        NumberState.phone_index.in_(phone_indexes), NumberState.opted_out_at.is_not(None)
    )
    return set(db.scalars(query))
