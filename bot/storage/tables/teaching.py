"""What the bot made of her texts, and what staff taught it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.core.taught import Approval, TaughtKind, TaughtStatus
from bot.storage.tables.base import Table, WithId, sealed


class Understanding(Table):
    """What the dialogue model made of one text. Intents and numbers, never words."""

    __tablename__ = "understandings"
    __table_args__ = (Index("ix_understanding_at", "at"),)

    inbound_id: Mapped[str] = mapped_column(ForeignKey("inbound_messages.id"), primary_key=True)
    intent: Mapped[str] = mapped_column(String(64))
    confidence: Mapped[float]
    # What came second; under *nlu_fallback* what the model would have said.
    runner_up: Mapped[str | None] = mapped_column(String(64))
    runner_up_confidence: Mapped[float | None]
    at: Mapped[datetime]


class TaughtChange(WithId, Table):
    """One change of examples or answers by staff: who, when, which files, who else agreed."""

    __tablename__ = "taught_changes"
    __table_args__ = (Index("ix_taught_status", "status", "at"),)

    kind: Mapped[TaughtKind] = mapped_column(String(12))
    status: Mapped[TaughtStatus] = mapped_column(String(12))
    intent: Mapped[str] = mapped_column(String(64))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    # What was typed; sealed until a person has looked, though nothing in it may name anybody.
    lesson_sealed: Mapped[bytes] = sealed(nullable=False)
    # Since when it is being checked; a process that died leaves it behind.
    checking_at: Mapped[datetime | None]
    # Path to a digest of the content as it was left; none for a file that was removed.
    files: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[datetime | None]
    git_commit: Mapped[str | None] = mapped_column(String(40))
    # What the checks said against it.
    said_sealed: Mapped[bytes | None] = sealed()
    needs: Mapped[Approval] = mapped_column(String(16))
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None]


class Review(Table):
    """A text of hers that staff have dealt with in the training desk."""

    __tablename__ = "reviews"

    inbound_id: Mapped[str] = mapped_column(ForeignKey("inbound_messages.id"), primary_key=True)
    # taught, or set aside: there was nothing to teach
    outcome: Mapped[str] = mapped_column(String(12))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    change_id: Mapped[str | None] = mapped_column(ForeignKey("taught_changes.id"), index=True)
    at: Mapped[datetime]
