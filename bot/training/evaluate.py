"""Scores any file in Rasa's NLU format: against a trained model, or one that is running."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from bot.errors import DialogueUnavailable
from bot.rasa_process import newest_model
from bot.training import offline
from bot.training.cross_validate import table_of
from bot.training.examples import Example, intents_of, load_files, load_project
from bot.training.gates import folded
from bot.training.labelled_files import check_labelled, unknown_intents
from bot.training.scores import Reading, by_language, confusions

_CONFUSIONS = 10


def read_with_model(project: Path, model: Path, examples: Sequence[Example]) -> list[Reading]:
    """What this model makes of each text; no server is needed."""
    found = offline.run(
        project, "parse", [example.text for example in examples], str(model.resolve())
    )
    return [_reading(example, entry) for example, entry in zip(examples, found, strict=True)]


def read_with_server(url: str, *, token: str, examples: Sequence[Example]) -> list[Reading]:
    """What the model of a running Rasa makes of each text.

    :raises DialogueUnavailable: it does not answer.
    """
    readings = []
    with httpx.Client(base_url=url, timeout=30.0, trust_env=False) as client:
        for example in examples:
            try:
                answer = client.post(
                    "/model/parse", params={"token": token}, json={"text": example.text}
                )
            except httpx.HTTPError as error:
                raise DialogueUnavailable(type(error).__name__) from None
            if answer.status_code != httpx.codes.OK:
                raise DialogueUnavailable(f"status {answer.status_code}")
            content = answer.json()
            entry = {
                "intent": content["intent"]["name"],
                "confidence": content["intent"]["confidence"],
                "ranking": [[r["name"], r["confidence"]] for r in content["intent_ranking"]],
            }
            readings.append(_reading(example, entry))
    return readings


def evaluate_nlu(
    project: Path,
    files: Sequence[Path],
    *,
    console: Console,
    as_json: bool = False,
    show_texts: bool = False,
    model: Path | None = None,
) -> dict[str, Any]:
    """Score files against a model; print the figures of each file, and what was read wrongly.

    Texts that are also in the training data are left out, and counted.

    :param show_texts: also print the words that were read wrongly; places and intents otherwise.
    :param model: the newest in ``models/`` unless given.
    :raises ConfigError: no model, or a file that cannot be read.
    """
    check_labelled(files)
    warnings = unknown_intents(files, intents=intents_of(project / "data"))
    path = model or newest_model(project / "models")
    taught = {folded(example.text) for example in load_project(project)}
    written = {str(file): load_files([file]) for file in files}
    # What the model was taught proves nothing; common phrases come up on both sides by chance.
    loaded = {
        name: [example for example in examples if folded(example.text) not in taught]
        for name, examples in written.items()
    }
    everything = [example for examples in loaded.values() for example in examples]
    readings = read_with_model(project, path, everything)
    figures: dict[str, Any] = {"model": path.name, "files": {}}
    for name, examples in loaded.items():
        part, readings = readings[: len(examples)], readings[len(examples) :]
        figures["files"][name] = {
            **{key: value.as_dict() for key, value in by_language(part).items()},
            "left_out_as_taught": len(written[name]) - len(examples),
            "mixed_up": confusions(part, most=_CONFUSIONS),
            "wrong": wrongly_read(examples, part, show_texts=show_texts),
        }
    figures["warnings"] = warnings
    loud = Console(stderr=True) if as_json else console  # JSON stays JSON, and is warned of too
    for sentence in warnings:
        loud.print(sentence, style="bold red", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        console.print_json(json.dumps(figures))
        return figures
    for name, parts in figures["files"].items():
        shown = {key: value for key, value in parts.items() if isinstance(value, dict)}
        console.print(table_of(shown, title=f"{name} with {path.name}"))
        _print_wrong(parts["wrong"], console)
        console.print(f"{parts['left_out_as_taught']} texts left out: the model was taught them.")
    return figures


def wrongly_read(
    examples: Sequence[Example], readings: Sequence[Reading], *, show_texts: bool
) -> list[dict[str, str]]:
    """Each text that the model took for something else: where it stands, and both intents."""
    return [
        {
            "place": example.place,
            "expected": reading.expected,
            "got": reading.found,
            **({"text": example.text} if show_texts else {}),
        }
        for example, reading in zip(examples, readings, strict=True)
        if not reading.is_right
    ]


def _print_wrong(wrong: Sequence[dict[str, str]], console: Console) -> None:
    for one in wrong:
        words = f": {one['text']}" if "text" in one else ""
        line = f"wrong {one['place']}: expected {one['expected']}, got {one['got']}{words}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _reading(example: Example, entry: dict[str, Any]) -> Reading:
    """The fallback keeps the confidence of the best real intent, which the threshold was set by."""
    best = next(
        (chance for name, chance in entry["ranking"] if name != "nlu_fallback"),
        entry["confidence"],
    )
    return Reading(example.intent, entry["intent"], float(best), example.language)
