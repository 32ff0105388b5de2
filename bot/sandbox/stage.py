"""Plays golden conversations through the real gateway, worker, actions and Rasa.

Real signed webhooks over HTTP from the sandbox's carrier, a database of its own for each
conversation, and a clock that stands still until a step moves it. Nothing leaves this machine.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import select

from bot import bootstrap, gateway
from bot.bootstrap import App
from bot.conversations import cast
from bot.conversations.format import load_conversation
from bot.conversations.player import Played
from bot.conversations.player import play as play_one
from bot.conversations.stage import AlertSeen, Event
from bot.conversations.steps import (
    CarrierDoes,
    Conversation,
    Given,
    PatientTexts,
    PhoneRings,
    RasaState,
    Receipts,
    Recorded,
)
from bot.core.opt_out import CARRIER_KEYWORDS
from bot.errors import ConfigError
from bot.processes import Server
from bot.sandbox.carrier import Carrier, ReceiptTiming
from bot.sandbox.stage_dialogue import (
    DialogueHost,
    HostBuilder,
    NoDialogue,
    RealRasa,
    SwitchedDialogue,
)
from bot.sandbox.stage_events import Ledger, number_of
from bot.sandbox.stage_records import enter
from bot.sandbox.stage_scene import arrange
from bot.sandbox.time_travel import strides
from bot.settings import ProviderName, load_settings
from bot.storage import schema
from bot.storage import tables as tb
from bot.storage.database import Database, make_engine
from bot.worker import Worker

# Rasa forgets where she was after an hour; shorter waits cannot matter to it.
_RASA_NOTICES = timedelta(minutes=10)
# A receipt may make something due, whose receipt may make something due.
_ROUNDS = 20
_BEGINNING = datetime(2026, 1, 5, tzinfo=UTC)

type _Asgi = Callable[[Any, Any, Any], Any]


class StandingClock:
    """Stands still until it is moved, so that a play is the same every time."""

    def __init__(self) -> None:
        self.time = _BEGINNING

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return self.time


class Door:
    """One address for gateway and carrier; behind it the conversation that is being played."""

    def __init__(self) -> None:
        self.gateway: _Asgi | None = None
        self.carrier: _Asgi | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on to whom its path belongs."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        behind = self.carrier if scope["path"].startswith("/carrier/") else self.gateway
        if behind is not None:
            await behind(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


class Theatre:
    """What is built once for many conversations: content, servers, carrier, dialogue, template.

    :param host: builds what runs the dialogue; Rasa is down in every conversation without one.
    """

    def __init__(self, host: HostBuilder | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tend-stage-", dir=_fast_folder()))
        self.clock = StandingClock()
        self.door = Door()
        self.host: DialogueHost | None = None
        self.current: App | None = None
        self._server = Server(self.door, host="127.0.0.1", port=0, name="stage").start()
        url = f"http://127.0.0.1:{self._server.port}"
        self._template = self.folder / "template.db"
        settings = load_settings(
            production=False,
            canary=False,
            sms_provider=ProviderName.SANDBOX,
            sandbox_port=self._server.port,
            public_url=url,
            database_url=f"sqlite:///{self._template}",
            key_file=self.folder / "keys.json",
            heartbeat_url="",
        )
        _migrate(settings.database_url)
        secret = settings.sandbox_secret.get_secret_value()
        self.carrier = Carrier(url, secret, self.clock.now)
        self.door.carrier = self.carrier.asgi()
        self.base = bootstrap.build(settings, clock=self.clock, dialogue=NoDialogue())
        self.carrier.set_up_for(self.base.clinic)
        # One database for every play, emptied before each: a new one would translate every
        # statement anew, and that is a fifth of a play.
        self._play = Database(f"sqlite:///{self.folder / 'play.db'}", self.base.clinic.db.vault)
        if host is not None:
            self.host = host(self.app, settings)

    def app_for_a_play(self) -> App:
        """The app with an empty database; that of the play before is gone."""
        self._play.close()
        for left in self.folder.glob("play.db*"):
            left.unlink()
        shutil.copyfile(self._template, self.folder / "play.db")
        self.current = replace(
            self.base,
            clinic=replace(self.base.clinic, db=self._play),
            dialogue=SwitchedDialogue(self.host.engine() if self.host else NoDialogue()),
        )
        return self.current

    def app(self) -> App:
        """The app of the conversation that is being played; for the action server.

        :raises ConfigError: none is.
        """
        if self.current is None:
            raise ConfigError("No conversation is being played.")
        return self.current

    def close(self) -> None:
        """Stop everything and leave nothing behind."""
        if self.host is not None:
            self.host.stop()
        self.carrier.close()
        self._server.stop()
        self._play.close()
        self.base.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class RealStage:
    """A stage with the real parts; see ``bot.conversations.stage.Stage``."""

    def __init__(self, theatre: Theatre) -> None:
        self._theatre = theatre
        self._clock, self._carrier = theatre.clock, theatre.carrier
        self._app: App
        self._worker: Worker
        self._ledger: Ledger

    def open(self, given: Given) -> None:
        """Set the scene afresh."""
        self._carrier.reset()
        self._clock.time = given.clock
        self._app = self._theatre.app_for_a_play()
        self._dialogue().down = self._theatre.host is None or given.rasa == RasaState.DOWN
        self._theatre.door.gateway = gateway.build(self._app)
        self._worker = Worker(self._app)
        self._ledger = Ledger(self._app.clinic)
        arrange(
            self._app.clinic, given, text=self._text, settle=self._settle, now=self._clock.now()
        )

    def close(self) -> None:
        """Clear the scene."""
        self._carrier.reset()
        self._theatre.door.gateway = None
        self._theatre.current = None
        self._app.close()

    def now(self) -> datetime:
        """The time on stage."""
        return self._clock.now()

    def patient_texts(self, name: str, step: PatientTexts) -> None:
        """She texts; an ``id`` is the carrier's, so the same twice is one text delivered twice.

        :raises ConfigError: ``opt_out`` is not what the carrier makes of this text.
        """
        keyword = CARRIER_KEYWORDS.get(step.text.strip().upper())
        if step.opt_out is not None and (keyword is None or keyword.upper() != step.opt_out):
            raise ConfigError(
                f"opt_out: to the carrier this text is no {step.opt_out}. Text its bare keyword."
            )
        self._carrier.send_from(number_of(name), step.text, step.media, step.id)
        self._settle()

    def staff_texts(self, name: str, words: str) -> None:
        """A member of staff texts."""
        self._text(name, words)

    def wait(self, by: timedelta) -> None:
        """A stride at a time; what falls due is done."""
        for stride in strides(by):
            self._clock.time += stride
            self._settle()
        if self._theatre.host is not None and by >= _RASA_NOTICES:
            for key in self._conversation_keys():
                self._theatre.host.age(key, by)

    def rasa(self, state: RasaState) -> None:
        """Down, up, or restarted and forgetful."""
        if self._theatre.host is None:
            return
        if state == RasaState.RESTART:
            self._theatre.host.restart()
        self._dialogue().down = state == RasaState.DOWN
        self._settle()

    def carrier(self, step: CarrierDoes) -> None:
        """The carrier refuses somebody, or its receipts come late or early."""
        if step.refuses is not None:
            self._carrier.refusals[number_of(step.refuses)] = step.because
        if step.accepts is not None:
            self._carrier.refusals.pop(number_of(step.accepts), None)
        if step.receipts == Receipts.NORMAL:
            self._carrier.release_receipts()
        elif step.receipts is not None:
            self._carrier.receipts = _TIMINGS[step.receipts]
        self._settle()

    def records(self, code: str, step: Recorded) -> None:
        """Write down what was done, as on the console."""
        enter(self._app.clinic, code, step, now=self._clock.now())
        self._settle()

    def phone(self, step: PhoneRings) -> None:
        """A key is pressed on a ringing phone, or a machine answers, or nobody."""
        number = cast.OFFICE if step.name == "practice" else number_of(step.name)
        self._carrier.calls.answer(number, presses=step.presses, answers=step.answers)
        self._settle()

    def alerts(self) -> Sequence[AlertSeen]:
        """Every unresolved alert."""
        return self._ledger.alerts()

    def events(self) -> Sequence[Event]:
        """What happened since ``open``."""
        return self._ledger.events()

    def _text(self, name: str, words: str) -> None:
        self._carrier.send_from(number_of(name), words)
        self._settle()

    def _settle(self) -> None:
        """Everything due is done, and every receipt on its way has come."""
        seen = len(self._ledger.events())
        for _ in range(_ROUNDS):
            self._worker.settle()
            self._carrier.drain()
            count = len(self._ledger.events())
            if count == seen:
                return
            seen = count

    def _dialogue(self) -> SwitchedDialogue:
        assert isinstance(self._app.dialogue, SwitchedDialogue)  # app_for_a_play made it
        return self._app.dialogue

    def _conversation_keys(self) -> Sequence[str]:
        with self._app.clinic.db.reading() as db:
            return list(db.scalars(select(tb.Conversation.key)))


_TIMINGS = {Receipts.LATE: ReceiptTiming.HELD, Receipts.BEFORE_SEND: ReceiptTiming.EARLY}


def play(files: Sequence[Path], *, rasa: bool, console: Console) -> int:
    """Play golden conversations, one line for each; 0 when all went as written.

    :param rasa: with the real Rasa; without, those that need it are passed over.
    """
    bootstrap.configure_logging("ERROR")
    conversations, broken = _load(files, console)
    played = [one for one in conversations if rasa or not one.needs_rasa]
    began = time.monotonic()
    if rasa and played:
        console.print("Rasa is starting…", style="dim")
    theatre = Theatre(RealRasa if rasa and played else None)
    try:
        different = sum(not _play_one(one, theatre, console).as_written for one in played)
    finally:
        theatre.close()
    skipped = len(conversations) - len(played)
    as_written = len(played) - different
    summary = f"{as_written} of {len(played)} as written in {time.monotonic() - began:.0f} s"
    more = f", {skipped} need Rasa and were not played" if skipped else ""
    wrong = f", {broken} cannot be read" if broken else ""
    console.print(f"{summary}{more}{wrong}", style="bold", markup=False, highlight=False)
    return 1 if different or broken else 0


def _load(files: Sequence[Path], console: Console) -> tuple[list[Conversation], int]:
    found: list[Conversation] = []
    broken = 0
    for path in files:
        try:
            found.append(load_conversation(path))
        except ConfigError as error:
            broken += 1
            console.print(str(error), style="red", markup=False, soft_wrap=True)
    return found, broken


def _play_one(conversation: Conversation, theatre: Theatre, console: Console) -> Played:
    began = time.monotonic()
    played = play_one(conversation, RealStage(theatre))
    mark = "[green]as written[/]" if played.as_written else "[bold red]different[/] "
    name = conversation.path.name
    console.print(f"{mark}  {name}  ({time.monotonic() - began:.1f} s)", highlight=False)
    if played.difference is not None:
        console.print(played.difference, markup=False, highlight=False, soft_wrap=True)
    return played


def _migrate(url: str) -> None:
    """The template; closing its last connection leaves one file that is all of it."""
    engine = make_engine(url)
    schema.upgrade(engine)
    engine.dispose()


def _fast_folder() -> str | None:
    """Memory, where there is some: a play's database need not survive a power cut."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
