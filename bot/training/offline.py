"""Runs a task of ``bot/nlu`` in Rasa's environment, and brings back its result."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.rasa_process import environment, rasa_python


def run(project: Path, task: str, given: object, *arguments: str) -> Any:  # JSON of the task's own
    """Do the task with this input.

    :param task: a module of ``bot/nlu`` with ``main``: ``parse`` or ``folds``.
    :param arguments: before the names of the two files.
    :raises ConfigError: it failed; its last line says why.
    """
    # Examples may come from patients: the files are ours alone and gone afterwards.
    with tempfile.TemporaryDirectory(prefix="tend-nlu-") as folder:
        question, answer = Path(folder) / "in.json", Path(folder) / "out.json"
        question.write_text(json.dumps(given), encoding="utf-8")
        done = subprocess.run(
            [
                *(str(rasa_python(project)), "-m", f"bot.nlu.{task}"),
                *(*arguments, str(question), str(answer)),
            ],
            cwd=project,
            env=environment(""),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not answer.exists():
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise ConfigError(f"bot.nlu.{task} failed: {last}")
        return json.loads(answer.read_text(encoding="utf-8"))
