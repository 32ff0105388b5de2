"""Another model goes live on a real Rasa: no turn is lost, and an open question goes on."""

import contextlib
import os
import shutil
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.content.live_model import model_name, point_to
from bot.dialogue import RasaDialogue, RasaReplicas
from bot.errors import DialogueUnavailable
from bot.rasa_process import RasaHealth, RasaProcess
from bot.training.reader import ModelReader
from bot.training.train import TrainedModel
from tests.rasa.conftest import (
    ROOT,
    STARTS_WITHIN,
    TOKEN,
    ActionServer,
    Conversation,
    FakeServices,
    running_rasa,
    wait_for,
)

pytestmark = pytest.mark.rasa


@pytest.fixture
def another(models_dir: Path) -> Path:
    """The same model under another name: what counts is that it is loaded anew."""
    model = next(path for path in models_dir.glob("*.tar.gz") if path.stem != "another.tar")
    copy = models_dir / "another.tar.gz"
    shutil.copy(model, copy)
    yield copy
    copy.unlink()


@pytest.fixture
def replicas(rasa: RasaProcess, model: TrainedModel, models_dir: Path) -> RasaReplicas:
    made = RasaReplicas([rasa.url], token=TOKEN)
    yield made
    made.load_where_missing(models_dir / model.path.name)


@pytest.mark.timeout(180)
def test_no_turn_is_lost_while_the_model_changes(
    dialogue: RasaDialogue, replicas: RasaReplicas, another: Path, services: FakeServices
) -> None:
    lost: list[str] = []
    answered = [0]
    done = threading.Event()

    def text_on(number: int) -> None:
        turn = 0
        while not done.is_set():
            turn += 1
            try:
                said = dialogue.say(
                    conversation_key=f"swap-{number}-{turn}",
                    text="hello",
                    inbound_id=f"swap-{number}-{turn}",
                    question_open=False,
                )
                answered[0] += bool(said)
            except DialogueUnavailable as error:
                lost.append(str(error))

    threads = [threading.Thread(target=text_on, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    began = time.monotonic()
    replicas.load_everywhere(another)
    took = time.monotonic() - began
    time.sleep(1)
    done.set()
    for thread in threads:
        thread.join(timeout=60)

    assert lost == []
    assert answered[0] > 2
    assert took < 30  # on an idle machine some four seconds


@pytest.fixture(scope="module")
def second(models_dir: Path, action_server: ActionServer) -> Iterator[RasaProcess]:
    """A second Rasa beside the first, with a memory of its own."""
    with running_rasa(models_dir, action_server) as process:
        yield process


@pytest.mark.timeout(1200)
def test_two_rasas_change_one_after_the_other_and_no_text_is_lost(
    rasa: RasaProcess,
    second: RasaProcess,
    another: Path,
    model: TrainedModel,
    models_dir: Path,
    services: FakeServices,
) -> None:
    """Mothers text through both all the while, each with a question open; none is lost."""
    both = RasaReplicas([rasa.url, second.url], token=TOKEN)
    asked = [Conversation(say_through(one), services, uuid.uuid4().hex) for one in (rasa, second)]
    services.question_open = True
    for mother in asked:
        assert mother.ids("2") == ["utter_item"]
    lost: list[str] = []
    answered = [0, 0]
    done = threading.Event()

    def text_on(number: int) -> None:
        while not done.is_set():
            try:
                answered[number] += asked[number].ids("3") == ["utter_item"]
            except DialogueUnavailable as error:
                lost.append(str(error))

    threads = [threading.Thread(target=text_on, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        both.load_everywhere(another)
        assert not both.load_where_missing(another), "both have it"
        before = list(answered)
        wait_until_more(answered, before)
    finally:
        done.set()
        for thread in threads:
            thread.join(timeout=60)
        both.load_everywhere(models_dir / model.path.name)

    assert lost == []
    # Every answer was stored once, and none was taken for something else.
    assert services.verbs().count("answer_question") == sum(answered) + 2


def say_through(one: RasaProcess) -> RasaDialogue:
    return RasaDialogue(one.url, token=TOKEN, timeout_seconds=30.0)


def wait_until_more(counts: list[int], before: list[int]) -> None:
    """Both answer with the new model, too."""
    until = time.monotonic() + 60
    while any(now <= was for now, was in zip(counts, before, strict=True)):
        assert time.monotonic() < until, "one of them does not answer"
        time.sleep(0.1)


@pytest.mark.timeout(1200)
def test_a_rasa_killed_while_it_loads_starts_again_with_the_model_that_is_live(
    rasa: RasaProcess,
    second: RasaProcess,
    another: Path,
    model: TrainedModel,
    models_dir: Path,
    services: FakeServices,
) -> None:
    """The first has the candidate already; the second is killed at it, and nothing is half done."""
    live = models_dir / model.path.name
    point_to(models_dir, model_name(live))
    first, dying = (RasaReplicas([one.url], token=TOKEN) for one in (rasa, second))
    killed = threading.Timer(0.5, os.kill, (pid_of(second), signal.SIGKILL))
    try:
        first.load_everywhere(another)
        killed.start()
        with pytest.raises(DialogueUnavailable):
            dying.load_everywhere(another)
        assert wait_for(lambda: second.health() is RasaHealth.READY, seconds=STARTS_WITHIN)
        assert not dying.load_where_missing(live), "it started with what the pointer says"
        assert first.load_where_missing(live), "and the first is told to go back"
        mother = Conversation(say_through(second), services, uuid.uuid4().hex)
        assert mother.ids("hello") == ["utter_greet"]
    finally:
        killed.cancel()
        (models_dir / "live.json").unlink()


def pid_of(process: RasaProcess) -> int:
    """Of the Rasa that this test started, by its port."""
    wanted = {b"bot.nlu.child", process.url.rsplit(":", 1)[1].encode()}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if wanted <= set(path.read_bytes().split(b"\0")):
                return int(path.parent.name)
    raise AssertionError("no such Rasa")


@pytest.mark.timeout(180)
def test_an_open_question_goes_on_after_the_model_changed(
    someone: Conversation, replicas: RasaReplicas, another: Path, services: FakeServices
) -> None:
    services.question_open = True
    assert someone.ids("2") == ["utter_item"]
    replicas.load_everywhere(another)
    assert someone.ids("3") == ["utter_item"]
    assert services.verbs().count("answer_question") == 2


@pytest.mark.timeout(180)
def test_a_file_that_is_no_model_leaves_the_live_one_answering(
    someone: Conversation, replicas: RasaReplicas, models_dir: Path
) -> None:
    poison = models_dir / "poison.tar.gz"
    poison.write_bytes(b"no model")
    try:
        with pytest.raises(DialogueUnavailable):
            replicas.load_everywhere(poison)
    finally:
        poison.unlink()
    assert someone.ids("hello") == ["utter_greet"]


@pytest.mark.timeout(600)
def test_a_reader_reads_as_the_server_does_and_says_nothing_else(
    replicas: RasaReplicas, model: TrainedModel
) -> None:
    reader = ModelReader(ROOT, model.path)
    try:
        for text in ("how much does it cost", "gracias", "/restart"):
            seen, live = reader.read(text), replicas.parse(text)
            assert seen.intent == live["intent"]["name"]
            assert seen.confidence == pytest.approx(live["intent"]["confidence"], abs=1e-6)
    finally:
        reader.close()
