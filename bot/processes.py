"""Runs the parts as processes: each alone, or all of them on one machine with Rasa as a child."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from bot import apart, gateway
from bot.apart import Child, actions_app
from bot.bootstrap import App
from bot.errors import ConfigError
from bot.rasa_process import RasaProcess
from bot.servers import Server, free_port
from bot.settings import PROJECT, Settings
from bot.storage import audit, private_files, schema
from bot.storage.database import Database, make_engine
from bot.storage.vault import Vault, load_keys
from bot.worker import Worker, check_rota

__all__ = ["Everything", "Server", "actions_app", "free_port", "prepare_database", "rasa_process"]

log = structlog.get_logger()

# Schemas whose audit chain has no signed end yet.
_ENDS_NOT_SIGNED = ("0001", "0002")


@dataclass(frozen=True)
class Apart:
    """Which parts get processes of their own, and how these are started.

    :param gateways: how many there are in all; the first one is in the parent.
    """

    gateways: int = 1
    worker: Sequence[str] = apart.WORKER
    gateway: Sequence[str] = apart.GATEWAY


@dataclass
class Everything:
    """All roles of one machine; what ``tend up`` and the sandbox run.

    :param apart: none for all in one process, as the sandbox, whose clock can be moved, must have.
    """

    app: App
    apart: Apart | None = None
    servers: list[Server] = field(default_factory=list)
    worker: Worker | None = None
    children: list[Child] = field(default_factory=list)
    rasa: RasaProcess | None = None
    console: Any = None  # an ASGI application
    console_refused: str = ""

    def start(self, *, with_rasa: bool = True, one_tap: bool = False) -> None:
        """Gateway first, so that no text waits for the dialogue to wake up.

        :param one_tap: the sandbox's console, which lets anybody be any of the cast.
        """
        if self.apart is None:
            self._start_together()
        else:
            self._start_apart(self.apart)
        self._start_console(one_tap=one_tap)
        if with_rasa:
            self.rasa = rasa_process(self.app.settings)
            self.rasa.start()
        # Last: texts are taken in already, the first ones a little slower.
        self.app.settle()

    def _start_together(self) -> None:
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

    def _start_apart(self, parts: Apart) -> None:
        settings = self.app.settings
        worker = Child("worker", parts.worker)
        server = Server(
            gateway.build(self.app, rang=worker.ring),
            host=settings.gateway_host,
            port=settings.gateway_port,
            name="gateway",
        ).start()
        self.servers.append(server)
        self.children.append(worker)
        descriptor = server.listener.fileno()
        for number in range(2, parts.gateways + 1):
            command = [*parts.gateway, str(descriptor)]
            self.children.append(
                Child(f"gateway-{number}", command, rang=worker.ring, descriptors=[descriptor])
            )
        for child in self.children:
            child.start()

    def _start_console(self, *, one_tap: bool) -> None:
        """A console whose address is wrong must not stop the line: pages go out by SMS all the
        same."""
        # Loads for a second, in which the gateway takes texts already.
        from bot.console.app import build as build_console

        settings = self.app.settings
        try:
            self.console = build_console(self.app, one_tap=one_tap)
        except ConfigError as error:
            self.console_refused = str(error)
            log.error("console not started", because=self.console_refused)
            return
        self.servers.append(
            Server(
                self.console,
                host=settings.console_host,
                port=settings.console_port,
                name="console",
            ).start()
        )

    def turn_rasa(self, on: bool) -> None:
        """Stop Rasa, or start it again; everything else goes on."""
        if self.rasa is not None and not on:
            self.rasa.stop()
        elif self.rasa is not None:
            self.rasa.start()

    def stop(self) -> None:
        """Everything ends, the children first."""
        if self.rasa is not None:
            self.rasa.stop()
        if self.console is not None:
            # Open pages listen for alerts: let them go, or the server waits for them.
            self.console.state.desk.closing.set()
        for server in reversed(self.servers):
            server.stop()
        for child in reversed(self.children):
            child.stop()
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
        private_files.make_folder(file.parent)
    engine = make_engine(settings.database_url)
    before = schema.current(engine)
    schema.upgrade(engine)
    engine.dispose()
    if before in _ENDS_NOT_SIGNED:
        db = Database(settings.database_url, Vault(load_keys(settings.key_file, create=False)))
        with db.transaction(audited=False) as session:
            audit.sign_as_found(session)
        db.close()
