"""A small project to train, and steps that stand in for Rasa."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.crisis.screening import Screening, Signal
from bot.training import sources
from bot.training.examples import Example
from bot.training.job import Ask, Steps
from bot.training.scores import Reading
from bot.training.train import fingerprint_of
from tests.conftest import ROOT

LIVE = "tend-live"
DANGER = ("disappear", "die")


def faq(topic: str, examples: Sequence[str], answer: str = "Ask a person.") -> str:
    lines = "".join(f"    - {text}\n" for text in examples)
    meta = "{version: 1, approver: demo, source: test}"
    return (
        f'version: "3.1"\nnlu:\n- intent: faq_{topic}\n  examples: |\n{lines}'
        f"responses:\n  utter_faq_{topic}:\n  - condition:\n    - type: slot\n"
        "      name: language\n"
        f'      value: es\n    text: "{answer}"\n    metadata: {meta}\n'
        f'  - text: "{answer}"\n    metadata: {meta}\n'
        f"rules:\n- rule: answer faq_{topic}\n  steps:\n  - intent: faq_{topic}\n"
        f"  - action: utter_faq_{topic}\n"
    )


def nlu(**intents: Sequence[str]) -> str:
    parts = ['version: "3.1"', "nlu:"]
    for intent, texts in intents.items():
        parts += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    return "\n".join(parts) + "\n"


PARKING = [f"where can i park my car number {n}" for n in range(30)]
COST = [f"what is the price of visit number {n}" for n in range(30)]
CRISIS = [f"i want to end it all version {n}" for n in range(20)]
HELLO = ["good morning to you all", "hello there my friend", "hi there how are you"]


@dataclass
class Desk:
    """A project with a live model, and what the stand-ins for Rasa are to find."""

    project: Path
    models: Path
    # Texts that the candidate, or the live model, reads wrongly; by name of the model.
    wrong: dict[str, set[str]] = field(default_factory=dict)
    rehearsed: dict[str, dict[str, Any]] = field(default_factory=dict)
    trained: list[Path] = field(default_factory=list)
    questions: tuple[tuple[str, str], ...] = ()

    def write(self, name: str, content: str) -> None:
        (self.project / "data" / name).write_text(content, encoding="utf-8")

    def ask(self) -> Ask:
        return Ask(self.project, self.models, LIVE, self.questions)

    def steps(self) -> Steps:
        return Steps(
            train=self._train,
            read=lambda _project, model, examples: self._read(model.name, examples),
            cross_validate=lambda project, examples: self._read(
                "crossed-candidate" if len(examples) != self._live_size() else "crossed-live",
                examples,
            ),
            rehearse=self._rehearse,
            screen=lambda _project, _models: screen,
        )

    def _live_size(self) -> int:
        return len(sources.load_kept(self.models / f"{LIVE}.tar.gz").examples)

    def _train(self, copy: Path, models: Path, at_stage: Callable[[str], None]) -> Path:
        at_stage("Learning the intents")
        path = models / f"tend-{fingerprint_of(copy)[:12]}.tar.gz"
        make_model(copy, path)
        self.trained.append(path)
        return path

    def _read(self, model: str, examples: Sequence[Example]) -> list[Reading]:
        wrong = self.wrong.get(
            model, self.wrong.get("candidate", set()) if "live" not in model else set()
        )
        return [
            Reading(one.intent, "greet" if one.text in wrong else one.intent, 0.9, one.language)
            for one in examples
        ]

    def _rehearse(self, models: Path, folder: Path) -> dict[str, Any]:
        name = json.loads((models / "live.json").read_text())["model"]
        which = "live" if name == LIVE else "candidate"
        safety = [{"text": "i want to die", "level": "urgent", "categories": ["suicide"]}]
        usual = {"safety": safety, "goldens": {"faq": ""}, "latency_ms": {"p50": 9.0, "p95": 20.0}}
        return {**usual, **self.rehearsed.get(which, {})}


def entry(content: str, name: str) -> str:
    """One text of the catalogue, as it stands in its file."""
    lines = content.splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{name}:"))
    end = next(n for n in range(start + 1, len(lines)) if not lines[n].startswith(" "))
    return "".join(lines[start:end])


def make_model(project: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a model")
    card = {"fingerprint": fingerprint_of(project), "examples": 3, "intents": 2}
    path.with_name(path.name.removesuffix(".tar.gz") + ".json").write_text(json.dumps(card))
    sources.keep(project, path)


def screen(text: str, _language: Language) -> Screening:
    """Sees danger in two words."""
    hits = [word for word in DANGER if word in text]
    signals = tuple(
        Signal(Category.SUICIDE, Level.URGENT, "pattern", word, ((0, 1),), "crisis_suicide")
        for word in hits
    )
    return Screening(signals)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Three intents, one question, one crisis intent; live is a model of just that."""
    project, models = tmp_path / "clinic", tmp_path / "models"
    data = project / "data"
    for folder in ("nlu", "faq", "rules", "stories"):
        (data / folder).mkdir(parents=True)
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, project)
    (data / "texts").mkdir()
    for language in Language:
        made_of = (ROOT / "data" / "texts" / f"{language}.yml").read_text(encoding="utf-8")
        few = "".join(entry(made_of, name) for name in ("crisis_suicide", "answer_by_person"))
        (data / "texts" / f"{language}.yml").write_text(few, encoding="utf-8")
    shutil.copytree(ROOT / "data" / "rules", data / "rules", dirs_exist_ok=True)
    shutil.copytree(ROOT / "bot" / "nlu", project / "bot" / "nlu")
    (project / "bot" / "__init__.py").touch()
    (project / "deploy" / "rasa" / ".venv").mkdir(parents=True)
    (project / "var").mkdir()
    made = Desk(project, models)
    made.write("faq/parking.yml", faq("parking", PARKING))
    made.write("faq/emergencies.yml", faq("emergencies", COST[:5], "In danger: 911."))
    made.write("nlu/smalltalk.yml", nlu(greet=HELLO))
    made.write("nlu/safety.yml", nlu(crisis_suicide=CRISIS))
    tests = project / "tests"
    for folder in ("nlu", "crisis", "conversations"):
        (tests / folder).mkdir(parents=True)
    (tests / "nlu" / "held_out.yml").write_text(
        nlu(faq_parking=["is there a car park nearby"], greet=["a very good day to you"])
    )
    (tests / "conversations" / "hello.yaml").write_text(
        "given: {patient: Ann}\nsteps:\n- patient: how long do i wait for you\n"
    )
    for language in Language:
        (tests / "crisis" / f"safety_set.{language}.yml").write_text(
            "- class: suicide\n  at_least: urgent\n"
            "  texts: |\n    everyone is better off without me\n"
        )
    make_model(project, models / f"{LIVE}.tar.gz")
    return made
