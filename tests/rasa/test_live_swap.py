"""Another model goes live on a real Rasa: no turn is lost, and an open question goes on."""

import shutil
import threading
import time
from pathlib import Path

import pytest

from bot.dialogue import RasaDialogue, RasaReplicas
from bot.errors import DialogueUnavailable
from bot.rasa_process import RasaProcess
from bot.training.reader import ModelReader
from bot.training.train import TrainedModel
from tests.rasa.conftest import ROOT, TOKEN, Conversation, FakeServices

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
    made.load_everywhere(models_dir / model.path.name)


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


@pytest.mark.timeout(180)
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
