"""Makes and proves one candidate, in a process of its own: ``python -m bot.training.job FOLDER``.

FOLDER holds ``ask.json``; what comes of it is written to ``result.json`` there, and each step is a
line of JSON on standard output. The process has no database and no secret. It ends when its parent
ends, and takes Rasa with it: a model is made of a copy, and what is live is never touched.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.bootstrap import load_screener
from bot.content.live_model import model_name, point_to, sources_of
from bot.core.gates import Gate
from bot.core.languages import Language
from bot.core.training_jobs import Stage
from bot.crisis.screening import Context, Screening
from bot.errors import ConfigError, TendError
from bot.training import changes, gates, proof, sources, test_sets
from bot.training.compare import Read
from bot.training.cross_validate import read_by_others, threshold_of, with_threshold
from bot.training.evaluate import read_with_model
from bot.training.examples import Example, language_of
from bot.training.parent import end_with_parent
from bot.training.proof import CROSS_VALIDATED, QUESTIONS, Measured, Rehearsed
from bot.training.scores import Reading
from bot.training.sources import Sources
from bot.training.train import card_of, fingerprint_of, train

ASK, RESULT = "ask.json", "result.json"
_CROSSED = "cross_validated.json"
_REHEARSAL = (sys.executable, "-m", "bot.sandbox.rehearsal")

Tell = Callable[[Stage | None, str], None]


@dataclass(frozen=True)
class Ask:
    """What is wanted.

    :param live: name of the live model.
    :param questions: the staff's own test questions, with the intent of each.
    """

    project: Path
    models: Path
    live: str
    questions: tuple[tuple[str, str], ...] = ()

    @property
    def live_model(self) -> Path:
        """The file of the live model."""
        return self.models / f"{self.live}.tar.gz"


class Refused(TendError):
    """A gate stopped it before anything was trained."""

    def __init__(self, stopped: Sequence[Gate]) -> None:
        super().__init__(" ".join(gate.sentence for gate in stopped))
        self.stopped = tuple(stopped)


@dataclass(frozen=True)
class Steps:
    """What takes long, each replaceable: tests have no Rasa."""

    train: Callable[[Path, Path, Callable[[str], None]], Path]
    read: Callable[[Path, Path, Sequence[Example]], list[Reading]]
    cross_validate: Callable[[Path, Sequence[Example]], list[Reading]]
    rehearse: Callable[[Path, Path], dict[str, Any]]
    screen: Callable[[Path, Path], gates.Screen]


def run(ask: Ask, folder: Path, steps: Steps, tell: Tell) -> dict[str, Any]:
    """Check, train, measure, judge; what the candidate's card will hold.

    :raises Refused: the data must not be trained on.
    :raises ConfigError: Rasa or a file refuses.
    """
    tell(Stage.CHECKING, "Checking what was taught")
    copy = folder / "project"
    sources.copy(ask.project, copy)
    _refuse_no_change(ask, copy)
    before = sources.load_kept(ask.live_model)
    after = _load(copy)
    screen = steps.screen(ask.project, ask.models)
    checked = _check(ask, before, after, screen)
    changed = changes.between(before, after, screen)
    tell(None, f"{len(changed)} changes since the live model")
    with ThreadPoolExecutor(2) as pool:
        measured, model = _measure(ask, folder, copy, (before, after), steps, tell, pool)
    tell(Stage.JUDGING, "Comparing")
    found = [*checked, *proof.figures_gates(measured)]
    return {
        "model": model_name(model),
        "facts": json.loads(card_of(model).read_text(encoding="utf-8")),
        "compared_with": ask.live,
        "proof": proof.as_dict(measured, found),
        "gates": [gate.as_dict() for gate in found],
        "changes": [change.as_dict() for change in changed],
    }


def _refuse_no_change(ask: Ask, copy: Path) -> None:
    try:
        card = json.loads(card_of(ask.live_model).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # nobody knows what the live model was made of: then everything is new
    if card.get("fingerprint") == fingerprint_of(copy):
        raise ConfigError("Nothing has changed since the live model: there is nothing to train.")


def _load(copy: Path) -> Sources:
    try:
        return sources.load(copy)
    except ConfigError as error:
        # The place in the copy is of no use to anybody; file and line are.
        sentence = str(error).replace(f"{copy}/", "")
        stopped = Gate("answers", False, f"An answer or a file cannot be used as it is. {sentence}")
        raise Refused([stopped]) from None


def _check(ask: Ask, before: Sources, after: Sources, screen: gates.Screen) -> list[Gate]:
    safety = [text.text for text in test_sets.safety_set(ask.project)]
    checked = gates.check_data(
        before,
        after,
        tested={
            **{
                f"the blind set {name}": [example.text for example in examples]
                for name, examples in test_sets.held_out(ask.project).items()
            },
            "the safety set": safety,
            "your test questions": [text for text, _ in ask.questions],
            "the rehearsed conversations": test_sets.golden_texts(ask.project),
        },
        screen=screen,
    )
    if stopped := [gate for gate in checked if not gate.passed]:
        raise Refused(stopped)
    return checked


def _measure(
    ask: Ask,
    folder: Path,
    copy: Path,
    made_of: tuple[Sources, Sources],
    steps: Steps,
    tell: Tell,
    pool: ThreadPoolExecutor,
) -> tuple[Measured, Path]:
    """Two things at a time, for there are two cores; Rasa trains beside the cross-validation."""
    live, kept = ask.live_model, sources_of(ask.live_model)
    crossed = pool.submit(_cross_validated, kept, copy, made_of, steps)
    tell(Stage.TRAINING, "Rasa is training")
    model = steps.train(copy, ask.models, lambda words: tell(None, words))
    # The live model's is kept; where it is not yet, it follows as soon as a core is free.
    rehearsals: list[Future[Rehearsed]] = [
        pool.submit(_rehearsed, ask, one, folder, steps) for one in (model, live)
    ]
    tell(Stage.READING, "Both models read the blind sets")
    sets = _sets(ask, made_of[1])
    before, after = (_read_sets(copy, one, sets, steps) for one in (live, model))
    reads = {
        name: _both(name, examples, before[name], after[name])
        for name, examples in sets.items()
        if examples
    }
    tell(Stage.CROSS_VALIDATING, "Each example is read by models that had not seen it")
    both_crossed, candidate_crossed = crossed.result()
    reads = {CROSS_VALIDATED: both_crossed, **reads}
    # Once it is live itself, the next lesson measures only its own candidate.
    _keep(sources_of(model) / _CROSSED, candidate_crossed)
    tell(Stage.REHEARSING, "Rehearsing conversations and the safety set")
    after_rehearsal, before_rehearsal = (one.result() for one in rehearsals)
    size = tuple(round(path.stat().st_size / 1e6, 2) for path in (live, model))
    both = (size[0], size[1])
    return Measured(reads, before_rehearsal, after_rehearsal, both), model


def _sets(ask: Ask, after: Sources) -> dict[str, list[Example]]:
    """Blind sets and test questions, without what the candidate was taught word for word."""
    taught = {gates.folded(example.text) for example in after.examples}
    found = {
        name: [one for one in examples if gates.folded(one.text) not in taught]
        for name, examples in test_sets.held_out(ask.project).items()
    }
    found[QUESTIONS] = [Example(text, intent, language_of(text)) for text, intent in ask.questions]
    return found


def _read_sets(
    copy: Path, model: Path, sets: Mapping[str, Sequence[Example]], steps: Steps
) -> dict[str, list[Reading]]:
    """All sets in one go, for starting Rasa takes longer than reading; each text once for ever."""
    kept = sources_of(model) / "read.json"
    known: dict[str, Any] = _remembered(kept, dict)
    everything = {one.text: one for examples in sets.values() for one in examples}
    new = [one for text, one in everything.items() if text not in known]
    if new:
        found = steps.read(copy, model, new)
        pairs = zip(new, found, strict=True)
        known |= {one.text: [reading.found, reading.confidence] for one, reading in pairs}
        _keep(kept, known)
    return {
        name: [_as_read(one, *known[one.text]) for one in examples]
        for name, examples in sets.items()
    }


def _as_read(example: Example, found: str, confidence: float) -> Reading:
    return Reading(example.intent, found, confidence, example.language)


def _both(
    area: str, examples: Sequence[Example], before: list[Reading], after: list[Reading]
) -> list[Read]:
    return [
        Read(example.text, area, was, now)
        for example, was, now in zip(examples, before, after, strict=True)
    ]


def _cross_validated(
    kept: Path, copy: Path, made_of: tuple[Sources, Sources], steps: Steps
) -> tuple[list[Read], list[dict[str, Any]]]:
    """Both models' examples, as far as they are the same, and all of the candidate's.

    A live model that was a candidate here, or was compared before, is not measured again.
    """
    before, after = made_of
    now = _folded(steps, copy, after.examples, settings=copy)
    if not before.examples:
        return [], now
    was = _remembered(kept / _CROSSED, lambda: _folded(steps, copy, before.examples, settings=kept))
    earlier = {(one["text"], one["expected"]): _reading(one) for one in was}
    compared = [
        Read(one["text"], CROSS_VALIDATED, earlier[one["text"], one["expected"]], _reading(one))
        for one in now
        if (one["text"], one["expected"]) in earlier
    ]
    return compared, now


def _folded(
    steps: Steps, project: Path, examples: Sequence[Example], *, settings: Path
) -> list[dict[str, Any]]:
    threshold = threshold_of(settings)
    readings = with_threshold(steps.cross_validate(project, examples), threshold)
    return [
        {
            "text": example.text,
            "expected": reading.expected,
            "found": reading.found,
            "confidence": reading.confidence,
            "language": str(reading.language),
        }
        for example, reading in zip(examples, readings, strict=True)
    ]


def _reading(kept: Mapping[str, Any]) -> Reading:
    language = Language(kept["language"])
    return Reading(kept["expected"], kept["found"], float(kept["confidence"]), language)


def _rehearsed(ask: Ask, model: Path, folder: Path, steps: Steps) -> Rehearsed:
    """On the whole path, with a folder of models in which only this one is live."""

    def measure() -> dict[str, Any]:
        with tempfile.TemporaryDirectory(dir=folder, prefix="models-") as made:
            alone = Path(made)
            for path in [model, sources_of(model), *ask.models.glob("crisis-*")]:
                if path.exists():
                    (alone / path.name).symlink_to(path.resolve())
            point_to(alone, model_name(model))
            return steps.rehearse(alone, folder)

    return Rehearsed.from_dict(_remembered(sources_of(model) / "rehearsed.json", measure))


def _remembered(file: Path, measure: Callable[[], Any]) -> Any:
    """What was measured of a model once is not measured again: the model does not change."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = measure()
        _keep(file, found)
        return found


def _keep(file: Path, found: object) -> None:
    """Put it beside the model, in one step; where nothing is kept of a model, not this either."""
    if file.parent.is_dir():
        part = file.with_suffix(".part")
        part.write_text(json.dumps(found), encoding="utf-8")
        part.replace(file)


# --- the steps as they really are -----------------------------------------------------------


def _train(copy: Path, models: Path, at_stage: Callable[[str], None]) -> Path:
    trained = train(
        copy, console=Console(quiet=True), out=models, at=lambda step: at_stage(step.says)
    )
    return trained.path


def _cross_validate(project: Path, examples: Sequence[Example]) -> list[Reading]:
    return read_by_others(project, examples)


def _rehearse(models: Path, folder: Path) -> dict[str, Any]:
    """In one more process: it wants the whole program, with other models."""
    out = folder / f"rehearsal-{models.name}.json"
    settings = {
        **os.environ,
        "TEND_MODELS_DIR": str(models),
        "TEND_PRODUCTION": "false",
        # At the lowest priority a turn may take long; that is not what is rehearsed.
        "TEND_RASA_TIMEOUT_SECONDS": "60",
    }
    errors = out.with_suffix(".log")
    with errors.open("w") as log:
        rehearsal = subprocess.Popen(
            [*_REHEARSAL, str(out)],
            env=settings,
            stdin=subprocess.PIPE,  # never written to; its end says that we are gone
            stdout=log,
            stderr=log,
        )
        code = rehearsal.wait()
    if code != 0 or not out.exists():
        last = (errors.read_text(errors="replace").strip().splitlines() or ["no output"])[-1]
        raise ConfigError(f"The rehearsal did not come to its end: {last[:200]}")
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _screen(project: Path, models: Path) -> gates.Screen:
    screener = load_screener(project / "data", models)

    def screen(text: str, language: Language) -> Screening:
        return screener.screen(text, Context(language=language))

    return screen


REAL = Steps(
    train=_train,
    read=read_with_model,
    cross_validate=_cross_validate,
    rehearse=_rehearse,
    screen=_screen,
)


def work(folder: Path, steps: Steps, tell: Tell) -> None:
    """Do what ``ask.json`` asks for, and write what came of it."""
    asked = json.loads((folder / ASK).read_text(encoding="utf-8"))
    ask = Ask(
        project=Path(asked["project"]),
        models=Path(asked["models"]),
        live=asked["live"],
        questions=tuple((text, intent) for text, intent in asked["questions"]),
    )
    try:
        result = run(ask, folder, steps, tell)
    except Refused as refused:
        stopped = [gate.as_dict() for gate in refused.stopped]
        result = {"refused": str(refused), "gates": stopped}
    except TendError as error:
        result = {"refused": str(error), "gates": []}
    part = folder / f"{RESULT}.part"
    part.write_text(json.dumps(result), encoding="utf-8")
    part.replace(folder / RESULT)


def main() -> None:
    """Work in the folder that is named, at the lowest priority."""
    os.nice(15)
    end_with_parent()

    def tell(stage: Stage | None, line: str) -> None:
        sys.stdout.write(json.dumps({"stage": stage, "line": line}) + "\n")
        sys.stdout.flush()

    work(Path(sys.argv[1]), REAL, tell)


__all__ = ["ASK", "REAL", "RESULT", "Ask", "Refused", "Steps", "main", "run", "work"]


if __name__ == "__main__":
    main()
