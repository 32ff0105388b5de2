"""Web servers of ours, each in a thread with its own event loop; and the ports they take."""

import asyncio
import gc
import socket
import threading
import time
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.errors import ConfigError

type Asgi = Any  # what an ASGI application is, nobody can write down usefully

_START_TIMEOUT = 20.0

KEEP_ALIVE = 65
"""Seconds that an idle connection stays open: longer than any client of ours keeps one.

httpx forgets a connection after 5 s, uvicorn closed it after 5 s: a text that was handed over at
just that moment met a closed door, and was sent a minute later.
"""


ASKS_WITHIN = 30.0
"""Seconds in which a request must have arrived, header and body; then its connection ends."""


class AsksInTime(HttpToolsProtocol):
    """Ends connections that send a request letter by letter, or never: each holds a place."""

    _ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there: the request must follow."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._has_come()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request, of the first or of a later one."""
        self._wait()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Its last byte: how long the answer takes is our own affair."""
        self._has_come()
        super().on_message_complete()

    def _wait(self) -> None:
        self._has_come()
        self._ends = self.loop.call_later(ASKS_WITHIN, self.transport.abort)

    def _has_come(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None


class Server:
    """A web server in a thread of its own, with its own event loop.

    :param listener: a port that was taken already; else it is taken now.
    """

    def __init__(
        self,
        app: Asgi,
        *,
        host: str,
        port: int,
        name: str,
        listener: socket.socket | None = None,
    ) -> None:
        self.listener = listener or listen(host, port, name=name)
        self.port: int = self.listener.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=host,
                port=self.port,
                http=AsksInTime,
                log_config=None,
                access_log=False,
                # What a header says of an address is believed nowhere unless a setting names it.
                proxy_headers=False,
                lifespan="on",
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=3,
            )
        )
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> "Server":
        """Start, and wait until it answers."""
        # What was loaded stays: the first full collection would cost one text 70 ms. There is no
        # garbage in it, which it would take a fifth of a second to find out (``App.settle`` does).
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
        self._server.run(sockets=[self.listener])


def listen(host: str, port: int, *, name: str) -> socket.socket:
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
