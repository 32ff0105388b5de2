"""Asks for a candidate model, follows the job that makes it, and ends it whatever happens.

One job at a time. Whoever works on it renews its lease; when that stops the job has failed, and
nothing has changed for patients: a model is only live once somebody promotes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from bot.core.training_jobs import JobStatus, Progress, Stage, check_transition, progress
from bot.errors import NotAllowed
from bot.services.clinic import Clinic
from bot.storage import models
from bot.storage.audit import Audit, record
from bot.storage.tables import TrainingJob

# As long as nobody may be heard of before the job counts as lost.
LEASE = timedelta(seconds=30)
_MOST_LINES = 40
_LOST = "The machine or the worker stopped while it worked. Nothing has changed. Start it again."


@dataclass(frozen=True)
class JobSeen:
    """A training job, as the console and ``tend models`` show it."""

    id: str
    status: JobStatus
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    stage: Stage | None
    progress: Progress | None
    log: tuple[str, ...]
    cancelling: bool
    model: str | None
    problem: str | None


def ask(clinic: Clinic, *, by: str, now: datetime) -> str:
    """Ask for a candidate model of the data as it is now; the id of the job.

    :raises NotAllowed: another job waits or runs.
    """
    refusal = "A model is being trained already. Wait for it, or cancel it."
    try:
        with clinic.db.transaction() as db:
            if models.find_job_at_work(db) is not None:
                raise NotAllowed(refusal)
            job = TrainingJob(
                slot=1, status=JobStatus.QUEUED, asked_by=by, asked_at=now, timings={}, log=[]
            )
            db.add(job)
            record(db, Audit(by, "ask_training", f"training:{job.id}"), now=now)
            return job.id
    except IntegrityError:  # somebody else pressed the button at the same moment
        raise NotAllowed(refusal) from None


def cancel(clinic: Clinic, job_id: str, *, by: str, now: datetime) -> None:
    """Somebody does not want this model any more.

    :raises NotAllowed: it has ended already.
    """
    with clinic.db.transaction() as db:
        job = models.get_job(db, job_id)
        if job.status == JobStatus.QUEUED:
            _end(job, JobStatus.CANCELLED, now=now)
        elif job.status == JobStatus.RUNNING:
            job.cancel_asked_at = job.cancel_asked_at or now
        else:
            raise NotAllowed("It has ended already.")
        record(db, Audit(by, "cancel_training", f"training:{job_id}"), now=now)


def claim(clinic: Clinic, *, worker: str, now: datetime) -> str | None:
    """Take the waiting job; none when there is none, or somebody else took it."""
    with clinic.db.transaction() as db:
        job = models.claim_job(db, worker=worker, lease=LEASE, now=now)
        if job is None:
            return None
        record(db, Audit("system", "start_training", f"training:{job.id}"), now=now)
        return job.id


def renew(clinic: Clinic, job_id: str, *, worker: str, now: datetime) -> bool:
    """It is still being worked on; false when it should stop: cancelled, or taken for lost."""
    with clinic.db.transaction(audited=False) as db:
        job = models.get_job(db, job_id)
        if job.status != JobStatus.RUNNING or job.claimed_by != worker:
            return False
        job.lease_until = now + LEASE
        return job.cancel_asked_at is None


def note(clinic: Clinic, job_id: str, *, stage: Stage | None, line: str, now: datetime) -> None:
    """Something happened that people should see: a new stage, or a line of the log."""
    with clinic.db.transaction(audited=False) as db:
        job = models.get_job(db, job_id)
        if stage is not None and stage != job.stage:
            _time_stage(job, now=now)
            job.stage, job.stage_at = stage, now
        if line:
            job.log = [*job.log, line][-_MOST_LINES:]


def finish(
    clinic: Clinic,
    job_id: str,
    status: JobStatus,
    *,
    now: datetime,
    model: str | None = None,
    problem: str | None = None,
) -> None:
    """The job has ended; told a second time, nothing changes."""
    with clinic.db.transaction() as db:
        job = models.get_job(db, job_id)
        if job.status != JobStatus.RUNNING:
            return
        if job.cancel_asked_at is not None and status is JobStatus.FAILED:
            status, problem = JobStatus.CANCELLED, None
        _end(job, status, now=now)
        job.model = model
        job.problem = problem[:1000] if problem else None
        subject, details = f"training:{job_id}", {"status": status.value, "model": model}
        record(db, Audit("system", "end_training", subject, details), now=now)


def end_lost(clinic: Clinic, *, now: datetime) -> int:
    """Jobs that nobody works on any more have failed; how many."""
    with clinic.db.reading() as db:
        lost = [job.id for job in models.list_lost_jobs(db, now=now)]
    for job_id in lost:
        finish(clinic, job_id, JobStatus.FAILED, problem=_LOST, now=now)
    return len(lost)


def look_at(clinic: Clinic, job_id: str, *, now: datetime) -> JobSeen:
    """One job.

    :raises NotFound: no such job.
    """
    with clinic.db.reading() as db:
        return _seen(models.get_job(db, job_id), _usual(models.list_jobs(db, most=20)), now=now)


def list_seen(clinic: Clinic, *, most: int, now: datetime) -> list[JobSeen]:
    """The newest jobs first."""
    with clinic.db.reading() as db:
        found = models.list_jobs(db, most=most)
        usual = _usual(found)
        return [_seen(job, usual, now=now) for job in found]


def _usual(jobs: object) -> dict[str, float]:
    """How long each stage took in the newest job that came to its end."""
    for job in jobs if isinstance(jobs, list | tuple) else ():
        if job.status == JobStatus.DONE:
            return {name: float(seconds) for name, seconds in job.timings.items()}
    return {}


def _seen(job: TrainingJob, usual: dict[str, float], *, now: datetime) -> JobSeen:
    runs = job.status == JobStatus.RUNNING and job.stage is not None
    return JobSeen(
        id=job.id,
        status=JobStatus(job.status),
        asked_by=job.asked_by,
        asked_at=job.asked_at,
        ended_at=job.ended_at,
        stage=Stage(job.stage) if job.stage else None,
        progress=progress(
            Stage(job.stage or Stage.CHECKING),
            seconds=(now - (job.stage_at or now)).total_seconds(),
            usual=usual,
        )
        if runs
        else None,
        log=tuple(job.log),
        cancelling=job.cancel_asked_at is not None and job.status == JobStatus.RUNNING,
        model=job.model,
        problem=job.problem,
    )


def _time_stage(job: TrainingJob, *, now: datetime) -> None:
    if job.stage is not None and job.stage_at is not None:
        seconds = (now - job.stage_at).total_seconds()
        job.timings = {**job.timings, str(job.stage): round(seconds, 1)}


def _end(job: TrainingJob, status: JobStatus, *, now: datetime) -> None:
    check_transition(JobStatus(job.status), status)
    _time_stage(job, now=now)
    job.status, job.ended_at = status, now
    job.slot = job.lease_until = None
