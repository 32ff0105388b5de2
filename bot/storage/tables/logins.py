"""How staff prove who they are, and what they write into the records."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.core.logins import LoginStage, NoteKind
from bot.storage.tables.base import Table, WithId, sealed


class StaffAccount(WithId, Table):
    """What a member of staff logs in with. Without ``ready_at`` nobody can."""

    __tablename__ = "staff_accounts"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), unique=True)
    login_name: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_sealed: Mapped[bytes | None] = sealed()
    # The last time step whose code was used: a code that was looked at is not good twice.
    totp_step: Mapped[int | None]
    # Keyed hashes; each goes when it is used.
    recovery: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]


class SetupLink(WithId, Table):
    """A link with which somebody sets a password and an authenticator, once."""

    __tablename__ = "setup_links"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Login(WithId, Table):
    """One browser in which one person is logged in. The cookie's token is kept only as a hash."""

    __tablename__ = "logins"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    stage: Mapped[LoginStage] = mapped_column(String(4))
    browser: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginFailure(WithId, Table):
    """One wrong password or code; counted for a while by name and by address."""

    __tablename__ = "login_failures"
    __table_args__ = (
        Index("ix_login_failure_name", "name_index", "at"),
        Index("ix_login_failure_address", "address_index", "at"),
    )

    name_index: Mapped[str] = mapped_column(String(64))
    address_index: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


class Note(WithId, Table):
    """What a member of staff wrote about a patient, an alert or a shift. Added, never changed."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_note_kind", "kind", "at"),)

    kind: Mapped[NoteKind] = mapped_column(String(12))
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patients.id"), index=True)
    alert_id: Mapped[str | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    body_sealed: Mapped[bytes] = sealed(nullable=False)
    at: Mapped[datetime]


class Takeover(WithId, Table):
    """A person speaks with her in place of the bot, until she is handed back."""

    __tablename__ = "takeovers"

    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id"), index=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SupportAssignment(Table):
    """Who has taken a task of support."""

    __tablename__ = "support_assignments"

    item_id: Mapped[str] = mapped_column(ForeignKey("support_items.id"), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
