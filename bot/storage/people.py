"""Finds patients and staff by id or number, and what we know of a number."""

from collections.abc import Collection, Sequence, Set
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.core.enrolments import EnrolmentStatus
from bot.core.rota import Duty, Pattern, PatternDay, Shift, StaffRole, Weight, expand
from bot.errors import NotFound
from bot.storage.sealing import vault_of
from bot.storage.tables import Enrolment, NumberState, Patient, RotaPattern, ShiftRecord, Staff

# The shortest time there is, so that "now" is a time with a beginning and an end.
_INSTANT = timedelta(microseconds=1)
# Who is on call is asked at every turn while an alert is open, and on every page of the console:
# put together once.
_CLINICIANS = (
    select(Staff)
    .where(
        Staff.role == StaffRole.CLINICIAN,
        Staff.disabled_at.is_(None),
        Staff.phone_index.is_not(None),
        Staff.is_test.is_(False),
    )
    .order_by(Staff.id)
)
_SHIFTS = select(ShiftRecord).where(
    ShiftRecord.starts_at < bindparam("end", type_=ShiftRecord.starts_at.type),
    ShiftRecord.ends_at > bindparam("start", type_=ShiftRecord.ends_at.type),
)
_PATTERNS = select(RotaPattern).order_by(RotaPattern.id)


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
    query = select(Patient).where(Patient.is_test.is_(False)).order_by(Patient.id)
    return db.scalars(query).all()


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
    return db.scalars(_CLINICIANS).all()


def list_machines(db: Session) -> Sequence[Staff]:
    """The machine that answers the daily test, and no person."""
    query = select(Staff).where(Staff.is_test.is_(True), Staff.disabled_at.is_(None))
    return db.scalars(query.order_by(Staff.id)).all()


def list_staff(db: Session) -> Sequence[Staff]:
    """Everybody who works here, oldest first."""
    return db.scalars(select(Staff).where(Staff.is_test.is_(False)).order_by(Staff.id)).all()


def list_shifts(db: Session, *, now: datetime, holidays: Set[date] = frozenset()) -> list[Shift]:
    """The shifts that run now, those of weekly patterns among them."""
    return list_shifts_between(db, start=now, end=now + _INSTANT, holidays=holidays)


def list_shifts_between(
    db: Session, *, start: datetime, end: datetime, holidays: Set[date] = frozenset()
) -> list[Shift]:
    """Every shift that touches this time, those of weekly patterns among them.

    :param holidays: the clinic's closed days, on which the holiday patterns count.
    """
    single = [_shift(row) for row in db.scalars(_SHIFTS, {"start": start, "end": end})]
    return [*single, *expand(list_patterns(db), holidays=holidays, start=start, end=end)]


def list_single_shifts(db: Session, *, begin_from: datetime) -> list[Shift]:
    """Single shifts and swaps that begin then or later, in order."""
    query = select(ShiftRecord).where(ShiftRecord.starts_at >= begin_from)
    rows = db.scalars(query.order_by(ShiftRecord.starts_at, ShiftRecord.duty, ShiftRecord.id))
    return [_shift(row) for row in rows]


def running_swaps(db: Session, staff_id: str, *, now: datetime) -> Sequence[ShiftRecord]:
    """Times for which this person took over the call, and that still run."""
    query = select(ShiftRecord).where(
        ShiftRecord.staff_id == staff_id,
        ShiftRecord.duty == Duty.ON_CALL,
        ShiftRecord.is_swap.is_(True),
        ShiftRecord.starts_at <= now,
        ShiftRecord.ends_at > now,
    )
    return db.scalars(query).all()


def _shift(row: ShiftRecord) -> Shift:
    weight = Weight.SWAP if row.is_swap else Weight.SINGLE
    return Shift(row.staff_id, Duty(row.duty), row.starts_at, row.ends_at, weight, row.id)


def list_patterns(db: Session) -> list[Pattern]:
    """Every weekly pattern, past ones too."""
    return [
        Pattern(
            row.staff_id,
            Duty(row.duty),
            PatternDay(row.day),
            row.starts,
            row.ends,
            row.zone,
            row.valid_from,
            row.valid_until,
            row.id,
        )
        for row in db.scalars(_PATTERNS)
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
