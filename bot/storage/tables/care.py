"""Conversations, check-ins and appointments."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.core.administrations import AdministrationStatus
from bot.core.appointments import AppointmentStatus
from bot.core.enrolments import ConversationMode, QuestionKind
from bot.storage.tables.base import Table, WithId


class Conversation(WithId, Table):
    """Where we are with a patient. Its key is all that Rasa ever knows of her."""

    __tablename__ = "conversations"

    key: Mapped[str] = mapped_column(String(40), unique=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id"), unique=True)
    mode: Mapped[ConversationMode] = mapped_column(String(8))
    question: Mapped[QuestionKind | None] = mapped_column(String(16))
    # Which administration or alert the open question belongs to.
    question_ref: Mapped[str | None] = mapped_column(String(28))
    question_at: Mapped[datetime | None]
    # How often in a row she was not understood.
    not_understood: Mapped[int] = mapped_column(default=0)
    holding_reply_at: Mapped[datetime | None]
    automated_notice_at: Mapped[datetime | None]


class CheckIn(WithId, Table):
    """A contact that is planned: this instrument at this time."""

    __tablename__ = "check_ins"
    __table_args__ = (Index("ix_check_in_due", "opened_at", "due_at"),)

    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id"), index=True)
    instrument_id: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    appointment_id: Mapped[str | None] = mapped_column(String(28), index=True)


class Administration(WithId, Table):
    """One patient taking one instrument once."""

    __tablename__ = "administrations"
    __table_args__ = (
        Index("ix_administration_open", "status", "expires_at"),
        # With the patient alone SQLite would rather look through everybody's completed ones.
        Index("ix_administration_patient", "patient_id", "status", "ended_at"),
    )

    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id"))
    instrument_id: Mapped[str] = mapped_column(String(16))
    instrument_version: Mapped[str] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(8), default="sms")
    status: Mapped[AdministrationStatus] = mapped_column(String(12))
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    score: Mapped[int | None]
    band: Mapped[str | None] = mapped_column(String(40))


class ItemResponse(WithId, Table):
    """What she answered to one item. Skipped is not zero."""

    __tablename__ = "item_responses"
    __table_args__ = (UniqueConstraint("administration_id", "item"),)

    administration_id: Mapped[str] = mapped_column(ForeignKey("administrations.id"))
    item: Mapped[int]
    score: Mapped[int | None]
    skipped: Mapped[bool] = mapped_column(default=False)
    inbound_id: Mapped[str | None] = mapped_column(String(28))
    at: Mapped[datetime]


class Appointment(WithId, Table):
    """A treatment session in the diary."""

    __tablename__ = "appointments"

    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id"), index=True)
    starts_at: Mapped[datetime]
    status: Mapped[AppointmentStatus] = mapped_column(String(16))
    # Rises with every move, so that the texts of the old time are not those of the new one.
    revision: Mapped[int] = mapped_column(default=1)


class TurnRecord(Table):
    """What a writing verb answered to one inbound text: told again, it answers the same."""

    __tablename__ = "turn_records"

    inbound_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    verb: Mapped[str] = mapped_column(String(24), primary_key=True)
    result: Mapped[dict[str, Any]]
    at: Mapped[datetime]
