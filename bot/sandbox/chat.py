"""Texting in the terminal: be one of the cast against everything that really runs."""

import shlex
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from bot.conversations import cast
from bot.conversations.format import parse_span
from bot.errors import ConfigError, NotAllowed, ProviderUnavailable
from bot.sandbox import strip
from bot.sandbox.carrier import Carrier
from bot.sandbox.clock import MovableClock
from bot.sandbox.phones import Direction, PhoneMessage
from bot.sandbox.recording import Recording, written_span
from bot.sandbox.stage_events import Ledger, number_of
from bot.sandbox.strip import AlertLine
from bot.sandbox.time_travel import Settles, TimeTravel
from bot.services.clinic import Clinic

PEOPLE = (*cast.MOTHERS, *cast.COLLEAGUES, "Mallory")
HELP = """\
Whatever you type is texted from the phone you hold. Commands:
  /as NAME     hold somebody else's phone: {people}
  /wait 2h     let time pass: 90s, 15m, 2h, 1d
  /alerts      the alerts that nobody has closed
  /save FILE   write the dialogue so far as a golden conversation
  /help        this list
  /quit        leave
To text something that begins with a slash, write it twice: //restart"""
_LOOK_EVERY = 0.1


# --- commands: a line becomes one of these ---------------------------------------------------


@dataclass(frozen=True)
class Say:
    """Text this."""

    text: str


@dataclass(frozen=True)
class Be:
    """Hold this person's phone."""

    name: str


@dataclass(frozen=True)
class LetPass:
    """Let this much time pass."""

    by: timedelta


@dataclass(frozen=True)
class Save:
    """Write the dialogue to this file."""

    path: Path


@dataclass(frozen=True)
class ShowAlerts:
    """Show what is open."""


@dataclass(frozen=True)
class ShowHelp:
    """Show the commands."""


@dataclass(frozen=True)
class Quit:
    """Leave."""


@dataclass(frozen=True)
class Wrong:
    """A command that cannot be carried out, and the cure."""

    cure: str


type Command = Say | Be | LetPass | Save | ShowAlerts | ShowHelp | Quit | Wrong | None


def parse(line: str) -> Command:
    """What a line asks for; none for an empty one."""
    if not line.strip():
        return None
    if line.startswith("//"):
        return Say(line[1:])
    if not line.startswith("/"):
        return Say(line)
    word, _, rest = line[1:].strip().partition(" ")
    reader = _COMMANDS.get(word.lower())
    if reader is None:
        return Wrong(f"There is no /{word}. /help lists what there is; //{word} texts it.")
    return reader(rest.strip())


def _be(rest: str) -> Command:
    wanted = rest.casefold().replace("-", " ")
    for name in PEOPLE:
        if wanted in (name.casefold(), name.casefold().removeprefix("dr ")):
            return Be(name)
    return Wrong(f"Nobody is called {rest or '…'}. There are {', '.join(PEOPLE)}.")


def _let_pass(rest: str) -> Command:
    try:
        by = parse_span(rest)
    except ValueError:
        return Wrong("How long? /wait 15m, /wait 2h, /wait 1d")
    return LetPass(by) if by else Wrong("How long? /wait 15m, /wait 2h, /wait 1d")


def _save(rest: str) -> Command:
    try:
        parts = shlex.split(rest)
    except ValueError:
        parts = []
    if len(parts) != 1:
        return Wrong("Where to? /save tests/conversations/my_case.yaml")
    return Save(Path(parts[0]).expanduser())


_COMMANDS: dict[str, Callable[[str], Command]] = {
    "as": _be,
    "wait": _let_pass,
    "save": _save,
    "alerts": lambda _: ShowAlerts(),
    "help": lambda _: ShowHelp(),
    "quit": lambda _: Quit(),
    "exit": lambda _: Quit(),
}


# --- what is behind ---------------------------------------------------------------------------


class Line(Protocol):
    """Everything that the terminal needs of what runs behind it."""

    def send(self, name: str, text: str) -> None:
        """Text from this person's phone, and do what is due.

        :raises ProviderUnavailable: the gateway did not take it.
        """

    def let_pass(self, by: timedelta) -> None:
        """Let time pass, and do what falls due."""

    def receive(self) -> Sequence[PhoneMessage]:
        """What arrived on any phone since the last time."""

    def alerts(self) -> Sequence[AlertLine]:
        """The alerts that nobody has closed."""

    def now(self) -> datetime:
        """The time."""

    def save(self, path: Path) -> int:
        """Write the golden conversation; how many steps.

        :raises ConfigError: it cannot be written.
        """


class RunningLine:
    """The carrier, worker and clock of a stack that runs in this process."""

    def __init__(
        self, clinic: Clinic, *, carrier: Carrier, clock: MovableClock, worker: Settles
    ) -> None:
        self._clinic, self._carrier, self._clock = clinic, carrier, clock
        self._travel = TimeTravel(clinic, clock=clock, carrier=carrier, worker=worker)
        self._cursor, _ = carrier.since(0)
        self._shown: set[str] = set()
        self._recording = Recording(
            Ledger(clinic), began=clock.now(), zone=ZoneInfo(clinic.protocol.staffed_hours.zone)
        )

    def send(self, name: str, text: str) -> None:
        """Text from this person's phone, and do what is due."""
        self._recording.catch_up()
        self._recording.said(name, text)
        self._carrier.send_from(number_of(name), text)
        self._travel.settle()
        self._recording.catch_up()

    def let_pass(self, by: timedelta) -> None:
        """Let time pass, and do what falls due."""
        self._recording.catch_up()
        self._recording.waited(by)
        self._travel.start(by).join()
        self._recording.catch_up()

    def receive(self) -> Sequence[PhoneMessage]:
        """What arrived on any phone since the last time; each text once."""
        self._cursor, texts = self._carrier.since(self._cursor)
        arrived = [
            text
            for text in texts
            if text.direction is Direction.TO_PHONE and text.id not in self._shown
        ]
        self._shown.update(text.id for text in arrived)
        return arrived

    def alerts(self) -> Sequence[AlertLine]:
        """The alerts that nobody has closed."""
        return strip.open_alerts(self._clinic)

    def now(self) -> datetime:
        """The time."""
        return self._clock.now()

    def save(self, path: Path) -> int:
        """Write the golden conversation; how many steps."""
        return self._recording.save(path)


# --- the loop -------------------------------------------------------------------------------


class Chat:
    """One person at a terminal.

    :param ask: reads a line; raises EOFError at its end, as ``input`` does.
    :param zone: in which times are shown.
    """

    def __init__(
        self, line: Line, console: Console, *, ask: Callable[[str], str], zone: ZoneInfo
    ) -> None:
        self._line, self._console, self._ask, self._zone = line, console, ask, zone
        self._name = "Ann"
        self._timed = False  # while time passes, what arrives says when

    def run(self) -> None:
        """Until she leaves."""
        self._tell(f"You hold {self._name}'s phone. /help lists the commands.", "dim")
        while True:
            self._show_arrived()
            try:
                command = parse(self._ask(f"{self._name} > "))
            except (EOFError, KeyboardInterrupt):
                return
            if isinstance(command, Quit):
                return
            self._do(command)

    def _do(self, command: Command) -> None:
        match command:
            case Say(text):
                self._while_showing(lambda: self._line.send(self._name, text))
            case LetPass(by):
                self._timed = True
                self._while_showing(lambda: self._line.let_pass(by))
                self._timed = False
                self._tell(f"{written_span(by)} later: it is {self._time()}.", "dim")
            case Be(name):
                self._name = name
                self._tell(f"You hold {name}'s phone.", "dim")
            case Save(path):
                self._save(path)
            case ShowAlerts():
                self._show_alerts()
            case ShowHelp():
                self._tell(HELP.format(people=", ".join(PEOPLE)))
            case Wrong(cure):
                self._tell(cure, "yellow")
            case _:
                return

    def _while_showing(self, work: Callable[[], None]) -> None:
        """Do it, and meanwhile show what arrives."""
        problems: list[str] = []

        def safely() -> None:
            try:
                work()
            except (ProviderUnavailable, NotAllowed) as problem:
                problems.append(str(problem))

        thread = threading.Thread(target=safely, name="chat", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(timeout=_LOOK_EVERY)
            self._show_arrived()
        self._show_arrived()
        for problem in problems:
            self._tell(problem, "red")

    def _show_arrived(self) -> None:
        for text in self._line.receive():
            name = _NAMES.get(text.number, text.number)
            sender = "carrier" if text.from_carrier else "Tend"
            to_me = name == self._name
            at = f"{text.at.astimezone(self._zone):%a %H:%M}  " if self._timed else ""
            shown = Text(at, style="dim")
            shown.append(f"{sender}: " if to_me else f"{sender} to {name}: ", style="bold cyan")
            shown.append(text.body, style="" if to_me else "dim")
            self._console.print(shown)

    def _show_alerts(self) -> None:
        lines = self._line.alerts()
        if not lines:
            self._tell("No alert is open.", "dim")
        for alert in lines:
            holder = f", {alert.holder} has it" if alert.holder else ""
            self._tell(
                f"{alert.code}  {alert.level}  {alert.status}{holder}  "
                f"about {alert.about}: {alert.category}"
            )

    def _save(self, path: Path) -> None:
        try:
            steps = self._line.save(path)
        except ConfigError as error:
            self._tell(str(error), "red")
        else:
            self._tell(f"{steps} steps written to {path}. Play them: tend play {path}", "green")

    def _time(self) -> str:
        return f"{self._line.now().astimezone(self._zone):%A %H:%M}"

    def _tell(self, words: str, style: str = "") -> None:
        # As text and not as markup: names of files may hold brackets.
        self._console.print(Text(words, style=style))


_NAMES = {number_of(name): name for name in PEOPLE}


def run(
    line: Line, console: Console, *, zone: ZoneInfo, ask: Callable[[str], str] | None = None
) -> None:
    """Chat until the person leaves."""
    Chat(line, console, ask=ask or (lambda prompt: console.input(Text(prompt))), zone=zone).run()
