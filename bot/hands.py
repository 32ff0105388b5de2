"""How a worker does several things at once: as many hands as it has, each with one text in it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from bot.bootstrap import App
from bot.core.messages import Lane
from bot.services import outbound
from bot.services.outbound import Outcome, Ready

log = structlog.get_logger()


class Hands:
    """Threads that each do one thing at a time; whoever claims asks first how many are free.

    :param name: of the threads.
    """

    def __init__(self, name: str, count: int) -> None:
        self._count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._changed = threading.Condition()
        self._busy: dict[str, float] = {}

    def wait_free(self, seconds: float) -> int:
        """How many are free; waits a little until one is."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._busy) < self._count, seconds)
            return self._count - len(self._busy)

    def take(self, thing: str, work: Callable[[], None]) -> None:
        """Do this with one of the free ones."""
        with self._changed:
            self._busy[thing] = time.monotonic()
        self._pool.submit(self._do, thing, work)

    def held(self, *, at_most: float) -> list[str]:
        """What is being worked on, for no longer than so many seconds."""
        with self._changed:
            since = time.monotonic() - at_most
            return [thing for thing, began in self._busy.items() if began > since]

    def stop(self) -> None:
        """Let each finish what it has in hand."""
        self._pool.shutdown()

    def _do(self, thing: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # its lease ends, and it is taken up again
            log.error("work failed", thread=threading.current_thread().name, error=str(type(error)))
        finally:
            with self._changed:
                self._busy.pop(thing, None)
                self._changed.notify_all()


class Sender:
    """Hands over what is due in some lanes; a slow carrier keeps one hand busy, not the others.

    :param lanes: the most pressing first.
    """

    def __init__(self, app: App, *, worker: str, lanes: tuple[Lane, ...], hands: int) -> None:
        self._app, self._worker, self._lanes = app, worker, lanes
        self._hands = Hands(f"send-{lanes[0]}", hands)
        self._adding, self._writing = threading.Lock(), threading.Lock()
        self._outcomes: list[Outcome] = []

    def send(self) -> bool:
        """Claim as many texts as hands are free; false when nothing is due."""
        free = self._hands.wait_free(0.2)
        if not free:
            return True
        claimed = outbound.claim(
            self._app.clinic,
            worker=self._worker,
            now=self._app.clock.now(),
            lanes=self._lanes,
            most=free,
        )
        for ready in claimed.ready:
            self._hands.take(ready.row_id, partial(self._hand_over, ready))
        return claimed.taken > 0

    def stop(self) -> None:
        """Let every call of the carrier come to its end."""
        self._hands.stop()

    def _hand_over(self, ready: Ready) -> None:
        app = self._app
        outcome = outbound.hand_over(app.clinic, app.provider, ready, channels=app.channels)
        with self._adding:
            self._outcomes.append(outcome)
        # Whoever writes takes along what came while he waited: many sends, one transaction.
        with self._writing:
            with self._adding:
                batch, self._outcomes = self._outcomes, []
            try:
                self._keep(batch)
            except Exception:
                if len(batch) == 1:
                    raise
                # One that cannot be written must not make the others go twice.
                for one in batch:
                    self._write_alone(one)

    def _keep(self, outcomes: list[Outcome]) -> None:
        outbound.record_outcomes(self._app.clinic, outcomes, now=self._app.clock.now())

    def _write_alone(self, outcome: Outcome) -> None:
        try:
            self._keep([outcome])
        except Exception as error:  # as any other failure of a hand
            log.error("outcome not kept", outbound=outcome.row_id, error=type(error).__name__)
