"""Texts in, texts out, and the carrier's later word on them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.core.escalation import PageChannel
from bot.core.languages import Language
from bot.core.messages import Lane, OutboundStatus, ReceiptStatus
from bot.storage.tables.base import Table, WithId, sealed


class InboundMessage(WithId, Table):
    """A text to us. Its row exists, screened, before the carrier gets its answer."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        # A carrier's retry changes nothing.
        UniqueConstraint("provider", "provider_id"),
        Index("ix_inbound_dialogue", "dialogue_status", "received_at", "id"),
        Index("ix_inbound_number", "phone_index", "received_at"),
        # What a mother wrote, the newest first; and what everybody wrote lately.
        Index("ix_inbound_patient", "patient_id", "received_at"),
        Index("ix_inbound_received", "received_at", "patient_id"),
    )

    provider: Mapped[str] = mapped_column(String(16))
    provider_id: Mapped[str] = mapped_column(String(64))
    phone_sealed: Mapped[bytes] = sealed(nullable=False)
    phone_index: Mapped[str] = mapped_column(String(64))
    body_sealed: Mapped[bytes] = sealed(nullable=False)
    media_count: Mapped[int] = mapped_column(default=0)
    carrier_answered: Mapped[str | None] = mapped_column(String(8))
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patients.id"))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    received_at: Mapped[datetime]
    # What the screening found: categories, levels, pattern ids. Never words.
    signals: Mapped[list[Any]] = mapped_column(default=list)
    # none (nothing to say), pending, claimed, done
    dialogue_status: Mapped[str] = mapped_column(String(8), default="none")
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]


class OutboundMessage(WithId, Table):
    """A text from us. What we chose not to send stays here too, with the reason (rule S4)."""

    __tablename__ = "outbound_messages"
    __table_args__ = (
        Index("ix_outbound_due", "status", "lane", "send_after", "id"),
        Index("ix_outbound_provider", "provider", "provider_id"),
        Index("ix_outbound_patient", "patient_id", "created_at"),
        Index("ix_outbound_number", "phone_index", "created_at"),
        # What stands before a text to the same number, however many wait for later.
        Index("ix_outbound_turn", "phone_index", "lane", "status", "send_after", "id"),
        # The few that a person wrote, among all that the bot said.
        Index("ix_outbound_text", "text_id", "created_at"),
    )

    # The same intention queued twice is one text.
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    lane: Mapped[Lane] = mapped_column(String(8))
    # How it travels; for a call or an e-mail the "phone" is the address, the body what is said.
    channel: Mapped[PageChannel] = mapped_column(
        String(8), default=PageChannel.SMS, server_default=PageChannel.SMS.value
    )
    status: Mapped[OutboundStatus] = mapped_column(String(12))
    phone_sealed: Mapped[bytes] = sealed(nullable=False)
    phone_index: Mapped[str] = mapped_column(String(64))
    body_sealed: Mapped[bytes] = sealed(nullable=False)
    text_id: Mapped[str] = mapped_column(String(64))
    text_version: Mapped[int]
    language: Mapped[Language] = mapped_column(String(2))
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patients.id"))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    in_reply_to: Mapped[str | None] = mapped_column(String(28), index=True)
    administration_id: Mapped[str | None] = mapped_column(String(28), index=True)
    item: Mapped[int | None]
    appointment_id: Mapped[str | None] = mapped_column(String(28), index=True)
    page_id: Mapped[str | None] = mapped_column(String(28), index=True)
    alert_id: Mapped[str | None] = mapped_column(String(28), index=True)
    created_at: Mapped[datetime]
    send_after: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    # Session-linked texts that she opted into may go at night; crisis and replies always may.
    waits_for_day: Mapped[bool] = mapped_column(default=False)
    # A text that confirms her STOP is the only one that may follow it.
    despite_opt_out: Mapped[bool] = mapped_column(default=False)
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    provider: Mapped[str | None] = mapped_column(String(16))
    provider_id: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    # A crisis reply that no receipt confirmed in time was reported once.
    confirm_missed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(40))
    error_code: Mapped[str | None] = mapped_column(String(16))
    suppressed_because: Mapped[str | None] = mapped_column(String(40))


class ReceiptRecord(WithId, Table):
    """A receipt that came before we had recorded the send; applied when we have."""

    __tablename__ = "early_receipts"
    __table_args__ = (Index("ix_receipt_provider", "provider", "provider_id"),)

    provider: Mapped[str] = mapped_column(String(16))
    provider_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[ReceiptStatus] = mapped_column(String(12))
    error: Mapped[str | None] = mapped_column(String(40))
    error_code: Mapped[str | None] = mapped_column(String(16))
    received_at: Mapped[datetime]
