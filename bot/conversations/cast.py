"""The people in every test and in the sandbox. None of them exists.

Ann is well, Bea is in crisis, Cat opted out, Dee lost her baby, Eva was invited today, Luz writes
Spanish. Dr Bose is on call, Dr Ruiz is backup, Dr Lund leads, Sam is support; Mallory must be
refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.enrolments import QuestionRoute
from bot.core.languages import Language
from bot.core.rota import Duty, StaffRole
from bot.services import conversations, enrolments, staff
from bot.services.clinic import Clinic
from bot.storage import care, people
from bot.storage.tables import Patient


@dataclass(frozen=True)
class Mother:
    """A patient of the cast; her number is from the range that is kept for fiction."""

    name: str
    number: str
    language: Language = Language.ENGLISH
    zone: str = "America/New_York"


@dataclass(frozen=True)
class Colleague:
    """A member of staff of the cast."""

    name: str
    number: str
    role: StaffRole
    duty: Duty | None = None
    leads: bool = False


MOTHERS: Mapping[str, Mother] = {
    mother.name: mother
    for mother in (
        Mother("Ann", "+12025550111"),
        Mother("Bea", "+12025550112"),
        Mother("Cat", "+12025550113"),
        Mother("Dee", "+12025550114"),
        Mother("Eva", "+12025550115"),
        Mother("Luz", "+12025550116", language=Language.SPANISH, zone="America/Chicago"),
    )
}
COLLEAGUES: Mapping[str, Colleague] = {
    colleague.name: colleague
    for colleague in (
        Colleague("Dr Bose", "+12025550121", StaffRole.CLINICIAN, Duty.ON_CALL),
        Colleague("Dr Ruiz", "+12025550122", StaffRole.CLINICIAN, Duty.BACKUP),
        Colleague("Dr Lund", "+12025550123", StaffRole.CLINICIAN, leads=True),
        Colleague("Sam", "+12025550124", StaffRole.SUPPORT),
    )
}
MALLORY = "+12025550199"
OFFICE = "+12025550100"
_SHIFT = timedelta(days=60)
_SEED = "cast"


def seed(clinic: Clinic, *, now: datetime) -> None:
    """Write the cast into an empty database, as if some weeks of treatment had passed."""
    with clinic.db.transaction() as db:
        for colleague in COLLEAGUES.values():
            _hire(db, colleague, now=now)
        for mother in MOTHERS.values():
            if mother.name != "Eva":
                _enrol(clinic, db, mother, now=now)
        dee = _patient(db, "Dee")
        enrolments.mark_loss(clinic, db, dee, now=now - timedelta(days=30))
        cat = _patient(db, "Cat")
        source = enrolments.Source("staff")
        enrolments.stop(clinic, db, cat, source, confirm=False, now=now - timedelta(days=10))


def invite_eva(clinic: Clinic, *, now: datetime) -> str:
    """Eva gets her first text; her id."""
    eva = MOTHERS["Eva"]
    new = enrolments.NewPatient(eva.name, eva.number, eva.language, eva.zone)
    return enrolments.invite(clinic, new, by=_SEED, now=now)


def _hire(db: Session, colleague: Colleague, *, now: datetime) -> None:
    hired = staff.add_staff(
        db,
        name=colleague.name,
        phone=colleague.number,
        role=colleague.role,
        leads=colleague.leads,
        by=_SEED,
        now=now,
    )
    if colleague.duty is not None:
        staff.add_shift(
            db,
            staff_id=hired.id,
            duty=colleague.duty,
            starts_at=now - timedelta(days=1),
            ends_at=now + _SHIFT,
            by=_SEED,
            now=now,
        )


def _enrol(clinic: Clinic, db: Session, mother: Mother, *, now: datetime) -> None:
    """A mother who agreed weeks ago, and who chose private questions by text."""
    then = now - timedelta(days=40)
    new = enrolments.NewPatient(mother.name, mother.number, mother.language, mother.zone)
    patient = enrolments.add_patient(clinic, db, new, by=_SEED, now=then)
    enrolments.admit(db, patient, route=QuestionRoute.TEXT, now=then)
    conversation = care.conversation_of(db, patient.id)
    conversation.automated_notice_at = now
    conversations.close_question(db, conversation, now=then)


def _patient(db: Session, name: str) -> Patient:
    found = people.find_patient(db, people.index_of(db, MOTHERS[name].number))
    assert found is not None  # just written
    return found
