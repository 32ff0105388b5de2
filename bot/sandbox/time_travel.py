"""Lets time pass quickly, in strides short enough that everything falls due in its order."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import select

from bot.core.messages import OutboundStatus
from bot.errors import NotAllowed, TendError
from bot.sandbox.carrier import Carrier
from bot.services.clinic import Clinic
from bot.storage.tables import InboundMessage, OutboundMessage

log = structlog.get_logger()

# Ladders are counted in minutes; the longer the wait, the less a minute matters.
_STRIDES = (
    (timedelta(hours=2), timedelta(minutes=1)),
    (timedelta(hours=6), timedelta(minutes=5)),
    (timedelta.max, timedelta(minutes=15)),
)
# Longer than the dialogue may take for an answer.
_PATIENCE_SECONDS = 15.0
_ROUNDS = 20


class Moves(Protocol):
    """A clock that can be set forward."""

    def move(self, by: timedelta) -> None:
        """Let time pass at once."""


class Settles(Protocol):
    """A worker, as far as the clock needs one."""

    def settle(self) -> None:
        """Do everything that is due now."""


@dataclass(frozen=True)
class Progress:
    """How far the clock has come, in minutes."""

    done: int
    of: int


def strides(by: timedelta) -> list[timedelta]:
    """The steps in which the clock is moved.

    A minute up to two hours, five minutes up to six, a quarter of an hour beyond.
    """
    steps: list[timedelta] = []
    left = by
    while left > timedelta():
        longest = next(stride for until, stride in _STRIDES if by - left < until)
        steps.append(min(longest, left))
        left -= steps[-1]
    return steps


class TimeTravel:
    """Moves the clock in a thread of its own; one journey at a time."""

    def __init__(self, clinic: Clinic, *, clock: Moves, carrier: Carrier, worker: Settles) -> None:
        self._clinic = clinic
        self._clock = clock
        self._carrier = carrier
        self._worker = worker
        self._one_at_a_time = threading.Lock()
        self._progress: Progress | None = None

    @property
    def progress(self) -> Progress | None:
        """How far the journey is; none when the clock only ticks."""
        return self._progress

    def start(self, by: timedelta) -> threading.Thread:
        """Begin to let time pass, and return at once.

        :raises NotAllowed: the clock is on its way already.
        """
        if not self._one_at_a_time.acquire(blocking=False):
            raise NotAllowed("The clock is moving already.")
        self._progress = Progress(0, _minutes(by))
        thread = threading.Thread(target=self._go, args=(by,), name="time-travel", daemon=True)
        thread.start()
        return thread

    def wait(self) -> None:
        """Wait until the clock stands."""
        with self._one_at_a_time:
            return

    def alone(self, work: Callable[[], None]) -> None:
        """Do something during which the clock must not be moved.

        :raises NotAllowed: it is moving.
        """
        if not self._one_at_a_time.acquire(blocking=False):
            raise NotAllowed("The clock is moving: wait until it stands.")
        try:
            work()
        finally:
            self._one_at_a_time.release()

    def settle(self) -> None:
        """Do what is due until nothing is left, the carrier's receipts included."""
        for _ in range(_ROUNDS):
            posted = self._carrier.receipts_posted
            self._worker.settle()
            self._wait_for_other_hands()
            self._carrier.drain()
            if self._carrier.receipts_posted == posted:
                return

    def _go(self, by: timedelta) -> None:
        try:
            self.settle()
            gone = timedelta()
            for stride in strides(by):
                self._clock.move(stride)
                gone += stride
                self.settle()
                self._progress = Progress(_minutes(gone), _minutes(by))
        except TendError as error:
            log.error("the clock stopped", error=type(error).__name__)
        finally:
            self._progress = None
            self._one_at_a_time.release()

    def _wait_for_other_hands(self) -> None:
        """A worker's lease is measured by this clock: moved under its hand, a text goes twice."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while self._in_somebodys_hand() and time.monotonic() < until:
            time.sleep(0.02)

    def _in_somebodys_hand(self) -> bool:
        sending = select(OutboundMessage.id).where(OutboundMessage.status == OutboundStatus.SENDING)
        claimed = select(InboundMessage.id).where(InboundMessage.dialogue_status == "claimed")
        with self._clinic.db.reading() as db:
            return any(db.scalars(query.limit(1)).first() for query in (sending, claimed))


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)
