"""Who waits for a training sees that it goes on, and a second one waits for the first."""

import fcntl
import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from bot.training import one_at_a_time, train
from bot.training.crisis_progress import CrisisProgress
from bot.training.one_at_a_time import WAITING, Kind, alone, is_running
from bot.training.progress import Shown, Step, from_line, nobody
from tests.conftest import ROOT

READ = Step("12,000 of 35,000 examples read", 24_000, 100_000, counts=True)


def lines_of(out: io.StringIO) -> list[str]:
    return out.getvalue().splitlines()


def test_each_stage_is_a_line_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    with Shown(Console(file=out, width=40)) as shown:
        line = shown.line("crisis classifier")
        line(READ)
        line(Step("Choosing the thresholds", 70_000, 100_000))

    assert lines_of(out) == [
        "crisis classifier: 12,000 of 35,000 examples read",
        "crisis classifier: Choosing the thresholds",
    ]


def test_not_every_text_that_was_read_is_a_line() -> None:
    out = io.StringIO()
    with Shown(Console(file=out)) as shown:
        line = shown.line("crisis classifier")
        for done in range(1000):
            line(Step(f"{done} of 1000 examples read", done, 1000, counts=True))

    assert lines_of(out) == ["crisis classifier: 0 of 1000 examples read"]


def test_what_says_nothing_new_for_long_is_said_again() -> None:
    out = io.StringIO()
    with Shown(Console(file=out), every=0.05) as shown:
        dialogue, crisis = shown.line("dialogue model"), shown.line("crisis classifier")
        dialogue(Step("Packing the model", 5, 6))
        dialogue.done()
        crisis(READ)
        crisis(Step("13,000 of 35,000 examples read", 26_000, 100_000, counts=True))
        until = time.monotonic() + 20
        while "13,000" not in out.getvalue() and time.monotonic() < until:
            time.sleep(0.01)

    assert "crisis classifier: 13,000 of 35,000 examples read" in lines_of(out)
    # What has ended is not reminded of.
    assert [line for line in lines_of(out) if "dialogue" in line] == [
        "dialogue model: Packing the model"
    ]


def test_a_terminal_shows_a_bar_for_each() -> None:
    out = io.StringIO()
    terminal = Console(file=out, force_terminal=True, width=120)
    with Shown(terminal) as shown:
        shown.line("dialogue model")(Step("Learning the rules", 2, 6))
        shown.line("crisis classifier")(READ)

    for words in ("dialogue model", "Learning the rules", "crisis classifier", "12,000 of 35,000"):
        assert words in out.getvalue()


def test_the_bar_moves_in_a_long_step_and_never_past_its_end() -> None:
    step = Step("Reading the examples", 82, 270, usual=135)

    seen = [step.after(seconds) for seconds in (0, 10, 60, 135, 600)]

    assert seen[0] == 82
    assert seen == sorted(set(seen))
    assert 82 + 80 < seen[3] < seen[4] < 82 + 135
    assert READ.after(1000) == READ.done


def test_on_a_terminal_a_step_without_news_is_seen_to_go_on() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=120)
    with Shown(terminal) as shown:
        shown.line("dialogue model")(Step("Reading the examples", 82, 270, usual=1))
        (task,) = shown._bars.tasks
        until = time.monotonic() + 20
        while task.completed == 82 and time.monotonic() < until:
            time.sleep(0.01)

    assert 82 < task.completed < 83


def test_the_stages_of_rasa_fill_the_bar_by_how_long_they_take() -> None:
    told: list[Step] = []
    [*train._telling_stages([marker + "\n" for marker, _ in train.STAGES[1:]], told.append)]

    assert [step.done + step.usual for step in told] == [*(s.done for s in told[1:]), told[0].total]


def test_a_step_goes_from_one_process_to_another() -> None:
    assert from_line(READ.as_line() + "\n") == READ
    for other in ("tend: no such file\n", "{}", "[]", "12"):
        assert from_line(other) is None


def test_the_crisis_training_counts_up_and_never_past_its_end() -> None:
    told: list[Step] = []
    progress = CrisisProgress(10, told.append)
    for _ in range(20):
        progress.read(1)
    for _ in range(3):
        progress.next()

    assert told[0].says == "0 of 10 examples read"
    assert told[20].says == "10 of 10 examples read"
    done = [step.done for step in told]
    assert done == sorted(done)
    assert done[-1] < told[-1].total


def test_every_stage_of_rasa_is_told_once() -> None:
    told: list[Step] = []
    output = [marker + "\n" for marker, _ in train.STAGES[1:] for _ in range(2)]

    assert len([*train._telling_stages(output, told.append)]) == len(output)
    assert [step.says for step in told] == [words for _, words in train.STAGES]


# --- one at a time ----------------------------------------------------------------------------


def test_a_second_training_says_that_it_waits_and_then_goes_on(tmp_path: Path) -> None:
    told: list[Step] = []
    order: list[str] = []

    def second() -> None:
        with alone(tmp_path, Kind.CRISIS, at=told.append):
            order.append("second")

    with alone(tmp_path, Kind.CRISIS, at=nobody):
        waiting = threading.Thread(target=second)
        waiting.start()
        until = time.monotonic() + 20
        while not told and time.monotonic() < until:
            time.sleep(0.01)
        order.append("first")
    waiting.join(timeout=20)

    assert [step.says for step in told] == [WAITING]
    assert order == ["first", "second"]


def test_the_two_models_do_not_wait_for_each_other(tmp_path: Path) -> None:
    told: list[Step] = []
    with (
        alone(tmp_path, Kind.CRISIS, at=told.append),
        alone(tmp_path, Kind.DIALOGUE, at=told.append),
    ):
        assert is_running(tmp_path, Kind.CRISIS)
    assert told == []
    assert not is_running(tmp_path, Kind.CRISIS)


def test_nothing_runs_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert not is_running(tmp_path / "models", Kind.CRISIS)
    assert not (tmp_path / "models").exists()


HOLDER = """
import sys
from pathlib import Path
from bot.training.one_at_a_time import Kind, alone
from bot.training.progress import nobody
with alone(Path(sys.argv[1]), Kind.DIALOGUE, at=nobody):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.timeout(120)
def test_a_killed_training_leaves_nothing_locked(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert is_running(tmp_path, Kind.DIALOGUE)

    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()

    assert not is_running(tmp_path, Kind.DIALOGUE)


def test_what_was_trained_while_waiting_is_not_trained_again(tmp_path: Path) -> None:
    project = tmp_path / "project"
    models = tmp_path / "models"
    (project / "data/nlu").mkdir(parents=True)
    (project / "data/nlu/smalltalk.yml").write_text("nlu: []\n")
    path = train._path_of(models, train.fingerprint_of(project))
    told: list[Step] = []
    trained: list[train.TrainedModel] = []
    out = io.StringIO()

    def second() -> None:
        console = Console(file=out, width=200)
        trained.append(train.train(project, console=console, out=models, at=told.append))

    with alone(models, Kind.DIALOGUE, at=nobody):
        waiting = threading.Thread(target=second)
        waiting.start()
        until = time.monotonic() + 20
        while not told and time.monotonic() < until:
            time.sleep(0.01)
        path.touch()
        train.card_of(path).write_text("{}")
    waiting.join(timeout=20)

    assert [step.says for step in told] == [WAITING]
    assert [(one.path, one.is_new) for one in trained] == [(path, False)]
    assert "Nothing has changed" in out.getvalue()


def test_looking_does_not_stop_a_training(tmp_path: Path) -> None:
    with alone(tmp_path, Kind.CRISIS, at=nobody):
        pass
    told: list[Step] = []
    with one_at_a_time._file(tmp_path, Kind.CRISIS).open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        assert not is_running(tmp_path, Kind.CRISIS)
    with alone(tmp_path, Kind.CRISIS, at=told.append):
        assert told == []


def test_a_model_of_files_that_changed_meanwhile_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "config.yml").write_text("language: en\n", encoding="utf-8")

    def edited_meanwhile(project: Path, folder: Path, **_given: object) -> Path:
        (project / "config.yml").write_text("language: es\n", encoding="utf-8")
        made = folder / "made.tar.gz"
        made.touch()
        return made

    monkeypatch.setattr(train, "_run", edited_meanwhile)
    with pytest.raises(train.TrainingFailed, match="train again"):
        train.train(tmp_path, console=Console(file=io.StringIO()))
    assert list((tmp_path / "models").glob("tend-*")) == []
