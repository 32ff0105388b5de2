"""A model that reads texts beside the live one, in a process of its own, and answers nobody."""

import json
import os
import select
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.dialogue import escaped
from bot.errors import DialogueUnavailable
from bot.rasa_process import environment, rasa_python

# On an idle machine some ten seconds; beside a busy clinic, at the lowest priority, minutes. One
# that was given up would begin anew when it is asked next, and never be there.
_START_SECONDS = 400.0
_TURN_SECONDS = 10.0
_NICE = 15


@dataclass(frozen=True)
class Seen:
    """What a model made of a text.

    :param ranking: the intents it thought of, the likeliest first.
    """

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()


def seen(entry: dict[str, Any]) -> Seen:
    """What a reader, or Rasa's own ``/model/parse``, answered."""
    if "intent_ranking" in entry:
        best = entry["intent"]
        ranking = tuple(
            (str(one["name"]), float(one["confidence"])) for one in entry["intent_ranking"][:5]
        )
        return Seen(str(best["name"]), float(best["confidence"]), ranking)
    ranking = tuple((str(name), float(chance)) for name, chance in entry["ranking"])
    return Seen(str(entry["intent"]), float(entry["confidence"]), ranking)


class ModelReader:
    """A model in a process of its own, started when it is first asked.

    :param project: where Rasa's environment is.
    :param command: what runs the model; the model's file is added.
    """

    def __init__(self, project: Path, model: Path, command: Sequence[str] = ()) -> None:
        self.model = model
        self._project = project
        self._command = list(command)
        self._child: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()

    def read(self, text: str) -> Seen:
        """What it makes of a text; the first one takes some seconds.

        :raises DialogueUnavailable: it does not answer.
        """
        with self._one_at_a_time:
            child = self._started()
            assert child.stdin is not None
            try:
                child.stdin.write(json.dumps({"text": escaped(text)}) + "\n")
                child.stdin.flush()
                return seen(self._line(child, _TURN_SECONDS))
            except (OSError, ValueError, KeyError, TypeError):
                self._end()
                raise DialogueUnavailable("the candidate does not answer") from None

    def close(self) -> None:
        """End it."""
        with self._one_at_a_time:
            self._end()

    def _started(self) -> subprocess.Popen[str]:
        child = self._child
        if child is not None and child.poll() is None:
            return child
        command = self._command or [str(rasa_python(self._project)), "-m", "bot.nlu.beside.reader"]
        child = self._child = subprocess.Popen(
            [*command, str(self.model.resolve())],
            cwd=self._project,
            env=environment(""),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )
        os.setpriority(os.PRIO_PROCESS, child.pid, _NICE)
        try:
            self._line(child, _START_SECONDS)
        except (OSError, ValueError):
            self._end()
            raise DialogueUnavailable("the candidate does not start") from None
        return child

    def _line(self, child: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
        """Its next answer; each is one line, and we ask for one at a time."""
        assert child.stdout is not None
        if not select.select([child.stdout], [], [], seconds)[0]:
            raise ValueError("no answer in time")
        found: dict[str, Any] = json.loads(child.stdout.readline())
        return found

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None
