"""Trains the dialogue model in Rasa's environment, and refuses one that lacks a question."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.content import yaml_files
from bot.content.intents import check_intents_lead_somewhere
from bot.content.live_model import sources_of
from bot.errors import ConfigError
from bot.rasa_process import environment, rasa_python
from bot.training import one_at_a_time, sources
from bot.training.examples import load_project
from bot.training.progress import Step, Told, nobody

# What decides a model. A change of anything else does not call for training.
SOURCES = (
    "config.yml",
    "domain.yml",
    "data/nlu/*.yml",
    "data/faq/*.yml",
    "data/rules/*.yml",
    "data/stories/*.yml",
    "bot/nlu/*.py",
    "deploy/rasa/uv.lock",
)
# A piece of Rasa's output, and what is going on from then on.
STAGES: tuple[tuple[str, str], ...] = (
    ("", "Starting Rasa"),
    ("Started validating", "Reading and checking the data"),
    ("Story structure validation", "Loading libraries, learning the rules"),
    ("component 'RulePolicy'", "Reading the examples"),
    ("Starting to train component 'DenseLogistic", "Learning the intents"),
    ("Finished training component 'DenseLogistic", "Packing the model"),
)
# How many seconds each takes on two cores that have other work: most of it Rasa says nothing of.
_USUAL = (7, 35, 40, 135, 50, 3)
_LAST_LINES = 12
# Half a minute is usual; the training desk lets nobody else save meanwhile.
_VALIDATE_SECONDS = 900
_TELLS = re.compile(r"ERROR|UserWarning|Exception|Error:")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class TrainingFailed(ConfigError):
    """Rasa could not make a model of this data, or the model lacks something."""


@dataclass(frozen=True)
class TrainedModel:
    """A model that can be loaded.

    :param path: the file; its card lies beside it as ``.json``.
    :param fingerprint: of the data and code it was made from.
    :param is_new: false when nothing had changed and the old one was kept.
    """

    path: Path
    fingerprint: str
    is_new: bool
    seconds: float

    @property
    def card(self) -> Path:
        """What the model was made of, for people and for the training desk."""
        return card_of(self.path)


def train(
    project: Path,
    *,
    console: Console,
    force: bool = False,
    out: Path | None = None,
    at: Told = nobody,
) -> TrainedModel:
    """Train the dialogue model; nothing to do when nothing has changed.

    :param project: the folder with ``config.yml``; also another copy of it.
    :param out: where models are kept; ``models/`` in the project unless given.
    :param at: told of each stage of Rasa's, in words for people.
    :raises TrainingFailed: Rasa fails, or a FAQ is missing from the model.
    :raises ConfigError: a file cannot be read.
    """
    models = out or project / "models"
    if (kept := _kept(project, models, force=force)) is None:
        with one_at_a_time.alone(models, one_at_a_time.Kind.DIALOGUE, at=at):
            kept = _kept(project, models, force=force)
            if kept is None:
                return _train(project, models, console=console, force=force, at=at)
    console.print(f"Nothing has changed: {kept.path.name} is up to date.")
    return kept


def _kept(project: Path, models: Path, *, force: bool) -> TrainedModel | None:
    """The model of today's data, when it was trained already and another is not insisted on."""
    fingerprint = fingerprint_of(project)
    path = _path_of(models, fingerprint)
    if force or not path.exists() or not card_of(path).exists():
        return None
    os.utime(path)  # the newest is the one that is loaded
    if not sources_of(path).is_dir():
        sources.keep(project, path)
    return TrainedModel(path, fingerprint, is_new=False, seconds=0.0)


def check_readable(project: Path) -> None:
    """Make sure that every file which decides the model can be read.

    Rasa would say so only after half a minute, and in words that help nobody.

    :raises ConfigError: some cannot; names each with file, line and cure.
    """
    together = yaml_files.Together()
    for pattern in SOURCES:
        if pattern.endswith(".yml"):
            for path in sorted(project.glob(pattern)):
                with together.part():
                    yaml_files.read(path)
    together.refuse()


def _train(project: Path, models: Path, *, console: Console, force: bool, at: Told) -> TrainedModel:
    check_readable(project)
    fingerprint = fingerprint_of(project)
    path = _path_of(models, fingerprint)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=models, prefix=".training-") as folder:
        made = _run(project, Path(folder), force=force, at=at)
        if fingerprint_of(project) != fingerprint:
            # Else a model would stand under the name, and beside the sources, of another.
            raise TrainingFailed(
                "files were changed while the model learned from them, so that nobody can say "
                "what it knows. It was not kept; train again."
            )
        seconds = round(time.monotonic() - began, 1)
        card = {"fingerprint": fingerprint, "seconds": seconds, **contents(project, made)}
        card_of(path).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
        sources.keep(project, path)
        shutil.move(made, path)
    console.print(
        f"Trained {path.name} in {seconds:.0f} s: "
        f"{card['intents']} intents, {card['examples']} examples."
    )
    return TrainedModel(path, fingerprint, is_new=True, seconds=seconds)


def _path_of(models: Path, fingerprint: str) -> Path:
    return models / f"tend-{fingerprint[:12]}.tar.gz"


def validate(project: Path, *, console: Console) -> None:
    """Rasa's own checks of its data, and the one that it lacks.

    :raises TrainingFailed: Rasa found something wrong; its words are in the error.
    :raises ConfigError: a file cannot be read, or an intent leads nowhere.
    """
    check_readable(project)
    check_intents_lead_somewhere(project)
    command = [*_rasa(project), "data", "validate", "--fail-on-warnings"]
    try:
        done = subprocess.run(
            command,
            cwd=project,
            env=environment(""),
            capture_output=True,
            text=True,
            check=False,
            timeout=_VALIDATE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise TrainingFailed("Rasa took too long to look. Try again when less goes on.") from None
    if done.returncode != 0:
        raise TrainingFailed(_tail((done.stdout + done.stderr).splitlines()))
    console.print("Rasa's data is in order.")


def fingerprint_of(project: Path) -> str:
    """Says whether anything has changed that decides the model."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(project.glob(pattern)):
            digest.update(f"{path.relative_to(project)}\0".encode())
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def card_of(model: Path) -> Path:
    """The card that lies beside a model."""
    return model.with_name(model.name.removesuffix(".tar.gz") + ".json")


def _rasa(project: Path) -> list[str]:
    return [str(rasa_python(project)), "-m", "rasa"]


def _run(project: Path, folder: Path, *, force: bool, at: Told) -> Path:
    # By way of bot/nlu/child.py, which ends when we end: nobody is left training for nobody.
    command = [str(rasa_python(project)), "-m", "bot.nlu.child", "train"]
    command += ["--out", str(folder.resolve()), "--fixed-model-name", "model"]
    process = subprocess.Popen(
        command + ["--force"] * force,
        cwd=project,
        env=environment(""),
        stdin=subprocess.PIPE,  # never written to; its end tells Rasa that we are gone
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    lines = list(_telling_stages(process.stdout, at))
    made = folder / "model.tar.gz"
    if process.wait() != 0 or not made.exists():
        raise TrainingFailed(_tail(lines))
    return made


def _telling_stages(lines: Iterable[str], at: Told) -> Iterator[str]:
    """The lines as they come; each stage is told when it begins."""
    stage = 0
    at(_step(0))
    for line in lines:
        for number in range(stage + 1, len(STAGES)):
            if STAGES[number][0] in line:
                stage = number
                at(_step(stage))
        yield line.rstrip()


def _step(stage: int) -> Step:
    return Step(STAGES[stage][1], sum(_USUAL[:stage]), sum(_USUAL), usual=_USUAL[stage])


def _tail(lines: list[str]) -> str:
    """The end of Rasa's output, where it says what is wrong."""
    first = next((n for n, line in enumerate(lines) if _TELLS.search(line)), None)
    shown = lines[-_LAST_LINES:] if first is None else lines[first : first + _LAST_LINES]
    return "Rasa refuses the data:\n" + "\n".join(_COLOUR.sub("", line) for line in shown)


def contents(project: Path, model: Path) -> dict[str, Any]:
    """What a model of this project holds, for its card.

    :raises TrainingFailed: a FAQ has a file and is not in the model: to Rasa a broken importer is
        only a warning.
    """
    metadata = _metadata(model)
    intents = set(_names(metadata["domain"]["intents"]))
    examples = examples_of(project)
    missing = sorted({i for i in examples if i.startswith("faq_")} - intents)
    if missing:
        raise TrainingFailed(
            f"The model does not know {', '.join(missing)}. Is the line under 'importers:' in "
            "config.yml still there?"
        )
    answers = metadata["domain"]["responses"]
    silent = sorted(i for i in intents if i.startswith("faq_") and f"utter_{i}" not in answers)
    if silent:
        raise TrainingFailed(f"No answer in the model for {', '.join(silent)}: see data/faq.")
    return {
        "trained_at": metadata["trained_at"],
        "rasa": metadata["rasa_open_source_version"],
        "intents": len(intents & examples.keys()),
        "faqs": sum(intent.startswith("faq_") for intent in examples),
        "examples": sum(examples.values()),
    }


def _metadata(model: Path) -> dict[str, Any]:
    with tarfile.open(model) as archive:
        member = archive.extractfile("metadata.json")
        if member is None:
            raise TrainingFailed(f"{model.name}: no metadata in the model.")
        content: dict[str, Any] = json.load(member)
        return content


def _names(entries: list[Any]) -> Iterator[str]:
    """Rasa writes an intent as its name, or as its name with properties."""
    for entry in entries:
        yield entry if isinstance(entry, str) else next(iter(entry))


def examples_of(project: Path) -> dict[str, int]:
    """How many examples each intent has."""
    counted: dict[str, int] = {}
    for example in load_project(project):
        counted[example.intent] = counted.get(example.intent, 0) + 1
    return counted
