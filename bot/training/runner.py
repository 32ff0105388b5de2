"""Runs training jobs for a worker: one child process at a time, watched, and ended if need be."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Any

import structlog

from bot.bootstrap import App
from bot.content.live_model import live_model, live_name, model_name, sources_of
from bot.core.training_jobs import JobStatus, Stage
from bot.errors import ConfigError
from bot.services import model_proof, promotion, training_jobs
from bot.settings import PROJECT
from bot.training import sources
from bot.training.job import ASK, RESULT
from bot.training.projects import project_of
from bot.training.train import card_of, fingerprint_of

log = structlog.get_logger()

JOB = (sys.executable, "-m", "bot.training.job")
_LOOK_EVERY = 2.0
_GONE = "The training was stopped from outside ({code}). Nothing has changed. Start it again."


class TrainingRunner:
    """Takes the waiting job, if there is one, and stays with it to its end.

    :param command: the process that does the work; the folder of the job is added.
    :param project: whose ``data/`` the candidate is made of; that of the settings unless given.
    """

    def __init__(
        self, app: App, *, worker: str, command: Sequence[str] = JOB, project: Path | None = None
    ) -> None:
        self._app, self._worker = app, worker
        self._command, self._project = tuple(command), project
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let go of the job: it has failed, and can be started again."""
        self._stopping.set()

    def step(self) -> bool:
        """Do one job; false when there is none."""
        clinic, now = self._app.clinic, self._app.clock.now
        training_jobs.end_lost(clinic, now=now())
        job_id = training_jobs.claim(clinic, worker=self._worker, now=now())
        if job_id is None:
            return False
        try:
            with self._from_project() as project:
                live = self._adopt_live(project)
                status, model, problem = self._run(job_id, live, project)
        except ConfigError as error:
            status, model, problem = JobStatus.FAILED, None, str(error)
        training_jobs.finish(clinic, job_id, status, model=model, problem=problem, now=now())
        return True

    def _from_project(self) -> AbstractContextManager[Path]:
        if self._project is not None:
            return nullcontext(self._project)
        return project_of(self._app.settings)

    def _adopt_live(self, project: Path) -> str:
        """Make sure that the live model is on record, and stays live when a newer one lies there.

        :raises ConfigError: there is none.
        """
        models, clinic = self._app.settings.models_dir, self._app.clinic
        model = live_model(models)
        if not sources_of(model).is_dir() and _fingerprint(model) == fingerprint_of(project):
            sources.keep(project, model)
        promotion.adopt(clinic, model_name(model), now=self._app.clock.now())
        live = promotion.live_on_record(clinic) or model_name(model)
        if live_name(models) is None:
            self._app.models.point_to(models, live)
        return live

    def _run(
        self, job_id: str, live: str, project: Path
    ) -> tuple[JobStatus, str | None, str | None]:
        parent = (self._project or PROJECT) / "var" / "training"
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=parent, prefix="job-"))
        try:
            self._write_ask(folder, live, project)
            code = self._watch(job_id, folder)
            return self._outcome(job_id, folder, code)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _write_ask(self, folder: Path, live: str, project: Path) -> None:
        questions = model_proof.list_questions(self._app.clinic)
        asked = {
            "project": str(project),
            "models": str(self._app.settings.models_dir.resolve()),
            "live": live,
            "questions": [[question.text, question.intent] for question in questions],
        }
        (folder / ASK).write_text(json.dumps(asked), encoding="utf-8")

    def _watch(self, job_id: str, folder: Path) -> int:
        """Pass on what it says until it ends, or should."""
        child = subprocess.Popen(
            [*self._command, str(folder)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,  # never written to; its end says that we are gone
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # so that it can be ended with everything it started
        )
        assert child.stdout is not None
        reader = threading.Thread(target=self._pass_on, args=(job_id, child.stdout), daemon=True)
        reader.start()
        while True:
            try:
                code = child.wait(timeout=_LOOK_EVERY)
                break
            except subprocess.TimeoutExpired:
                now = self._app.clock.now()
                clinic = self._app.clinic
                goes_on = training_jobs.renew(clinic, job_id, worker=self._worker, now=now)
                if not goes_on or self._stopping.is_set():
                    _end(child)
        _end(child)  # what it started may live on when it was killed
        reader.join(timeout=5)
        return code

    def _pass_on(self, job_id: str, lines: IO[str]) -> None:
        for line in lines:
            try:
                said = json.loads(line)
                stage = Stage(said["stage"]) if said["stage"] else None
                words = str(said["line"])[:200]
            except (ValueError, KeyError, TypeError):
                continue
            now = self._app.clock.now()
            training_jobs.note(self._app.clinic, job_id, stage=stage, line=words, now=now)

    def _outcome(
        self, job_id: str, folder: Path, code: int
    ) -> tuple[JobStatus, str | None, str | None]:
        now = self._app.clock.now()
        try:
            result: dict[str, Any] = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return JobStatus.FAILED, None, _GONE.format(code=code)
        if "refused" in result:
            lines = [line for gate in result["gates"] for line in gate["lines"]]
            for line in lines:
                training_jobs.note(self._app.clinic, job_id, stage=None, line=line, now=now)
            return JobStatus.FAILED, None, str(result["refused"])
        job = training_jobs.look_at(self._app.clinic, job_id, now=now)
        model_proof.keep(self._app.clinic, result, by=job.asked_by, now=now)
        return JobStatus.DONE, str(result["model"]), None


def _end(child: subprocess.Popen[str]) -> None:
    """End it with everything that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _fingerprint(model: Path) -> str:
    try:
        card = json.loads(card_of(model).read_text(encoding="utf-8"))
        return str(card["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
