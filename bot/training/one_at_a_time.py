"""One training of a model at a time in a folder: a second one waits, and then has nothing to do.

The lock is the operating system's (flock): it ends with the process that holds it, however that
process ends.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from bot.training.progress import Step, Told

WAITING = "Another training is running here; waiting for it."


class Kind(StrEnum):
    """The two models that are trained; `tend train` trains both side by side."""

    DIALOGUE = "dialogue"
    CRISIS = "crisis"


@contextmanager
def alone(models: Path, kind: Kind, *, at: Told) -> Iterator[None]:
    """Hold the folder for this training; when another one holds it, say so and wait."""
    models.mkdir(parents=True, exist_ok=True)
    with _file(models, kind).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            at(Step(WAITING, 0, 1))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_running(models: Path, kind: Kind) -> bool:
    """Is this model being trained here at this moment?"""
    try:
        with _file(models, kind).open() as file:
            # Shared, so that two who look do not take each other for a training.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _file(models: Path, kind: Kind) -> Path:
    return models / f".{kind}.lock"
