"""Starts the whole clinic with pretend phones: what `make demo` and `make chat` run."""

import fcntl
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from rich.console import Console

from bot import bootstrap, processes
from bot.errors import ConfigError
from bot.sandbox import chat as terminal
from bot.sandbox.carrier import Carrier
from bot.sandbox.clock import MovableClock
from bot.sandbox.page import Hooks, Sandbox, refuse_real_carriers
from bot.settings import PROJECT, ProviderName, Settings, load_settings
from bot.storage import private_files

# A first start on a slow machine; most of it is Rasa importing TensorFlow.
_RASA_SECONDS = 180.0
# Between making its folder and holding it, a sandbox needs no second.
_STARTING_SECONDS = 60.0


@dataclass(frozen=True)
class Running:
    """The parts that are running now."""

    everything: processes.Everything
    sandbox: Sandbox
    carrier: Carrier
    clock: MovableClock
    page: processes.Server
    folder: IO[str]

    def stop(self) -> None:
        """Everything ends; the page first, which others wait for."""
        self.sandbox.close()
        self.page.stop()
        self.everything.stop()
        self.folder.close()


def run(
    *, port: int | None, console: Console, until_stopped: Callable[[Callable[[], None]], None]
) -> None:
    """The page of the phones, until somebody stops it.

    :param port: of the page; the one in the settings unless given.
    :param until_stopped: waits for Ctrl-C, then calls what it was given.
    :raises ConfigError: a port is taken, no model is trained, or a real carrier is set.
    """
    began = time.monotonic()
    running = start(_settings(port), console=console)
    console.print(f"\n  The phones:   [bold]http://127.0.0.1:{running.page.port}[/]")
    console.print(f"  The console:  [bold]{running.everything.app.settings.console_url}[/]\n")
    console.print("  Nobody there is real, and no text leaves this machine.")
    console.print("  Ctrl-C ends it, and forgets it: each start begins with the seed data.")
    _wait_for_rasa(running, console, began)
    until_stopped(running.stop)


def chat(*, console: Console) -> None:
    """A terminal in place of the page."""
    with beside_another() as settings:
        running = start(settings, console=console)
        try:
            _wait_for_rasa(running, console, time.monotonic())
            app = running.everything.app
            assert running.everything.worker is not None  # started above
            line = terminal.RunningLine(
                app.clinic,
                carrier=running.carrier,
                clock=running.clock,
                worker=running.everything.worker,
            )
            zone = ZoneInfo(app.clinic.protocol.staffed_hours.zone)
            terminal.run(line, console, zone=zone)
        finally:
            running.stop()


def start(settings: Settings, *, console: Console) -> Running:
    """Start every process around the pretend carrier; Rasa is still waking up afterwards."""
    refuse_real_carriers(settings)
    bootstrap.configure_logging(settings.log_level)
    folder = _hold_folder(settings)
    _forget_last_time(settings)
    clock = MovableClock()
    forget_those_that_are_gone(PROJECT / "var", now=clock.now())
    processes.prepare_database(settings)
    carrier = Carrier(
        f"http://127.0.0.1:{settings.gateway_port}",
        settings.sandbox_secret.get_secret_value(),
        clock.now,
    )
    everything = processes.Everything(bootstrap.build(settings, clock=clock))
    with console.status("starting gateway, worker, actions and Rasa"):
        everything.start(one_tap=True)
        assert everything.worker is not None  # started above
        sandbox = Sandbox(
            everything.app,
            carrier,
            clock,
            everything.worker,
            hooks=Hooks(turn_rasa=everything.turn_rasa, console_url=settings.console_url),
        )
        page = processes.Server(
            sandbox.asgi(), host="127.0.0.1", port=settings.sandbox_port, name="sandbox"
        ).start()
    return Running(everything, sandbox, carrier, clock, page, folder)


def _wait_for_rasa(running: Running, console: Console, began: float) -> None:
    rasa = running.everything.rasa
    if rasa is None:
        return
    waking = "Rasa is waking up; danger is answered already"
    if not console.is_terminal:  # where a status shows nothing
        console.print(f"  {waking}.")
    with console.status(waking):
        ready = rasa.wait_until_ready(seconds=_RASA_SECONDS)
    seconds = time.monotonic() - began
    console.print(
        f"  Everything answers, {seconds:.0f} s after the start."
        if ready
        else "  [red]Rasa does not answer: `make tend ARGS=doctor` says why.[/]"
    )


def _settings(port: int | None) -> Settings:
    """The sandbox's own data and secrets: nothing of it is shared with a real deployment."""
    folder = PROJECT / "var" / "sandbox"
    return load_settings(
        sms_provider=ProviderName.SANDBOX,
        production=False,
        canary=False,
        database_url=f"sqlite:///{folder / 'tend.db'}",
        key_file=folder / "keys.json",
        **({} if port is None else {"sandbox_port": port}),
        sandbox_secret=SecretStr(secrets.token_hex(16)),
        rasa_token=SecretStr(secrets.token_hex(16)),
        action_token=SecretStr(secrets.token_hex(16)),
        log_level="ERROR",
    )


@contextmanager
def beside_another() -> Iterator[Settings]:
    """Settings for a second sandbox on this machine: free ports and a folder of its own."""
    ports = [processes.free_port() for _ in range(5)]
    folder = PROJECT / "var" / f"sandbox-{ports[0]}"
    try:
        yield _settings(ports[0]).model_copy(
            update={
                "database_url": f"sqlite:///{folder / 'tend.db'}",
                "key_file": folder / "keys.json",
                "gateway_port": ports[1],
                "actions_port": ports[2],
                "rasa_url": f"http://127.0.0.1:{ports[3]}",
                "console_port": ports[4],
                "console_url": f"http://127.0.0.1:{ports[4]}",
            }
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hold_folder(settings: Settings) -> IO[str]:
    """Nobody else may empty this folder while we run; a killed process leaves nothing held.

    :raises ConfigError: another sandbox runs on it.
    """
    folder = Path(settings.database_url.removeprefix("sqlite:///")).parent
    private_files.make_folder(folder)
    held = (folder / "running.lock").open("a", encoding="utf-8")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise ConfigError(
            f"{folder}: another demo runs on this folder. Stop it first (Ctrl-C where it runs); "
            "`make chat` can run beside it."
        ) from None
    return held


def _forget_last_time(settings: Settings) -> None:
    """Each start is the first day: the sandbox keeps nothing."""
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    if database.parent.parent != PROJECT / "var":
        raise ConfigError(f"{database}: the sandbox only empties its own folder under var/.")
    for file in database.parent.glob("tend.db*"):
        file.unlink()


def forget_those_that_are_gone(var: Path, *, now: datetime) -> None:
    """Remove what second sandboxes left that could not tidy up, as when a terminal was closed.

    One that still runs holds its lock; one that is only starting may not hold it yet.
    """
    for lock in var.glob("sandbox-*/running.lock"):
        if now.timestamp() - lock.stat().st_mtime < _STARTING_SECONDS:
            continue
        with lock.open("a", encoding="utf-8") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(lock.parent, ignore_errors=True)
