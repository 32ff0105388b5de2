"""A real Rasa with a model of the repository's own data, and a fake of the services behind it."""

import shutil
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from rich.console import Console

from actions.server import serve
from bot.core.languages import Language
from bot.dialogue import RasaDialogue
from bot.ports import Reply
from bot.rasa_process import RasaProcess
from bot.services.results import TurnResult
from bot.services.turns import Turn
from bot.training.train import TrainedModel, train

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN, ACTION_TOKEN = "test-rasa-token", "test-action-token"
# Ten seconds on an idle machine; one that dies is seen at once.
STARTS_WITHIN = 600
ITEM = "How often have you felt down?"


@dataclass
class FakeServices:
    """One conversation's worth of the services: an open question or none, and what was asked."""

    question_open: bool = False
    language: Language = Language.ENGLISH
    calls: list[tuple[str, Turn]] = field(default_factory=list)
    down: bool = False
    closes: bool = False

    def verbs(self) -> list[str]:
        return [verb for verb, _ in self.calls]

    def run(self, verb: str, turn: Turn) -> TurnResult:
        self.calls.append((verb, turn))
        if self.down:
            raise ConnectionError(turn.text)
        answer = getattr(self, f"_{verb}", None)
        return answer(turn) if answer else self._said(f"utter_{verb}")

    def _said(self, text_id: str) -> TurnResult:
        return TurnResult((Reply(text_id),), question_open=self.question_open)

    def _item(self) -> Reply:
        return Reply("utter_item", {"item": ITEM}, administration_id="adm1", item=3)

    def _restore(self, turn: Turn) -> TurnResult:
        return TurnResult(language=self.language, question_open=self.question_open)

    def _answer_question(self, turn: Turn) -> TurnResult:
        if not turn.text[:1].isdigit():
            return TurnResult(handled=False, question_open=self.question_open)
        if self.closes:
            self.question_open = False
            return self._said("utter_check_in_done")
        return TurnResult((self._item(),), question_open=True)

    def _ask_question(self, turn: Turn) -> TurnResult:
        if not self.question_open:
            return TurnResult(question_open=False)
        return TurnResult((self._item(),), question_open=True)

    def _start_check_in(self, turn: Turn) -> TurnResult:
        self.question_open = True
        return TurnResult(question_open=True)

    def _not_understood(self, turn: Turn) -> TurnResult:
        return self._said("utter_not_understood_once")

    def _screen(self, turn: Turn) -> TurnResult:
        self.question_open = False
        return TurnResult((Reply("crisis_ask", {"time": "by 5 pm"}),), question_open=False)

    def _set_language(self, turn: Turn) -> TurnResult:
        self.language = Language.SPANISH
        return TurnResult((Reply("utter_language_changed"),), language=self.language)


class ActionServer:
    """The real action server on a free port, over whichever services a test brings."""

    def __init__(self) -> None:
        self.services = FakeServices()
        app = serve(lambda verb, turn: self.services.run(verb, turn), ACTION_TOKEN)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/webhook"
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)


@dataclass
class Conversation:
    """Somebody who texts with the real Rasa."""

    dialogue: RasaDialogue
    services: FakeServices
    key: str
    told: bool = False
    _texts: int = 0

    def text(self, words: str, *, told: bool | None = None) -> list[Reply]:
        """What Rasa says.

        :param told: what the worker says about an open question; what the services know, if none.
        """
        self._texts += 1
        return self.dialogue.say(
            conversation_key=self.key,
            text=words,
            inbound_id=f"in{self._texts}",
            question_open=self.services.question_open if told is None else told,
        )

    def ids(self, words: str, *, told: bool | None = None) -> list[str]:
        return [reply.text_id for reply in self.text(words, told=told)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def model() -> TrainedModel:
    """A model of the repository's data; `make train` has made it, or it is trained here."""
    return train(ROOT, console=Console(quiet=True))


@pytest.fixture(scope="session")
def action_server() -> Iterator[ActionServer]:
    server = ActionServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def models_dir(model: TrainedModel) -> Iterator[Path]:
    """A folder with this model alone."""
    with tempfile.TemporaryDirectory(prefix="tend-test-model-") as folder:
        shutil.copy(model.path, folder)
        yield Path(folder)


@contextmanager
def running_rasa(models_dir: Path, action_server: ActionServer) -> Iterator[RasaProcess]:
    """A Rasa with a memory of its own, for as long as the block lasts."""
    process = RasaProcess(
        ROOT,
        models_dir=models_dir,
        port=free_port(),
        token=TOKEN,
        action_url=action_server.url,
        action_token=ACTION_TOKEN,
    )
    process.start()
    assert process.wait_until_ready(seconds=STARTS_WITHIN)
    yield process
    process.stop()


@pytest.fixture(scope="session")
def rasa(models_dir: Path, action_server: ActionServer) -> Iterator[RasaProcess]:
    """Rasa, running."""
    with running_rasa(models_dir, action_server) as process:
        yield process


@pytest.fixture(scope="session")
def dialogue(rasa: RasaProcess) -> RasaDialogue:
    # Generous: on a machine that others use too, the first turn may take seconds.
    return RasaDialogue(rasa.url, token=TOKEN, timeout_seconds=30.0)


@pytest.fixture
def services(action_server: ActionServer) -> FakeServices:
    """Fresh services for each test."""
    action_server.services = FakeServices()
    return action_server.services


@pytest.fixture
def someone(dialogue: RasaDialogue, services: FakeServices) -> Conversation:
    """A conversation that Rasa has never seen."""
    return Conversation(dialogue, services, key=f"c-{uuid.uuid4().hex}")


def wait_for(true: Callable[[], bool], *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.2)
    return False
