"""The worker's side of a training: a child that is watched, and ended with all that it started."""

import json
import os
import shutil
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.live_model import live_name, point_to
from bot.core.training_jobs import JobStatus
from bot.services import model_proof, promotion, training_jobs
from bot.training.job import RESULT
from bot.training.runner import TrainingRunner
from tests.engines import SQLITE_ONLY
from tests.services.test_promotion import FakeRasas
from tests.training.conftest import LIVE, make_model

pytestmark = SQLITE_ONLY

# Stands in for the real job: says something, starts a child of its own, and waits or finishes.
JOB = f"""
import json, os, pathlib, subprocess, sys, time
folder = pathlib.Path(sys.argv[-1])
ask = json.loads((folder / "ask.json").read_text())
marks = pathlib.Path(sys.argv[1])
child = subprocess.Popen(["sleep", "300"])
(marks / "pids").write_text(f"{{os.getpid()}} {{child.pid}}")
print(json.dumps({{"stage": "training", "line": "Rasa is training"}}), flush=True)
print("noise that is no line of ours", flush=True)
(marks / "live").write_text(ask["live"])
if sys.argv[2] == "finish":
    result = {{"model": "tend-new", "facts": {{}}, "compared_with": ask["live"], "proof": {{}},
              "gates": [], "changes": []}}
    (folder / "{RESULT}").write_text(json.dumps(result))
elif sys.argv[2] == "refuse":
    gate = {{"name": "danger", "passed": False, "sentence": "Stopped.", "lines": ["a text"]}}
    (folder / "{RESULT}").write_text(json.dumps({{"refused": "Stopped.", "gates": [gate]}}))
else:
    time.sleep(300)
"""


class Bench:
    """A worker that trains, with a stand-in for the job."""

    def __init__(self, world, desk, folder: Path) -> None:
        self.world, self.marks, self.models = world, folder, desk.models
        settings = world.app.settings.model_copy(update={"models_dir": desk.models})
        self.app = replace(world.app, settings=settings, host=FakeRasas([]))
        script = folder / "job.py"
        script.write_text(JOB)
        self.script, self.project = script, desk.project
        self.runner: TrainingRunner | None = None
        self.thread: threading.Thread | None = None

    def start(self, does: str) -> str:
        job_id = training_jobs.ask(self.world.clinic, by="staff:sam", now=self.world.now)
        command = [sys.executable, str(self.script), str(self.marks), does]
        self.runner = TrainingRunner(self.app, worker="w1", command=command, project=self.project)
        self.thread = threading.Thread(target=self.runner.step)
        self.thread.start()
        return job_id

    def pids(self) -> list[int]:
        path = self.marks / "pids"
        until(path.exists)
        until(lambda: len(path.read_text().split()) == 2)
        return [int(pid) for pid in path.read_text().split()]

    def ended(self, job_id: str):
        self.thread.join(timeout=30)
        assert not self.thread.is_alive()
        return training_jobs.look_at(self.world.clinic, job_id, now=self.world.now)


def until(true) -> None:
    for _ in range(1000):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def bench(world, desk, tmp_path):
    folder = tmp_path / "marks"
    folder.mkdir()
    return Bench(world, desk, folder)


def test_a_job_that_finishes_leaves_a_card_and_no_folder(bench):
    job = bench.ended(bench.start("finish"))
    assert (job.status, job.model) == (JobStatus.DONE, "tend-new")
    assert "Rasa is training" in job.log
    assert model_proof.look_at(bench.world.clinic, "tend-new").made_by == "staff:sam"
    assert list((bench.project / "var" / "training").iterdir()) == []


def test_the_live_model_is_pinned_before_anything_newer_lies_beside_it(bench):
    bench.ended(bench.start("finish"))
    assert (bench.marks / "live").read_text() == LIVE
    assert live_name(bench.models) == LIVE
    assert promotion.live_on_record(bench.world.clinic) == LIVE
    make_model(bench.project, bench.models / "tend-newer.tar.gz")
    assert live_name(bench.models) == LIVE


def test_a_refusal_is_on_record_with_its_lines(bench):
    job = bench.ended(bench.start("refuse"))
    assert (job.status, job.problem) == (JobStatus.FAILED, "Stopped.")
    assert "a text" in job.log


def test_a_job_that_is_killed_has_failed_and_nothing_of_it_goes_on(bench):
    job_id = bench.start("wait")
    job, grandchild = bench.pids()
    os.kill(job, signal.SIGKILL)
    ended = bench.ended(job_id)
    assert ended.status is JobStatus.FAILED
    assert "Nothing has changed" in ended.problem
    until(lambda: not runs(grandchild))
    assert live_name(bench.models) == LIVE


def test_a_cancelled_job_ends_at_once_with_everything_it_started(bench):
    job_id = bench.start("wait")
    pids = bench.pids()
    training_jobs.cancel(bench.world.clinic, job_id, by="staff:sam", now=bench.world.now)
    assert bench.ended(job_id).status is JobStatus.CANCELLED
    until(lambda: not any(runs(pid) for pid in pids))


def test_a_worker_that_stops_lets_go_of_its_job(bench):
    job_id = bench.start("wait")
    pids = bench.pids()
    bench.runner.stop()
    assert bench.ended(job_id).status is JobStatus.FAILED
    until(lambda: not any(runs(pid) for pid in pids))


def test_without_any_model_there_is_nothing_to_compare_with(bench):
    for path in bench.models.glob("*.tar.gz"):
        path.unlink()
    job = bench.ended(bench.start("finish"))
    assert job.status is JobStatus.FAILED
    assert "no trained model" in job.problem


def test_a_live_model_without_its_sources_gets_them_if_the_data_is_the_same(bench):
    shutil.rmtree(bench.models / f"{LIVE}.sources")
    bench.ended(bench.start("finish"))
    assert (bench.models / f"{LIVE}.sources" / "data" / "faq" / "parking.yml").exists()
    assert json.loads((bench.models / "live.json").read_text()) == {"model": LIVE}


def test_the_pointer_wins_over_the_newest(bench):
    make_model(bench.project, bench.models / "tend-newer.tar.gz")
    point_to(bench.models, LIVE)
    bench.ended(bench.start("finish"))
    assert promotion.live_on_record(bench.world.clinic) == LIVE
