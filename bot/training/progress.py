"""How far a training is: told by the training, shown to the person who waits for it.

On a terminal each training has a bar. Elsewhere, as in a log, each has a line now and then: nobody
should have to guess whether it still goes on.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import exp
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

EVERY_SECONDS = 15.0
_MOVES_EVERY = 0.5
_KEY = "training_step"


@dataclass(frozen=True)
class Step:
    """Where a training is now.

    :param says: what it does, in words for people.
    :param done: how much of it is behind, out of ``total``.
    :param counts: the words hold a number that moves: not each of them is worth a line.
    :param usual: how long it usually takes, in seconds and in units of ``total``, where nothing is
        heard of it before it ends; 0 where the steps themselves follow each other quickly.
    """

    says: str
    done: int
    total: int
    counts: bool = False
    usual: int = 0

    def after(self, seconds: float) -> float:
        """How much is probably behind, so long after it began; never all that belongs to it."""
        return (
            self.done + self.usual * (1 - exp(-seconds / self.usual)) if self.usual else self.done
        )

    def as_line(self) -> str:
        """For another process, which shows it."""
        return json.dumps({_KEY: asdict(self)})


Told = Callable[[Step], None]


def nobody(_step: Step) -> None:
    """Where nobody waits."""


def from_line(line: str) -> Step | None:
    """The step that another process wrote; none when the line says something else."""
    try:
        return Step(**json.loads(line)[_KEY])
    except (ValueError, KeyError, TypeError):
        return None


class Shown:
    """Shows how far trainings are, from its beginning to its end.

    :param every: seconds between two lines of a training where there is no terminal.
    """

    def __init__(self, console: Console, *, every: float = EVERY_SECONDS) -> None:
        self._console, self._every = console, every
        columns = (
            TextColumn("{task.fields[training]:18}"),
            TextColumn("{task.description:44}"),
            BarColumn(),
            TimeElapsedColumn(),
        )
        self._bars = Progress(*columns, console=console, disable=not console.is_terminal)
        self._lines: list[_Line] = []
        self._ended = threading.Event()
        self._ticking = threading.Thread(target=self._tick, name="training-shown", daemon=True)

    def __enter__(self) -> Self:
        self._bars.start()
        self._ticking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._bars.stop()

    def line(self, training: str) -> "_Line":
        """The line of one training; what is given to it is shown there."""
        task = self._bars.add_task("waiting", training=training, total=None)
        line = _Line(training, self._console, self._bars, task, every=self._every)
        self._lines.append(line)
        return line

    def _tick(self) -> None:
        while not self._ended.wait(_MOVES_EVERY if self._console.is_terminal else self._every / 5):
            for line in self._lines:
                line.remind()
                line.move_on()


class _Line:
    """One training's bar, or its lines where there is no terminal."""

    def __init__(
        self, training: str, console: Console, bars: Progress, task: TaskID, *, every: float
    ) -> None:
        self._training, self._console, self._bars = training, console, bars
        self._task, self._every = task, every
        self._began = self._said_at = self._step_at = time.monotonic()
        self._last: Step | None = None
        self._said: Step | None = None
        self._guard = threading.Lock()

    def __call__(self, step: Step) -> None:
        """It is here now."""
        with self._guard:
            self._bars.update(
                self._task, description=step.says, completed=step.done, total=max(1, step.total)
            )
            before, self._last = self._last, step
            self._step_at = time.monotonic()
            # Of words that count, only the first is said at once: the others when they are due.
            if before is None or not (step.counts and before.counts):
                self._say()

    def done(self) -> None:
        """Nothing more is to be expected of it."""
        with self._guard:
            self._last = None
        self._bars.remove_task(self._task)

    def move_on(self) -> None:
        """The bar moves in a long step too, slower and slower: it goes on, but is not done."""
        with self._guard:
            if self._last is not None and self._last.usual:
                done = self._last.after(time.monotonic() - self._step_at)
                self._bars.update(self._task, completed=done)

    def remind(self) -> None:
        """Say it again when nothing was said for long."""
        with self._guard:
            if self._last and time.monotonic() - self._said_at >= self._every:
                self._say()

    def _say(self) -> None:
        step = self._last
        if step is None or self._console.is_terminal:
            return
        seconds = time.monotonic() - self._began
        since = f" ({seconds:.0f} s so far)" if step == self._said else ""
        words = f"{self._training}: {step.says}{since}"
        self._console.print(words, highlight=False, markup=False, soft_wrap=True)
        self._said, self._said_at = step, time.monotonic()
