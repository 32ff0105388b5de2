"""Alerts, what raised them, who was paged; and the quieter tasks of support."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.core.alerts import (
    AlertStatus,
    Disposition,
    NoteKind,
    Outcome,
    SupportKind,
    SupportStatus,
    Verdict,
)
from bot.core.escalation import PageChannel, Recipient
from bot.core.levels import Category, Level
from bot.storage.tables.base import Table, WithId, sealed


class Alert(WithId, Table):
    """Something that a named person must answer. A patient has at most one that is not resolved."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alert_due", "status", "next_step_at"),
        Index("ix_alert_number", "phone_index", "status"),
    )

    code: Mapped[str] = mapped_column(String(8), index=True)
    # None for a number we do not know, or a conversation without one (Rasa's own shell).
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patients.id"), index=True)
    phone_index: Mapped[str] = mapped_column(String(64))
    level: Mapped[Level] = mapped_column(String(12))
    category: Mapped[Category] = mapped_column(String(24))
    status: Mapped[AlertStatus] = mapped_column(String(12))
    # A copy: editing a policy cannot change an escalation that runs.
    policy: Mapped[dict[str, Any]]
    # Where the ladder stands; back to 0 when it starts again.
    steps_taken: Mapped[int] = mapped_column(default=0)
    # How many steps were ever taken: names a round of pages, and never falls.
    rounds: Mapped[int] = mapped_column(default=0)
    # Same-day alerts page too, when nobody has looked by this time.
    next_step_at: Mapped[datetime | None]
    raised_at: Mapped[datetime]
    last_words_at: Mapped[datetime]
    last_added_reply_at: Mapped[datetime | None]
    patient_told_at: Mapped[datetime | None]
    # The asked band: silence until then makes it urgent (clinic rules, "Levels").
    answer_due_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    disposition: Mapped[Disposition | None] = mapped_column(String(32))
    # "Sent to emergency" closes nothing: until its outcome is known somebody still has the alert.
    outcome_due_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(String(16))
    # What the clinician makes of the screening, now that she has spoken with her.
    verdict: Mapped[Verdict | None] = mapped_column(String(12))
    last_contact_at: Mapped[datetime | None]
    # For the figures; they stay when the alert is handed back.
    first_paged_at: Mapped[datetime | None]
    first_acknowledged_at: Mapped[datetime | None]
    # The daily canary: pages a machine, reaches no person, stands in no figure.
    is_test: Mapped[bool] = mapped_column(default=False, server_default=false())


class AlertNote(WithId, Table):
    """What a named person wrote down about an alert: a contact, how it ended, what came of it."""

    __tablename__ = "alert_notes"

    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"), index=True)
    kind: Mapped[NoteKind] = mapped_column(String(16))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    # Was she reached? None where nobody tried.
    reached: Mapped[bool | None]
    note_sealed: Mapped[bytes | None] = sealed()
    at: Mapped[datetime]


class AlertSignal(WithId, Table):
    """One reason for an alert: which layer saw what in which text. Never her words."""

    __tablename__ = "alert_signals"

    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"), index=True)
    inbound_id: Mapped[str | None] = mapped_column(String(28), index=True)
    category: Mapped[Category] = mapped_column(String(24))
    level: Mapped[Level] = mapped_column(String(12))
    layer: Mapped[str] = mapped_column(String(16))
    pattern_id: Mapped[str] = mapped_column(String(80))
    spans: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime]


class Page(WithId, Table):
    """One person told about one alert, one way, at one step."""

    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("alert_id", "round", "staff_id", "channel"),)

    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"), index=True)
    # ``Alert.rounds`` when it was sent: the last step can repeat.
    round: Mapped[int]
    recipient: Mapped[Recipient] = mapped_column(String(12))
    channel: Mapped[PageChannel] = mapped_column(String(8))
    # None when it rings the practice, where whoever is there picks up.
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    # A page that has failed moves the ladder on once, not once for every receipt.
    failed_at: Mapped[datetime | None]
    failed_because: Mapped[str | None] = mapped_column(String(32))
    delivered_at: Mapped[datetime | None]
    delivery_due_at: Mapped[datetime | None]
    # The link in an e-mail acknowledges once.
    link_used_at: Mapped[datetime | None]


class SupportItem(WithId, Table):
    """A task for support: what the bot could not do."""

    __tablename__ = "support_items"
    __table_args__ = (
        # One inbound text makes one task of a kind, however often it is handled.
        UniqueConstraint("inbound_id", "kind"),
        Index("ix_support_open", "status", "due_at"),
    )

    kind: Mapped[SupportKind] = mapped_column(String(24))
    status: Mapped[SupportStatus] = mapped_column(String(8))
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patients.id"), index=True)
    inbound_id: Mapped[str | None] = mapped_column(String(28))
    appointment_id: Mapped[str | None] = mapped_column(String(28))
    # What it is about, where it is about paging and calling: the alert, the colleague, the reason.
    alert_id: Mapped[str | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]
    # What she was promised; where it is about paging, when it must be mended.
    due_at: Mapped[datetime | None]
    # Still open then: people are paged about it (follow-up calls).
    raise_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
