"""Runs the parts as processes: each alone, or all of them in one with Rasa as a child."""

import gc
import importlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from bot import gateway
from bot.bootstrap import App
from bot.errors import ConfigError
from bot.rasa_process import RasaProcess
from bot.settings import PROJECT, Settings
from bot.storage import schema
from bot.storage.database import make_engine
from bot.worker import Worker, check_rota

log = structlog.get_logger()

_ASGI = Any  # what an ASGI application is, nobody can write down usefully
_START_TIMEOUT = 20.0


class Server:
    """A web server in a thread of its own, with its own event loop."""

    def __init__(self, app: _ASGI, *, host: str, port: int, name: str) -> None:
        self._socket = _listen(host, port, name=name)
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=host,
                port=self.port,
                log_config=None,
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=3,
            )
        )
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> "Server":
        """Start, and wait until it answers."""
        # What was loaded stays: the first full collection would cost one text 70 ms.
        gc.collect()
        gc.freeze()
        self._thread.start()
        until = time.monotonic() + _START_TIMEOUT
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > until:
                raise ConfigError(f"{self._thread.name}: the web server did not start.")
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Finish what is running, and stop."""
        self._server.should_exit = True
        self._thread.join(timeout=10)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _listen(host: str, port: int, *, name: str) -> socket.socket:
    """Take the port before anything else is started.

    :raises ConfigError: somebody else has it.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"{name}: port {port} on {host} cannot be used ({error.strerror}). "
            f"Stop what holds it (`ss -ltnp | grep :{port}`), "
            f"or set TEND_{name.upper()}_PORT to another one."
        ) from None
    return listener


def free_port() -> int:
    """A port on the loopback that nobody uses at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def actions_app(app: Callable[[], App], token: str) -> _ASGI:
    """The action server's application, found by import string: ``bot`` never imports it."""
    return importlib.import_module("actions.server").build(app, token)


@dataclass
class Everything:
    """All roles of one machine in one process; what ``tend up`` and the sandbox run."""

    app: App
    servers: list[Server] = field(default_factory=list)
    worker: Worker | None = None
    rasa: RasaProcess | None = None

    def start(self, *, with_rasa: bool = True) -> None:
        """Gateway first, so that no text waits for the dialogue to wake up."""
        settings = self.app.settings
        check_rota(self.app)
        self.worker = Worker(self.app)
        self.servers.append(
            Server(
                gateway.build(self.app, rang=self.worker.ring),
                host=settings.gateway_host,
                port=settings.gateway_port,
                name="gateway",
            ).start()
        )
        self.worker.start()
        self.servers.append(
            Server(
                actions_app(lambda: self.app, settings.action_token.get_secret_value()),
                host=settings.actions_host,
                port=settings.actions_port,
                name="actions",
            ).start()
        )
        if with_rasa:
            self.rasa = rasa_process(settings)
            self.rasa.start()

    def turn_rasa(self, on: bool) -> None:
        """Stop Rasa, or start it again; everything else goes on."""
        if self.rasa is not None and not on:
            self.rasa.stop()
        elif self.rasa is not None:
            self.rasa.start()

    def stop(self) -> None:
        """Everything ends, the child first."""
        if self.rasa is not None:
            self.rasa.stop()
        for server in reversed(self.servers):
            server.stop()
        if self.worker is not None:
            self.worker.stop()
        self.app.close()


def rasa_process(settings: Settings) -> RasaProcess:
    """Rasa as our child, on the loopback, in its own environment."""
    return RasaProcess(
        PROJECT,
        models_dir=settings.models_dir,
        port=int(settings.rasa_url.rsplit(":", 1)[1]),
        token=settings.rasa_token.get_secret_value(),
        action_url=f"http://127.0.0.1:{settings.actions_port}/webhook",
        action_token=settings.action_token.get_secret_value(),
    )


def prepare_database(settings: Settings) -> None:
    """Bring the database of one machine to this version's schema before anything opens it."""
    if settings.database_url.startswith("sqlite:///"):
        file = Path(settings.database_url.removeprefix("sqlite:///"))
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database_url)
    schema.upgrade(engine)
    engine.dispose()
