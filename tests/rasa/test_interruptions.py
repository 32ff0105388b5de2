"""Rasa forgets: after hours, after dying, after a change of model. Our tables do not."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import structlog.testing

from bot.errors import ConfigError, DialogueUnavailable
from bot.rasa_process import RasaHealth, RasaProcess
from tests.rasa.conftest import (
    ACTION_TOKEN,
    ROOT,
    TOKEN,
    ActionServer,
    Conversation,
    FakeServices,
    free_port,
    wait_for,
)

pytestmark = pytest.mark.rasa


def age(rasa: RasaProcess, key: str, *, hours: float) -> None:
    """Make Rasa believe that what it remembers of this conversation is older."""
    address = f"{rasa.url}/conversations/{key}/tracker"
    asked: dict[str, str] = {"token": TOKEN, "include_events": "ALL"}
    events: list[dict[str, Any]] = httpx.get(address, params=asked, timeout=30).json()["events"]
    for event in events:
        event["timestamp"] -= hours * 3600
    answer = httpx.put(f"{address}/events", params={"token": TOKEN}, json=events, timeout=30)
    answer.raise_for_status()


def test_answer_is_taken_when_it_comes_after_three_hours(
    someone: Conversation, services: FakeServices, rasa: RasaProcess
) -> None:
    services.question_open = True
    assert someone.ids("1") == ["utter_item"]

    age(rasa, someone.key, hours=3)

    assert someone.ids("2") == ["utter_item"]
    assert services.verbs() == ["restore", "answer_question", "restore", "answer_question"]


def test_nothing_is_asked_when_the_question_ran_out_in_three_hours(
    someone: Conversation, services: FakeServices, rasa: RasaProcess
) -> None:
    services.question_open = True
    someone.text("1")

    age(rasa, someone.key, hours=3)
    services.question_open = False

    assert someone.ids("how much does it cost") == ["utter_faq_cost"]


def test_answer_is_taken_when_the_model_was_swapped(
    someone: Conversation, services: FakeServices, rasa: RasaProcess, models_dir: Path
) -> None:
    services.question_open = True
    assert someone.ids("1") == ["utter_item"]

    model = next(models_dir.glob("*.tar.gz"))
    answer = httpx.put(
        f"{rasa.url}/model", params={"token": TOKEN}, json={"model_file": str(model)}, timeout=60
    )

    assert answer.status_code == 204
    assert someone.ids("2") == ["utter_item"]
    assert services.verbs().count("restore") == 2


def test_no_word_of_hers_is_logged_when_turns_fail(
    someone: Conversation, services: FakeServices, rasa: RasaProcess
) -> None:
    canary = "zebrakanarienvogel"
    # What nothing in the pipeline could have in it otherwise.
    services.question_open = True
    before = rasa.output.dropped

    with structlog.testing.capture_logs() as logged:
        someone.text(f"2 {canary}")
        services.down = True
        someone.text(f"{canary} how much is it")
        someone.text(f"/{canary}{{")
        assert wait_for(lambda: rasa.output.dropped > before, seconds=10)

    assert any(entry.get("says") == "action failed" for entry in logged)
    assert canary not in str(logged)


def test_rasa_comes_back_and_her_answer_is_taken_when_it_was_killed(
    someone: Conversation, services: FakeServices, rasa: RasaProcess
) -> None:
    services.question_open = True
    assert someone.ids("1") == ["utter_item"]

    children = psutil.Process().children()
    [server] = [child for child in children if "bot.nlu.child" in " ".join(child.cmdline())]
    server.send_signal(signal.SIGKILL)

    assert wait_for(lambda: rasa.health() is not RasaHealth.READY, seconds=10)
    with pytest.raises(DialogueUnavailable):
        someone.text("2")
    assert rasa.wait_until_ready(seconds=120)
    assert someone.ids("2") == ["utter_item"]


def test_rasa_ends_when_its_parent_is_killed(action_server: ActionServer, models_dir: Path) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from bot.rasa_process import RasaProcess\n"
        f"process = RasaProcess(Path({str(ROOT)!r}), models_dir=Path({str(models_dir)!r}),\n"
        f"    port={free_port()}, token='t', action_url='http://127.0.0.1:9/webhook',\n"
        "    action_token='t')\n"
        "process.start()\n"
        "print('started', flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        children = psutil.Process(parent.pid).children()
        assert children
        assert wait_for(lambda: _has_watch(children[0]), seconds=30)
    finally:
        parent.kill()
        parent.wait()

    gone, alive = psutil.wait_procs(children, timeout=15)
    for child in alive:
        child.kill()
    assert gone
    assert not alive


def _has_watch(child: psutil.Process) -> bool:
    """Does its watch on the parent run already? It is its second thread."""
    return bool(child.num_threads() > 1)


@pytest.fixture
def make_process(action_server: ActionServer) -> Callable[..., RasaProcess]:
    def make(*, models_dir: Path, port: int) -> RasaProcess:
        return RasaProcess(
            ROOT,
            models_dir=models_dir,
            port=port,
            token=TOKEN,
            action_url=action_server.url,
            action_token=ACTION_TOKEN,
        )

    return make


def test_start_says_who_has_the_port_when_it_is_taken(
    make_process: Callable[..., RasaProcess], rasa: RasaProcess, models_dir: Path
) -> None:
    port = int(rasa.url.rsplit(":", 1)[1])

    with pytest.raises(ConfigError, match=rf"port {port} cannot be used .*ss -ltnp"):
        make_process(models_dir=models_dir, port=port).start()


def test_start_says_how_to_get_a_model_when_there_is_none(
    make_process: Callable[..., RasaProcess], tmp_path: Path
) -> None:
    process = make_process(models_dir=tmp_path, port=free_port())

    with pytest.raises(ConfigError, match="make train"):
        process.start()
    assert process.health() is RasaHealth.STOPPED


def test_start_says_how_to_get_the_environment_when_it_is_missing(
    tmp_path: Path, models_dir: Path
) -> None:
    shutil.copy(ROOT / "config.yml", tmp_path)
    process = RasaProcess(
        tmp_path,
        models_dir=models_dir,
        port=free_port(),
        token="t",
        action_url="http://127.0.0.1:9",
        action_token="t",
    )

    with pytest.raises(ConfigError, match="make setup"):
        process.start()
