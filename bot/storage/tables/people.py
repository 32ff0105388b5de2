"""Patients, their enrolment and consent; staff and their shifts; what we know of a number."""

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.core.enrolments import ConsentKind, EnrolmentStatus, QuestionRoute
from bot.core.languages import Language
from bot.core.rota import Duty, PatternDay, StaffRole
from bot.storage.tables.base import Table, WithId, sealed


class Patient(WithId, Table):
    """A mother in treatment."""

    __tablename__ = "patients"

    name_sealed: Mapped[bytes] = sealed(nullable=False)
    phone_sealed: Mapped[bytes] = sealed(nullable=False)
    phone_index: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[Language] = mapped_column(String(2))
    time_zone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    # Loss is a state, not an opt-out: no baby text ever reaches her again (clinic rules, "Loss").
    loss_at: Mapped[datetime | None]
    # Set when she asks to be forgotten; a person carries it out and answers for the record.
    forget_asked_at: Mapped[datetime | None]
    # From *urgent* up no session takes place until a named clinician says so (clinic rules).
    sessions_blocked_at: Mapped[datetime | None]
    sessions_released_at: Mapped[datetime | None]
    sessions_released_by: Mapped[str | None] = mapped_column(String(28))
    # A clinician went through her safety plan with her; for 14 days item 9 is then a call today.
    plan_reviewed_at: Mapped[datetime | None]
    # Somebody at home may read her phone: set with a sign of violence, or by a person. It outlasts
    # the alert, until a clinician says that the phone is hers alone (clinic rules, "Violence").
    read_along_since: Mapped[datetime | None]
    # The daily canary's patient: nobody real, reached by nothing.
    is_test: Mapped[bool] = mapped_column(default=False, server_default=false())


class Enrolment(WithId, Table):
    """The consented period of texting."""

    __tablename__ = "enrolments"

    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id"), unique=True)
    status: Mapped[EnrolmentStatus] = mapped_column(String(12))
    invited_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    question_route: Mapped[QuestionRoute | None] = mapped_column(String(8))


class ConsentRecord(WithId, Table):
    """One thing she agreed to, refused or took back. Added, never changed."""

    __tablename__ = "consent_records"

    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id"), index=True)
    kind: Mapped[ConsentKind] = mapped_column(String(24))
    source: Mapped[str] = mapped_column(String(24))  # sms, carrier, staff
    inbound_id: Mapped[str | None] = mapped_column(String(28))
    text_id: Mapped[str | None] = mapped_column(String(64))
    text_version: Mapped[int | None]
    at: Mapped[datetime]


class NumberState(Table):
    """What we know of a phone number, whoever it belongs to."""

    __tablename__ = "number_states"

    phone_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    opted_out_at: Mapped[datetime | None]
    unreachable_at: Mapped[datetime | None]
    # Two bots that text each other stop here.
    replies_stopped_until: Mapped[datetime | None]
    unknown_answered_at: Mapped[datetime | None]


class Staff(WithId, Table):
    """A clinician or support worker."""

    __tablename__ = "staff"

    name_sealed: Mapped[bytes] = sealed(nullable=False)
    phone_sealed: Mapped[bytes | None] = sealed()
    phone_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    role: Mapped[StaffRole] = mapped_column(String(12))
    leads: Mapped[bool] = mapped_column(default=False)
    email_sealed: Mapped[bytes | None] = sealed()
    # The canary's machine responder: has no phone, is paged about the canary alone.
    is_test: Mapped[bool] = mapped_column(default=False, server_default=false())
    disabled_at: Mapped[datetime | None]


class ShiftRecord(WithId, Table):
    """One person's duty from one moment to another."""

    __tablename__ = "shifts"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    duty: Mapped[Duty] = mapped_column(String(12))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    # A swap, or somebody who took over: it wins over the ordinary shift it overlaps.
    is_swap: Mapped[bool] = mapped_column(default=False, server_default=false())


class RotaPattern(WithId, Table):
    """One person's duty every week on one day, wall clock of a zone; or on every holiday."""

    __tablename__ = "rota_patterns"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    duty: Mapped[Duty] = mapped_column(String(12))
    day: Mapped[PatternDay] = mapped_column(String(10))
    starts: Mapped[time]
    # Not after ``starts``: it ends on the next day.
    ends: Mapped[time]
    zone: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date]
    # The last day on which it begins; none while it goes on.
    valid_until: Mapped[date | None]
