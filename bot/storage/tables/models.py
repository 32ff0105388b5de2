"""Candidate models: how they were made and proved, who approved them, and which one is live."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.core.releases import ReleaseKind, ReleaseStatus
from bot.core.rota import StaffRole
from bot.core.training_jobs import JobStatus, Stage
from bot.storage.tables.base import Table, WithId, sealed


class TrainingJob(WithId, Table):
    """Somebody asked for a candidate model."""

    __tablename__ = "training_jobs"

    # 1 while it waits or runs, nothing afterwards: so there is never more than one.
    slot: Mapped[int | None] = mapped_column(unique=True)
    status: Mapped[JobStatus] = mapped_column(String(12))
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    stage: Mapped[Stage | None] = mapped_column(String(20))
    stage_at: Mapped[datetime | None]
    # What each stage took, in seconds: the next job's time left is told by it.
    timings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Lines of ours, never the output of Rasa, which may hold examples.
    log: Mapped[list[Any]] = mapped_column(default=list)
    cancel_asked_at: Mapped[datetime | None]
    model: Mapped[str | None] = mapped_column(String(80))
    problem: Mapped[str | None] = mapped_column(String(1000))


class ModelCard(WithId, Table):
    """A trained model: of what it was made, and how it compared with the one that was live."""

    __tablename__ = "model_cards"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # With which live model it was compared; what is proved against another one proves nothing.
    compared_with: Mapped[str | None] = mapped_column(String(80))
    proved_at: Mapped[datetime | None]
    proof: Mapped[dict[str, Any]] = mapped_column(default=dict)
    gates: Mapped[list[Any]] = mapped_column(default=list)
    # Everything that differs from the live model, each with who has to approve it.
    changes: Mapped[list[Any]] = mapped_column(default=list)


class ModelApproval(WithId, Table):
    """Somebody has read what changed in a candidate and stands for it. Added, never changed."""

    __tablename__ = "model_approvals"

    card_id: Mapped[str] = mapped_column(ForeignKey("model_cards.id"), index=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    role: Mapped[StaffRole] = mapped_column(String(12))
    # Of the changes that were read: others than these are not approved.
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ModelRelease(WithId, Table):
    """A model was made live, or was meant to be."""

    __tablename__ = "model_releases"

    # Counts up; two people who press at the same moment cannot both have the next number.
    number: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[ReleaseKind] = mapped_column(String(12))
    status: Mapped[ReleaseStatus] = mapped_column(String(12))
    model: Mapped[str] = mapped_column(String(80))
    previous: Mapped[str | None] = mapped_column(String(80))
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(400))


class ShadowRun(WithId, Table):
    """A candidate reads along silently for a while."""

    __tablename__ = "shadow_runs"

    model: Mapped[str] = mapped_column(String(80))
    started_by: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ShadowReading(WithId, Table):
    """What both models made of one text of hers; her words stay where they are, sealed."""

    __tablename__ = "shadow_readings"
    __table_args__ = (Index("ix_shadow_reading", "run_id", "inbound_id", unique=True),)

    run_id: Mapped[str] = mapped_column(ForeignKey("shadow_runs.id"))
    inbound_id: Mapped[str] = mapped_column(String(28))
    live_intent: Mapped[str] = mapped_column(String(80))
    live_confidence: Mapped[float]
    candidate_intent: Mapped[str] = mapped_column(String(80))
    candidate_confidence: Mapped[float]
    at: Mapped[datetime]


class TestQuestion(WithId, Table):
    """A text that staff want understood; models are tested with it, and never trained."""

    __tablename__ = "test_questions"
    __test__ = False

    text_sealed: Mapped[bytes] = sealed(nullable=False)
    intent: Mapped[str] = mapped_column(String(80))
    added_by: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
