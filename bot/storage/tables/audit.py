"""Who did what to whom, when: append-only, sealed into a chain afterwards."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Table

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")


class AuditEvent(Table):
    """One thing that was done. Ids, never words."""

    __tablename__ = "audit_events"
    # Numbers are never used twice, so that a missing row shows.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    # Indexed for "what did this person look at" and "who looked at her".
    actor: Mapped[str] = mapped_column(String(64), index=True)
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    details: Mapped[dict[str, Any]]


class AuditHead(Table):
    """How long the chain is and where it ends, signed: a chain that was cut short shows."""

    __tablename__ = "audit_head"

    # There is one row.
    id: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False, default=1)
    number: Mapped[int] = mapped_column(_Number)
    link: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(64))


class AuditSeal(Table):
    """One link of the chain; written by the worker in small batches, so writers need not queue."""

    __tablename__ = "audit_seals"

    number: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(_Number, ForeignKey("audit_events.id"), unique=True)
    link: Mapped[str] = mapped_column(String(64))
