"""Keeps what a model was made of beside it: so it can be compared, and its answers said.

A candidate is trained on a copy, so that somebody may go on teaching meanwhile. The copy stays as
``models/NAME.sources``: the FAQ answers of the live model are said from there, whatever the files
under ``data/`` hold by then.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.live_model import sources_of
from bot.content.texts import Catalogue, load_catalogue
from bot.content.yaml_files import plain, read
from bot.core.languages import Language
from bot.errors import ConfigError
from bot.training.examples import Example, load_project

# What decides the model, and what decides the words that go with it.
KEPT = (
    "config.yml",
    "domain.yml",
    "data/nlu/*.yml",
    "data/faq/*.yml",
    "data/rules/*.yml",
    "data/stories/*.yml",
    "data/texts/*.yml",
)
# What Rasa needs beside them to train; the same for every model.
_TOOLS = ("bot/__init__.py", "bot/nlu/*.py", "deploy/rasa/uv.lock")
_SHARED = ("deploy/rasa/.venv", "var")


@dataclass(frozen=True)
class RuleSeen:
    """One of Rasa's rules: what it is called, the intent that it answers, what it does."""

    name: str
    intent: str
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Sources:
    """What a model was made of.

    :param answers: every text that can be said, by id and language.
    """

    examples: tuple[Example, ...]
    answers: Mapping[tuple[str, Language], str]
    purposes: Mapping[str, str]
    rules: tuple[RuleSeen, ...]

    def rule_for(self, intent: str) -> RuleSeen | None:
        """The rule that answers this intent outside a question."""
        return next((rule for rule in self.rules if rule.intent == intent), None)

    @property
    def intents(self) -> frozenset[str]:
        """Everything that has an example."""
        return frozenset(example.intent for example in self.examples)


NOTHING = Sources((), {}, {}, ())


def load(project: Path) -> Sources:
    """What this folder would make a model of.

    :raises ConfigError: a file cannot be read, or a text breaks a rule; names file and cure.
    """
    catalogue = load_catalogue(project / "data")
    return Sources(
        examples=tuple(load_project(project)),
        answers={(text.id, text.language): text.text for text in catalogue},
        purposes={text.id: text.purpose.value for text in catalogue},
        rules=tuple(_rules(project)),
    )


def load_kept(model: Path) -> Sources:
    """What a model was made of; nothing where nobody kept it, so that all of it counts as new."""
    folder = sources_of(model)
    if not folder.is_dir():
        return NOTHING
    try:
        return load(folder)
    except ConfigError:
        return NOTHING


def answers_of(model: Path) -> Catalogue | None:
    """The catalogue that goes with a model; none where nobody kept it."""
    folder = sources_of(model) / "data"
    return load_catalogue(folder) if (folder / "faq").is_dir() else None


def copy(project: Path, folder: Path) -> None:
    """Everything that a training needs, in a folder of its own that nobody edits."""
    for path in _files(project, (*KEPT, *_TOOLS)):
        target = folder / path.relative_to(project)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for name in _SHARED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to((project / name).resolve(), target_is_directory=True)


def keep(project: Path, model: Path) -> None:
    """Put what the model was made of beside it, in one step."""
    wanted = sources_of(model)
    half = wanted.with_name(f".{wanted.name}.part")
    shutil.rmtree(half, ignore_errors=True)
    for path in _files(project, KEPT):
        target = half / path.relative_to(project)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.rmtree(wanted, ignore_errors=True)
    half.rename(wanted)


def _files(project: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        yield from (path for path in sorted(project.glob(pattern)) if path.is_file())


def _rules(project: Path) -> Iterator[RuleSeen]:
    files = [*sorted((project / "data/rules").glob("*.yml"))]
    files += sorted((project / "data/faq").glob("*.yml"))
    for file in files:
        content = plain(read(file)) or {}
        for rule in content.get("rules") or []:
            steps: list[dict[str, Any]] = rule.get("steps") or []
            intent = next((str(step["intent"]) for step in steps if "intent" in step), "")
            actions = tuple(str(step["action"]) for step in steps if "action" in step)
            if intent and not rule.get("condition"):
                yield RuleSeen(str(rule["rule"]), intent, actions)
