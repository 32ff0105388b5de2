"""Reads and writes training jobs, candidate models, and which model is live."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, CursorResult, Select, or_, select, update
from sqlalchemy.orm import Session

from bot.core.releases import ReleaseStatus
from bot.core.training_jobs import JobStatus
from bot.errors import NotFound
from bot.storage.tables import (
    ModelApproval,
    ModelCard,
    ModelRelease,
    ShadowReading,
    ShadowRun,
    TestQuestion,
    TrainingJob,
)

_AT_WORK = (JobStatus.QUEUED, JobStatus.RUNNING)
# Asked several times a second: put together once.
_SWAP_MOMENT = select(ModelRelease.at).where(ModelRelease.status == ReleaseStatus.SWAPPING)


# --- training jobs --------------------------------------------------------------------------


def get_job(db: Session, job_id: str) -> TrainingJob:
    """One training job.

    :raises NotFound: no such job.
    """
    job = db.get(TrainingJob, job_id)
    if job is None:
        raise NotFound("no such training job")
    return job


def find_job_at_work(db: Session) -> TrainingJob | None:
    """The job that waits or runs; there is never more than one."""
    return db.scalars(select(TrainingJob).where(TrainingJob.status.in_(_AT_WORK))).first()


def list_jobs(db: Session, *, most: int) -> Sequence[TrainingJob]:
    """The newest jobs first."""
    query = select(TrainingJob).order_by(TrainingJob.asked_at.desc(), TrainingJob.id.desc())
    return db.scalars(query.limit(most)).all()


def claim_job(db: Session, *, worker: str, lease: timedelta, now: datetime) -> TrainingJob | None:
    """Take the waiting job, so that no other worker takes it too."""
    claim = (
        update(TrainingJob)
        .where(TrainingJob.status == JobStatus.QUEUED)
        .values(
            status=JobStatus.RUNNING,
            claimed_by=worker,
            started_at=now,
            lease_until=now + lease,
        )
        .returning(TrainingJob)
    )
    return db.scalars(claim).one_or_none()


def list_lost_jobs(db: Session, *, now: datetime) -> Sequence[TrainingJob]:
    """Jobs whose worker is gone: nobody has renewed their lease."""
    lost = TrainingJob.status == JobStatus.RUNNING, TrainingJob.lease_until < now
    return db.scalars(select(TrainingJob).where(*lost)).all()


# --- candidates -----------------------------------------------------------------------------


def find_card(db: Session, name: str) -> ModelCard | None:
    """What is known of a model by its name."""
    return db.scalars(select(ModelCard).where(ModelCard.name == name)).one_or_none()


def get_card(db: Session, name: str) -> ModelCard:
    """The same, where it must be known.

    :raises NotFound: no such model.
    """
    card = find_card(db, name)
    if card is None:
        raise NotFound("no such model")
    return card


def list_cards(db: Session, *, most: int) -> Sequence[ModelCard]:
    """The newest models first."""
    query = select(ModelCard).order_by(ModelCard.made_at.desc(), ModelCard.id.desc())
    return db.scalars(query.limit(most)).all()


def list_approvals(db: Session, card_id: str) -> Sequence[ModelApproval]:
    """Who stands for this candidate, in order."""
    query = select(ModelApproval).where(ModelApproval.card_id == card_id)
    return db.scalars(query.order_by(ModelApproval.at, ModelApproval.id)).all()


# --- which one is live ----------------------------------------------------------------------


def find_live(db: Session) -> ModelRelease | None:
    """The release that made the live model live; none where nobody ever promoted one."""
    return db.scalars(_live().limit(1)).first()


def list_live(db: Session, *, most: int) -> Sequence[ModelRelease]:
    """Releases that succeeded, the newest first."""
    return db.scalars(_live().limit(most)).all()


def _live() -> Select[ModelRelease]:
    live = select(ModelRelease).where(ModelRelease.status == ReleaseStatus.LIVE)
    return live.order_by(ModelRelease.number.desc())


def find_swap(db: Session) -> ModelRelease | None:
    """The release that is being carried out."""
    swapping = ModelRelease.status == ReleaseStatus.SWAPPING
    return db.scalars(select(ModelRelease).where(swapping)).first()


def find_swap_moment(connection: Connection) -> datetime | None:
    """When the release was asked for that is being carried out; one statement and no objects."""
    return connection.execute(_SWAP_MOMENT).scalar()


def next_number(db: Session) -> int:
    """The number of the next release."""
    newest = db.scalar(select(ModelRelease.number).order_by(ModelRelease.number.desc()).limit(1))
    return (newest or 0) + 1


def list_releases(db: Session, *, most: int) -> Sequence[ModelRelease]:
    """Every attempt to make a model live, the newest first."""
    query = select(ModelRelease).order_by(ModelRelease.number.desc()).limit(most)
    return db.scalars(query).all()


def claim_swap(db: Session, *, worker: str, lease: timedelta, now: datetime) -> ModelRelease | None:
    """Take the release that has to be carried out; none while somebody else is at it."""
    free = or_(ModelRelease.lease_until.is_(None), ModelRelease.lease_until < now)
    claim = (
        update(ModelRelease)
        .where(ModelRelease.status == ReleaseStatus.SWAPPING, free)
        .values(claimed_by=worker, lease_until=now + lease)
        .returning(ModelRelease)
    )
    return db.scalars(claim).one_or_none()


# --- a candidate reads along ----------------------------------------------------------------


def find_shadow(db: Session) -> ShadowRun | None:
    """The run that goes on."""
    return db.scalars(select(ShadowRun).where(ShadowRun.ended_at.is_(None))).first()


def list_shadow_readings(db: Session, run_id: str, *, most: int) -> Sequence[ShadowReading]:
    """What both models made of each text, the newest first."""
    query = select(ShadowReading).where(ShadowReading.run_id == run_id)
    return db.scalars(query.order_by(ShadowReading.at.desc()).limit(most)).all()


# --- the staff's own test questions ---------------------------------------------------------


def list_test_questions(db: Session) -> Sequence[TestQuestion]:
    """All that were not taken out again, in order."""
    kept = TestQuestion.removed_at.is_(None)
    return db.scalars(select(TestQuestion).where(kept).order_by(TestQuestion.added_at)).all()


def end_all_shadows(db: Session, *, now: datetime) -> int:
    """Nobody reads along any more; how many did."""
    going = update(ShadowRun).where(ShadowRun.ended_at.is_(None)).values(ended_at=now)
    return cast("CursorResult[object]", db.execute(going)).rowcount
