"""Does what is due: asks the dialogue, sends, escalates, reminds. Nothing lives in memory."""

import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import httpx
import structlog

from bot.bootstrap import App, LiveAnswers
from bot.core.messages import Lane
from bot.hands import Hands, Sender
from bot.services import (
    alert_clocks,
    auditor,
    canary,
    check_ins,
    clock_back,
    dialogue_turns,
    escalation,
    follow_ups,
    housekeeping,
    kept_forms,
    outbound,
    promises,
    promotion,
    rota,
)
from bot.services.clinic import Clinic
from bot.training.runner import TrainingRunner
from bot.training.shadow_reader import ShadowReader

log = structlog.get_logger()


class _Timer(Protocol):
    __name__: str

    def __call__(self, clinic: Clinic, /, *, now: datetime) -> int: ...


# Another process may have stored a text: look this often even when nobody rang.
_LOOK_EVERY = 0.2
_TIMERS_EVERY = 0.5
_RENEW_EVERY = 3.0
_AFTER_AN_ERROR = 1.0
_MODELS_EVERY = 1.0
# A Rasa that came back with another model is noticed so soon.
_FOLLOW_EVERY = 15.0
# Turns that are under way when another model goes live are let finish, for so long.
_LET_FINISH = 3.0
_CONVERSATIONS = 4
_URGENT = (Lane.CRISIS, Lane.PAGE)
_SENDERS = ((_URGENT, 4), ((Lane.REPLY,), 8), ((Lane.REMINDER,), 16))
_EVERY = {
    "timers": _TIMERS_EVERY,
    "leases": _RENEW_EVERY,
    "models": _MODELS_EVERY,
    "training": _MODELS_EVERY,
    "shadow": _MODELS_EVERY,
}
_BEAT_EVERY = timedelta(seconds=15)
_MANY = 1000
# What is due by the clock, the most pressing first.
_TIMERS: tuple[_Timer, ...] = (
    clock_back.bring_back,
    escalation.fail_overdue_pages,
    outbound.fail_undelivered_crisis,
    alert_clocks.lift_unanswered,
    alert_clocks.reopen_stale,
    escalation.escalate_due,
    escalation.page_newcomers,
    promises.tell_of_reopened,
    alert_clocks.tell_patients_who_wait,
    promises.follow_up_alerts,
    promises.follow_up_tasks,
    follow_ups.raise_missed,
    rota.warn_of_gaps,
    canary.run,
    outbound.requeue_stalled,
    check_ins.expire,
    check_ins.open_due,
    kept_forms.forget_old,
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
        self._conversations = Hands("converse", _CONVERSATIONS)
        self._senders = [
            Sender(app, worker=self._name, lanes=lanes, hands=hands) for lanes, hands in _SENDERS
        ]
        self._training = TrainingRunner(app, worker=self._name)
        self._shadow = ShadowReader(app)
        self._answers = LiveAnswers(app)
        self._followed = 0.0
        self._threads: list[threading.Thread] = []
        self._last_beat: datetime | None = None
        self._suspected: frozenset[str] = frozenset()

    def start(self) -> None:
        """Start all loops."""
        housekeeping.report_missing_classifier(self._app.clinic, now=self._now())
        loops: list[tuple[str, Callable[[], bool]]] = [
            *((f"send-{number}", sender.send) for number, sender in enumerate(self._senders)),
            ("timers", self.timers),
            ("leases", self.renew),
            ("converse", self.converse_with_all),
            ("models", self.keep_models),
            ("training", self._training.step),
            ("shadow", self._shadow.step),
        ]
        for name, work in loops:
            thread = threading.Thread(target=self._loop, args=(name, work), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let every loop finish what it has in hand."""
        self._stopping.set()
        self._training.stop()
        self.ring()
        for thread in self._threads:
            thread.join(timeout=15)
        self._conversations.stop()
        self._shadow.close()
        for sender in self._senders:
            sender.stop()

    def ring(self) -> None:
        """Something may be due: look now."""
        with self._bell:
            self._rings += 1
            self._bell.notify_all()

    def converse_with_all(self) -> bool:
        """Answer as many waiting texts as hands are free."""
        free = self._conversations.wait_free(_LOOK_EVERY)
        if not free:
            return True
        clinic, now = self._app.clinic, self._now()
        self._answers.refresh()
        if promotion.must_wait(clinic, now=now):
            return False
        claimed = dialogue_turns.claim(clinic, worker=self._name, now=now, most=free)
        for waiting in claimed.waiting:
            self._conversations.take(waiting.inbound_id, partial(self._answer, waiting))
        return claimed.taken > 0

    def renew(self) -> bool:
        """Keep what is being answered right now from being taken over."""
        held = self._conversations.held(at_most=dialogue_turns.HELD_AT_MOST.total_seconds())
        dialogue_turns.renew(self._app.clinic, held, worker=self._name, now=self._now())
        return False

    def keep_models(self) -> bool:
        """Make a model live when somebody promoted one; see that every Rasa has the live one."""
        clinic, models = self._app.clinic, self._app.settings.models_dir
        if promotion.is_asked_for(clinic):
            until = time.monotonic() + _LET_FINISH
            while self._conversations.held(at_most=_LET_FINISH) and time.monotonic() < until:
                time.sleep(0.05)
            promotion.carry_out(
                clinic, self._app.models, models, worker=self._name, now=self._now()
            )
            self.ring()
        elif time.monotonic() - self._followed > _FOLLOW_EVERY:
            self._followed = time.monotonic()
            promotion.follow(clinic, self._app.models, models)
        return False

    def _answer(self, waiting: dialogue_turns.Waiting) -> None:
        dialogue_turns.converse(self._app.clinic, self._app.dialogue, waiting)
        self.ring()

    # Each of these does one thing and says whether there was one to do.

    def converse(self) -> bool:
        """Answer the oldest waiting text."""
        self._answers.refresh()
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
        with self._app.clinic.db.sharing_looks():
            return self._timers(self._now())

    def _timers(self, now: datetime) -> bool:
        clinic = self._app.clinic
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
            channels=self._app.channels,
            worker=self._name,
            now=self._now(),
            lanes=lanes,
        )

    def _now(self) -> datetime:
        return self._app.clock.now()

    def _beat(self, now: datetime) -> None:
        if self._last_beat is not None and abs(now - self._last_beat) < _BEAT_EVERY:
            return
        if not self._all_is_well(now):
            return  # no sign of life: the outside watchdog is to call somebody
        self._last_beat = now
        housekeeping.beat(self._app.clinic, "worker", now=now)
        url = self._app.settings.heartbeat_url
        if url:
            try:
                httpx.post(url, timeout=5)
            except httpx.HTTPError as error:
                log.warning("heartbeat not taken", error=type(error).__name__)

    def _all_is_well(self, now: datetime) -> bool:
        """What the auditor finds in two turns one after the other is trouble.

        In one turn it may be this machine that slept: what was late is then being done.
        """
        found = frozenset(auditor.findings(self._app.clinic, now=now))
        trouble, self._suspected = found & self._suspected, found
        if trouble:
            log.error("paging is in trouble", findings=sorted(trouble))
            auditor.report(self._app.clinic, trouble, now=now)
        return not found

    def _loop(self, name: str, work: Callable[[], bool]) -> None:
        every = _EVERY.get(name)
        while not self._stopping.is_set():
            rings = self._rings
            try:
                worked = work()
            except Exception as error:  # a process loop outlives any single failure
                log.error("loop failed", loop=name, error=type(error).__name__)
                self._stopping.wait(_AFTER_AN_ERROR)
                continue
            if every is not None:
                self._stopping.wait(every)
            elif not worked:
                self._wait_for_ring(rings)

    def _wait_for_ring(self, rings: int) -> None:
        with self._bell:
            if self._rings == rings and not self._stopping.is_set():
                self._bell.wait(_LOOK_EVERY)


def check_rota(app: App) -> None:
    """Before a clinic goes live somebody is on call at every hour of the next days.

    :raises ConfigError: in production, at the very first start, a rota with gaps.
    """
    if app.settings.production:
        rota.refuse_gaps_at_first_start(app.clinic, now=app.clock.now())


def run_for_ever(app: App) -> None:
    """The worker as a process of its own.

    :raises ConfigError: in production, at the very first start, a rota with gaps.
    """
    check_rota(app)
    worker = Worker(app)
    worker.start()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        worker.stop()
