"""The life of a training job: somebody asks for a better model, and it is made and proved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.core.transitions import checker


class JobStatus(StrEnum):
    """Where a training job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[JobStatus, set[JobStatus]] = {
    JobStatus.QUEUED: {JobStatus.RUNNING, JobStatus.CANCELLED},
    JobStatus.RUNNING: {JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED},
    JobStatus.DONE: set(),
    JobStatus.FAILED: set(),
    JobStatus.CANCELLED: set(),
}

# Refuse a step that a job cannot take.
check_transition = checker(TRANSITIONS)


class Stage(StrEnum):
    """What a job is doing, in order."""

    CHECKING = "checking"
    TRAINING = "training"
    READING = "reading"
    CROSS_VALIDATING = "cross_validating"
    REHEARSING = "rehearsing"
    JUDGING = "judging"


STAGES = tuple(Stage)
# How long each takes on two cores while nothing is known yet; then the last job tells.
USUAL: Mapping[Stage, float] = {
    Stage.CHECKING: 5,
    Stage.TRAINING: 120,
    Stage.READING: 40,
    Stage.CROSS_VALIDATING: 90,
    Stage.REHEARSING: 90,
    Stage.JUDGING: 5,
}


@dataclass(frozen=True)
class Progress:
    """How far a job is.

    :param percent: 0 to 99; 100 is a finished job's.
    :param left: how long it will still take, by what it usually takes.
    """

    percent: int
    left: timedelta


def progress(stage: Stage, *, seconds: float, usual: Mapping[str, float]) -> Progress:
    """How far a job is that has been in this stage for so many seconds.

    :param usual: what each stage took last time, by its name.
    """
    spans = [usual.get(one, USUAL[one]) for one in STAGES]
    place = STAGES.index(stage)
    here = min(seconds, spans[place])
    done, total = sum(spans[:place]) + here, sum(spans)
    return Progress(min(99, int(100 * done / total)), timedelta(seconds=round(total - done)))
