"""Patients, their enrolment and consent; staff and their shifts; what we know of a number."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.core.enrolments import ConsentKind, EnrolmentStatus, QuestionRoute
from bot.core.languages import Language
from bot.core.rota import Duty, StaffRole
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
    disabled_at: Mapped[datetime | None]


class ShiftRecord(WithId, Table):
    """One person's duty from one moment to another."""

    __tablename__ = "shifts"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    duty: Mapped[Duty] = mapped_column(String(12))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
