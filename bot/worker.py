"""Does what is due: asks the dialogue, sends, escalates, reminds. Nothing lives in memory."""

import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import httpx
import structlog

from bot.bootstrap import App
from bot.core.messages import Lane
from bot.services import (
    alerts,
    check_ins,
    dialogue_turns,
    escalation,
    housekeeping,
    outbound,
    promises,
)
from bot.services.clinic import Clinic

log = structlog.get_logger()


class _Timer(Protocol):
    __name__: str

    def __call__(self, clinic: Clinic, /, *, now: datetime) -> int: ...


# Another process may have stored a text: look this often even when nobody rang.
_LOOK_EVERY = 0.2
_TIMERS_EVERY = 0.5
_AFTER_AN_ERROR = 1.0
_CONVERSATIONS = 3
_URGENT = (Lane.CRISIS, Lane.PAGE)
_BEAT_EVERY = timedelta(seconds=15)
_MANY = 1000
# What is due by the clock, the most pressing first.
_TIMERS: tuple[_Timer, ...] = (
    escalation.fail_overdue_pages,
    outbound.fail_undelivered_crisis,
    alerts.lift_unanswered,
    alerts.reopen_stale,
    escalation.escalate_due,
    promises.tell_of_reopened,
    alerts.tell_patients_who_wait,
    promises.follow_up_alerts,
    promises.follow_up_tasks,
    outbound.requeue_stalled,
    check_ins.expire,
    check_ins.open_due,
)


class Worker:
    """One worker process: several loops that claim work, each safe beside any other worker.

    Pages and crisis replies have a sender of their own, so that a slow reminder never stands
    before them.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._name = f"{socket.gethostname()[:20]}:{os.getpid()}"
        self._stopping = threading.Event()
        self._bell = threading.Condition()
        self._rings = 0
        self._threads: list[threading.Thread] = []
        self._last_beat: datetime | None = None

    def start(self) -> None:
        """Start all loops."""
        loops: list[tuple[str, Callable[[], bool]]] = [
            ("urgent", self.send_urgent),
            ("send", self.send),
            ("timers", self.timers),
            *((f"converse-{number}", self.converse) for number in range(_CONVERSATIONS)),
        ]
        for name, work in loops:
            thread = threading.Thread(target=self._loop, args=(name, work), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let every loop finish what it has in hand."""
        self._stopping.set()
        self.ring()
        for thread in self._threads:
            thread.join(timeout=15)

    def ring(self) -> None:
        """Something may be due: look now."""
        with self._bell:
            self._rings += 1
            self._bell.notify_all()

    # Each of these does one thing and says whether there was one to do.

    def converse(self) -> bool:
        """Answer the oldest waiting text."""
        worked = dialogue_turns.converse_next(
            self._app.clinic, self._app.dialogue, worker=self._name, now=self._now()
        )
        if worked:
            self.ring()
        return worked

    def send_urgent(self) -> bool:
        """Send the next crisis reply or page."""
        return self._send(_URGENT)

    def send(self) -> bool:
        """Send the next reply or reminder."""
        return self._send((Lane.REPLY, Lane.REMINDER))

    def timers(self) -> bool:
        """Whatever has become due by the clock; true when something was done."""
        clinic, now = self._app.clinic, self._now()
        done = 0
        broken: Exception | None = None
        for timer in _TIMERS:
            try:
                done += timer(clinic, now=now)
            except Exception as error:  # a check-in that cannot be opened must not stop a page
                log.error("timer failed", timer=timer.__name__, error=type(error).__name__)
                broken = error
        if broken is not None:
            # No sign of life either: the outside watchdog is to call somebody.
            raise broken
        housekeeping.seal_audit(clinic)
        self._beat(now)
        if done:
            self.ring()
        return done > 0

    def settle(self) -> None:
        """Do everything that is due now, in this thread; for the sandbox's clock and tests."""
        for _ in range(_MANY):
            worked = self.timers()
            while self.send_urgent() or self.converse() or self.send():
                worked = True
            if not worked:
                return

    def _send(self, lanes: tuple[Lane, ...]) -> bool:
        return outbound.send_next(
            self._app.clinic,
            self._app.provider,
            worker=self._name,
            now=self._now(),
            lanes=lanes,
        )

    def _now(self) -> datetime:
        return self._app.clock.now()

    def _beat(self, now: datetime) -> None:
        if self._last_beat is not None and abs(now - self._last_beat) < _BEAT_EVERY:
            return
        self._last_beat = now
        housekeeping.beat(self._app.clinic, "worker", now=now)
        url = self._app.settings.heartbeat_url
        if url:
            try:
                httpx.post(url, timeout=5)
            except httpx.HTTPError as error:
                log.warning("heartbeat not taken", error=type(error).__name__)

    def _loop(self, name: str, work: Callable[[], bool]) -> None:
        timers = name == "timers"
        while not self._stopping.is_set():
            rings = self._rings
            try:
                worked = work()
            except Exception as error:  # a process loop outlives any single failure
                log.error("loop failed", loop=name, error=type(error).__name__)
                self._stopping.wait(_AFTER_AN_ERROR)
                continue
            if timers:
                self._stopping.wait(_TIMERS_EVERY)
            elif not worked:
                self._wait_for_ring(rings)

    def _wait_for_ring(self, rings: int) -> None:
        with self._bell:
            if self._rings == rings and not self._stopping.is_set():
                self._bell.wait(_LOOK_EVERY)


def run_for_ever(app: App) -> None:
    """The worker as a process of its own."""
    worker = Worker(app)
    worker.start()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        worker.stop()
