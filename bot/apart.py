"""The parts that `tend up` runs beside the first gateway, each in a process of its own.

Python computes on one core a process. In one process her texts would wait for the worker's sums;
apart, the gateways have the machine first, and the worker and Rasa what is left (``nice``).

``bot.child`` is where they begin. A byte on standard input rings the worker, a byte on standard
output says that a text came; the end of standard input means that the parent is gone, and then the
child ends too.
"""

import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

import structlog

from bot import bootstrap, gateway
from bot.bootstrap import App
from bot.servers import Asgi, Server
from bot.settings import PROJECT, load_settings
from bot.worker import Worker

log = structlog.get_logger()

WORKER = (sys.executable, "-m", "bot.child", "worker")
GATEWAY = (sys.executable, "-m", "bot.child", "gateway")
# Texts are taken in first; what is done about them has seconds.
_NICE = 5
_PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
_CALM_SECONDS = 120.0
_STOP_SECONDS = 20.0


class Child:
    """A process of ours, started again when it ends by itself.

    :param command: run in the project's folder, with our environment.
    :param rang: called when it says that a text came.
    :param descriptors: open files that it is to have too.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        rang: Callable[[], None] = lambda: None,
        descriptors: Sequence[int] = (),
    ) -> None:
        self._name, self._command, self._rang = name, list(command), rang
        self._descriptors = tuple(descriptors)
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None

    def start(self) -> None:
        """Start it, and return at once."""
        self._launch()
        self._keeper = threading.Thread(target=self._keep, name=self._name, daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """Let it finish what it has in hand, and wait until it is gone."""
        self._stopping.set()
        process = self._process
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def ring(self) -> None:
        """Something may be due: look now."""
        process = self._process
        if process is not None and process.stdin is not None:
            try:
                _write_bell(process.stdin.fileno())
            except ValueError:
                return  # closed: it is being stopped

    def _launch(self) -> None:
        process = subprocess.Popen(
            self._command,
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=self._descriptors,
        )
        assert process.stdin is not None  # piped above
        os.set_blocking(process.stdin.fileno(), False)
        self._process = process

    def _keep(self) -> None:
        failures = 0
        while (process := self._process) is not None and process.stdout is not None:
            began = time.monotonic()
            while os.read(process.stdout.fileno(), 4096):
                self._rang()
            code = process.wait()
            if self._stopping.is_set():
                return
            failures = 0 if time.monotonic() - began > _CALM_SECONDS else failures + 1
            pause = _PAUSES[min(max(failures, 1), len(_PAUSES)) - 1]
            log.error("child ended", child=self._name, code=code, again_in_seconds=pause)
            if self._stopping.wait(pause):
                return
            self._launch()


def _write_bell(descriptor: int) -> None:
    """A full pipe has rung already, and a broken one has nobody at its end."""
    try:
        os.write(descriptor, b".")
    except (BlockingIOError, BrokenPipeError):
        return


def actions_app(app: Callable[[], App], token: str) -> Asgi:
    """The action server's application, found by import string: ``bot`` never imports it."""
    return importlib.import_module("actions.server").build(app, token)


def _nobody() -> None:
    """Nobody waits to hear it."""


def serve_worker(app: App, *, actions: bool = True, at_work: Callable[[], None] = _nobody) -> None:
    """Work until the parent is gone; with the actions, which Rasa asks for.

    :param at_work: called when everything is loaded, and the parent's end is noticed here.
    """
    os.nice(_NICE)
    worker, settings = Worker(app), app.settings
    worker.start()
    server = None
    if actions:
        server = Server(
            actions_app(lambda: app, settings.action_token.get_secret_value()),
            host=settings.actions_host,
            port=settings.actions_port,
            name="actions",
        ).start()
    _until_alone(app, worker.ring, at_work)
    if server is not None:
        server.stop()
    worker.stop()
    app.close()


def serve_gateway(app: App, descriptor: int, *, at_work: Callable[[], None] = _nobody) -> None:
    """Take texts at the parent's port until the parent is gone.

    :param at_work: as ``serve_worker``.
    """
    os.set_blocking(1, False)
    server = Server(
        gateway.build(app, rang=lambda: _write_bell(1)),
        host=app.settings.gateway_host,
        port=app.settings.gateway_port,
        name="gateway",
        listener=socket.socket(fileno=descriptor),
    ).start()
    _until_alone(app, _nobody, at_work)
    server.stop()
    app.close()


def _until_alone(app: App, rang: Callable[[], None], at_work: Callable[[], None]) -> None:
    """Settle, and wait for the end of the parent, or for a stop signal meant for us alone."""
    # Ctrl-C reaches all of us; the parent decides, so that the child is not started again.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    try:
        # Rasa's actions screen too: the first of them must not wait for the encoder.
        app.settle()
        at_work()
        while os.read(0, 4096):
            rang()
    except _Leaving:
        return


class _Leaving(Exception):
    """Asked to go."""


def _leave(*_signal: object) -> None:
    raise _Leaving


def run(arguments: Sequence[str], *, at_work: Callable[[], None]) -> None:
    """Run one part, as the parent says.

    :param at_work: as ``serve_worker``.
    """
    role, *rest = arguments
    settings = load_settings()
    bootstrap.configure_logging(settings.log_level)
    app = bootstrap.build(settings)
    if role == "gateway":
        serve_gateway(app, int(rest[0]), at_work=at_work)
    else:
        serve_worker(app, at_work=at_work)
