"""The dialogue engines that a conversation can be played with: none, or the real Rasa."""

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

import httpx

from bot.bootstrap import App
from bot.dialogue import RasaDialogue
from bot.errors import ConfigError, DialogueUnavailable
from bot.ports import DialogueEngine, Reply
from bot.processes import Server, actions_app, rasa_process
from bot.settings import Settings

# At the lowest priority, beside a busy clinic, Rasa takes minutes to wake; a dead one is seen soon.
_START_SECONDS = 900.0


class DialogueHost(Protocol):
    """Runs a dialogue engine for one play after another."""

    def engine(self) -> DialogueEngine:
        """The engine, for whichever app is being played at the moment."""

    def restart(self) -> None:
        """Let the engine lose everything it remembers."""

    def age(self, conversation_key: str, by: timedelta) -> None:
        """Let it believe that this much time has passed; the stage's clock is not its own."""

    def stop(self) -> None:
        """End it."""


# Builds a host: given the app that is being played, asked for anew each time.
HostBuilder = Callable[[Callable[[], App], Settings], DialogueHost]


class NoDialogue:
    """Rasa is down, and stays so."""

    def say(
        self, *, conversation_key: str, text: str, inbound_id: str, question_open: bool
    ) -> list[Reply]:
        """Nothing.

        :raises DialogueUnavailable: always.
        """
        raise DialogueUnavailable

    def ready(self) -> bool:
        """No."""
        return False


class SwitchedDialogue:
    """An engine that can be taken away and given back."""

    def __init__(self, engine: DialogueEngine) -> None:
        self._engine = engine
        self.down = False

    def say(
        self, *, conversation_key: str, text: str, inbound_id: str, question_open: bool
    ) -> list[Reply]:
        """What the engine says.

        :raises DialogueUnavailable: it is switched off, or gave no usable answer.
        """
        if self.down:
            raise DialogueUnavailable
        return self._engine.say(
            conversation_key=conversation_key,
            text=text,
            inbound_id=inbound_id,
            question_open=question_open,
        )

    def ready(self) -> bool:
        """Is it there, and is a model loaded?"""
        return not self.down and self._engine.ready()


class RealRasa:
    """The real Rasa with the real action server, on the loopback.

    :param app: the app that is being played; the action server asks for it at every call.
    :param url: a Rasa that runs already, with our input channel, our token and its actions at
        ``TEND_ACTIONS_PORT``; one is started when none is given.
    :raises ConfigError: no model, no environment, or it does not start.
    """

    def __init__(self, app: Callable[[], App], settings: Settings, *, url: str = "") -> None:
        self._token = settings.rasa_token.get_secret_value()
        actions = actions_app(app, settings.action_token.get_secret_value())
        port = settings.actions_port if url else 0
        self._actions = Server(actions, host="127.0.0.1", port=port, name="actions").start()
        self._url = url or f"http://127.0.0.1:{_free_port()}"
        ours = {"rasa_url": self._url, "actions_port": self._actions.port}
        self._process = None if url else rasa_process(settings.model_copy(update=ours))
        self._engine = RasaDialogue(
            self._url, token=self._token, timeout_seconds=settings.rasa_timeout_seconds
        )
        self._http = httpx.Client(
            base_url=self._url, params={"token": self._token}, timeout=10.0, trust_env=False
        )
        self._start()

    def engine(self) -> DialogueEngine:
        """The client that the worker uses too."""
        return self._engine

    def restart(self) -> None:
        """Stop the process and start it again; only where it is ours.

        :raises ConfigError: it is somebody else's.
        """
        if self._process is None:
            raise ConfigError("This Rasa is not ours to restart. Play without a URL.")
        self._process.stop()
        self._start()

    def age(self, conversation_key: str, by: timedelta) -> None:
        """Rewrite the times in Rasa's memory of a conversation, as if it were older."""
        path = f"/conversations/{conversation_key}/tracker"
        tracker = self._http.get(path, params={"include_events": "ALL"}).json()
        events: list[dict[str, Any]] = tracker.get("events") or []
        if not any(event.get("event") == "user" for event in events):
            return
        for event in events:
            event["timestamp"] = float(event["timestamp"]) - by.total_seconds()
        self._http.put(f"{path}/events", json=events).raise_for_status()

    def stop(self) -> None:
        """End Rasa and the action server."""
        if self._process is not None:
            self._process.stop()
        self._http.close()
        self._actions.stop()

    def _start(self) -> None:
        if self._process is None:
            return
        self._process.start()
        if not self._process.wait_until_ready(seconds=_START_SECONDS):
            self._process.stop()
            raise ConfigError("Rasa did not start. See `tend doctor`, or play with --no-rasa.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
