"""Arranges what a golden conversation takes as given, before its first step."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.conversations import cast
from bot.conversations.steps import CheckInGiven, Given
from bot.core.rota import Duty
from bot.errors import ConfigError
from bot.sandbox.stage_events import number_of
from bot.services import appointments, check_ins, staff
from bot.services.clinic import Clinic
from bot.storage import people
from bot.storage.tables import Patient, ShiftRecord, Staff

_BY = "stage"
_LONG = timedelta(days=60)


def arrange(
    clinic: Clinic,
    given: Given,
    *,
    text: Callable[[str, str], None],
    settle: Callable[[], None],
    now: datetime,
) -> None:
    """Make it so.

    :param text: lets somebody text, through the carrier, and everything due be done.
    :param settle: lets everything due be done.
    :raises ConfigError: it cannot be so for this patient.
    """
    cast.seed(clinic, now=now)
    if given.no_one_on_call:
        with clinic.db.transaction(audited=False) as db:
            db.execute(delete(ShiftRecord))
    if given.shift_ends is not None:
        _change_shift(clinic, at=now + given.shift_ends, now=now)
    if given.second_alert is not None:
        text(given.second_alert, "i want to die")
    if given.session is not None:
        appointments.schedule(
            clinic,
            patient_id=_patient_id(clinic, given.patient),
            starts_at=now + given.session,
            by=_BY,
            now=now,
        )
    if given.check_in is not None:
        _begin(clinic, given.patient, given.check_in, now=now)
        settle()
        for answer in given.check_in.answered:
            text(given.patient, answer)
    if given.planned is not None:
        _plan(clinic, given.patient, given.planned, now=now)
    if given.invited:
        if given.patient != "Eva":
            raise ConfigError("invited: only Eva is not enrolled yet. Write patient: Eva.")
        cast.invite_eva(clinic, now=now)
    settle()


def _change_shift(clinic: Clinic, *, at: datetime, now: datetime) -> None:
    """Dr Ruiz takes over the call at this moment."""
    with clinic.db.transaction() as db:
        on_call = ShiftRecord.duty == Duty.ON_CALL
        db.execute(update(ShiftRecord).where(on_call).values(ends_at=at))
        ruiz = _staff_id(db, "Dr Ruiz")
        staff.add_shift(
            db,
            staff_id=ruiz,
            duty=Duty.ON_CALL,
            starts_at=at,
            ends_at=at + _LONG,
            by=_BY,
            now=now,
        )


def _begin(clinic: Clinic, name: str, given: CheckInGiven, *, now: datetime) -> None:
    instrument = clinic.instruments.get(given.instrument)
    if instrument is None:
        known = ", ".join(clinic.instruments)
        raise ConfigError(f"check_in: there is no instrument {given.instrument}. Use {known}.")
    with clinic.db.transaction() as db:
        # As if she had asked for it herself: then it may begin at any hour.
        check_ins.open_now(clinic, db, _patient(db, name), instrument, now=now)


def _plan(clinic: Clinic, name: str, instrument_id: str, *, now: datetime) -> None:
    with clinic.db.transaction() as db:
        patient_id = _patient(db, name).id
        check_ins.plan(
            clinic,
            db,
            patient_id=patient_id,
            instrument_id=instrument_id,
            due_at=now,
            by=_BY,
            now=now,
        )


def _patient_id(clinic: Clinic, name: str) -> str:
    with clinic.db.reading() as db:
        return _patient(db, name).id


def _patient(db: Session, name: str) -> Patient:
    found = people.find_patient(db, people.index_of(db, number_of(name)))
    if found is None:
        raise ConfigError(f"{name} is no patient, so this cannot be given. Use a patient's name.")
    return found


def _staff_id(db: Session, name: str) -> str:
    index = people.index_of(db, number_of(name))
    return db.scalars(select(Staff.id).where(Staff.phone_index == index)).one()
