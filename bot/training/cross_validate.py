"""How good is the training data? Every example is read by a model that was trained without it."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.content.yaml_files import plain, read
from bot.training import offline
from bot.training.examples import Example, load_project
from bot.training.scores import OUT_OF_SCOPE, Reading, by_language, confusions

FOLDS = 5
SEED = 1
_CONFUSIONS = 10


def read_by_others(
    project: Path, examples: Sequence[Example], *, folds: int = FOLDS, seed: int = SEED
) -> list[Reading]:
    """One reading for each example, before any threshold, by a model that had not seen it.

    The same classifier and settings as in ``config.yml``; vectors are made once for all folds.
    """
    given = {
        "texts": [example.text for example in examples],
        "intents": [example.intent for example in examples],
        "config": config_of(project),
        "folds": folds,
        "seed": seed,
    }
    found = offline.run(project, "folds", given)
    return [
        Reading(example.intent, entry["intent"], entry["confidence"], example.language)
        for example, entry in zip(examples, found, strict=True)
    ]


def with_threshold(readings: Sequence[Reading], threshold: float) -> list[Reading]:
    """The same, as Rasa's FallbackClassifier would leave them."""
    return [
        Reading(r.expected, "nlu_fallback", r.confidence, r.language)
        if r.confidence < threshold
        else r
        for r in readings
    ]


def calibrate(readings: Sequence[Reading], *, false_rejection: float) -> float:
    """The highest threshold at which no more than this share of texts in scope is rejected.

    Texts that the model itself calls out of scope count as rejected, too.

    :param readings: by a model that had not seen them, before any threshold.
    :param false_rejection: share, 0 to 1.
    """
    inside = [reading for reading in readings if reading.expected != OUT_OF_SCOPE]
    allowed = int(false_rejection * len(inside)) - sum(reading.is_rejected for reading in inside)
    if allowed < 0:
        return 0.0
    confidences = sorted(reading.confidence for reading in inside if not reading.is_rejected)
    if allowed >= len(confidences):
        return 1.0
    # Two places, rounded down; the little more is for floating point.
    return math.floor(confidences[allowed] * 100 + 1e-9) / 100


def cross_validate(project: Path, *, console: Console, as_json: bool = False) -> dict[str, Any]:
    """Measure, and print it: macro-F1 in all and by language, and what is mixed up."""
    examples = load_project(project)
    if not as_json:
        console.print(f"Cross-validating {len(examples)} examples in {FOLDS} folds ...")
    raw = read_by_others(project, examples)
    readings = with_threshold(raw, threshold_of(project))
    figures: dict[str, Any] = {
        "folds": FOLDS,
        "threshold": threshold_of(project),
        "without_threshold": {name: r.as_dict() for name, r in by_language(raw).items()},
        "with_threshold": {name: r.as_dict() for name, r in by_language(readings).items()},
        "suggested_threshold": {
            f"{share:.0%}": calibrate(raw, false_rejection=share) for share in (0.02, 0.03, 0.05)
        },
        "mixed_up": confusions(raw, most=_CONFUSIONS),
    }
    if as_json:
        console.print_json(json.dumps(figures))
    else:
        console.print(table_of(figures["with_threshold"], title="Cross-validated"))
        for expected, found, count in figures["mixed_up"]:
            console.print(f"{count:3} x {expected} read as {found}")
    return figures


def table_of(figures: dict[str, dict[str, Any]], *, title: str) -> Table:
    """A table of reports, one line for each part."""
    names = ("texts", "macro_f1", "accuracy", "false_rejection", "out_of_scope_recall")
    table = Table("", *(name.replace("_", " ") for name in names), title=title)
    for part, values in figures.items():
        table.add_row(part, *(_cell(values[name]) for name in names))
    return table


def _cell(value: float | int | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def config_of(project: Path) -> dict[str, Any]:
    """Rasa's settings of this project."""
    content: dict[str, Any] = plain(read(project / "config.yml"))
    return content


def threshold_of(project: Path) -> float:
    """Below this confidence a text counts as not understood."""
    for part in config_of(project)["pipeline"]:
        if part["name"] == "FallbackClassifier":
            return float(part["threshold"])
    return 0.0
