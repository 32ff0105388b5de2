"""Keeps a trained crisis classifier in two files: numbers that are only numbers, and a card.

``crisis-<fingerprint>.npz`` holds arrays and is read without pickle, so a file can carry no code;
``crisis-<fingerprint>.json`` names its SHA-256, labels, thresholds and figures, for people too.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bot.core.levels import Category, Level
from bot.crisis import encoder
from bot.crisis.model import CrisisModel, Guess, Label, Reader, Thresholds, Trust, Unsure
from bot.crisis.neighbours import Neighbours
from bot.crisis.ngrams import BUCKETS
from bot.crisis.word_neighbours import WordNeighbours
from bot.errors import ConfigError

FORMAT = 4


class ModelUnusable(ConfigError):
    """The crisis classifier cannot be read; the patterns go on without it."""


def save(model: CrisisModel, folder: Path, *, about: Mapping[str, Any]) -> Path:
    """Write both files; the card last, so that a card always has its numbers.

    :param about: what people should know: figures, versions, data.
    :returns: the card's path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"crisis-{model.fingerprint[:12]}.npz"
    arrays = {
        "wording": model.wording.weights.astype(np.float16),
        "wording_bias": model.wording.bias,
        "meaning": model.meaning.weights,
        "meaning_bias": model.meaning.bias,
        "rarity": model.rarity.astype(np.float16),
        "centre": model.neighbours.centre,
        "axes": model.neighbours.axes,
        "danger": model.neighbours.danger.astype(np.float16),
        "others": model.neighbours.others.astype(np.float16),
        "starts": model.word_neighbours.starts,
        "texts": model.word_neighbours.texts,
        "weights": model.word_neighbours.weights.astype(np.float16),
    }
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # numpy's stub wants a bool
    os.replace(half, path)
    card = {
        "format": FORMAT,
        "fingerprint": model.fingerprint,
        "sha256": _sha256(path),
        "labels": [
            {
                "label": label.name,
                "class": label.category,
                "guess": label.guess,
                "soft_reply": label.soft_reply,
                "soft_level": label.soft_level,
            }
            for label in model.labels
        ],
        "thresholds": asdict(model.thresholds),
        "unsure": asdict(model.unsure),
        "trust": asdict(model.trust),
        "may_page": model.neighbours.may_page,
        **about,
    }
    written = path.with_suffix(".json")
    half.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    os.replace(half, written)
    return written


def newest(folder: Path) -> Path | None:
    """The card of the model that is loaded: the one that was made or kept last."""
    cards = sorted(folder.glob("crisis-*.json"), key=lambda path: (path.stat().st_mtime, path.name))
    return cards[-1] if cards else None


def load(card_path: Path) -> CrisisModel:
    """The model that belongs to a card.

    :raises ModelUnusable: a file is missing, damaged, changed, or of another version of Tend.
    """
    try:
        card = json.loads(card_path.read_text(encoding="utf-8"))
        numbers = card_path.with_suffix(".npz")
        if card["format"] != FORMAT:
            raise ModelUnusable(f"{card_path}: made by another version. Run `tend train crisis`.")
        if _sha256(numbers) != card["sha256"]:
            raise ModelUnusable(
                f"{numbers}: not the file that its card describes. Run `tend train crisis --force`."
            )
        with np.load(numbers, allow_pickle=False) as arrays:
            return _model(card, {name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ModelUnusable(
            f"{card_path}: not readable ({type(error).__name__}). Run `tend train crisis --force`."
        ) from None


def _model(card: Mapping[str, Any], arrays: Mapping[str, Any]) -> CrisisModel:
    labels = tuple(
        Label(
            row["label"],
            Category(row["class"]),
            Guess(row["guess"]),
            row["soft_reply"],
            Level(row["soft_level"]),
        )
        for row in card["labels"]
    )
    wording = Reader(arrays["wording"].astype(np.float32), arrays["wording_bias"])
    meaning = Reader(arrays["meaning"], arrays["meaning_bias"])
    for reader, inputs in ((wording, BUCKETS), (meaning, encoder.WIDTH)):
        _check(reader.weights, (inputs, len(labels) + 2))
    rarity = arrays["rarity"].astype(np.float32)
    _check(rarity, (BUCKETS,))
    near = _neighbours(arrays, int(card["may_page"]))
    return CrisisModel(
        labels=labels,
        thresholds=Thresholds(**card["thresholds"]),
        rarity=rarity,
        wording=wording,
        meaning=meaning,
        neighbours=near,
        word_neighbours=_word_neighbours(arrays, near),
        trust=Trust(**card["trust"]),
        fingerprint=card["fingerprint"],
        unsure=Unsure(**{**card["unsure"], "ask": tuple(card["unsure"]["ask"])}),
    )


def _neighbours(arrays: Mapping[str, Any], may_page: int) -> Neighbours:
    centre, axes = arrays["centre"], arrays["axes"]
    danger, others = (arrays[name].astype(np.float32) for name in ("danger", "others"))
    _check(centre, (encoder.WIDTH,))
    _check(axes, (encoder.WIDTH, axes.shape[-1]))
    _check(danger, (len(danger), axes.shape[-1]))
    _check(others, (len(others), axes.shape[-1]))
    if not 0 <= may_page <= len(danger):
        raise ValueError("not the numbers of this model")
    return Neighbours(centre, axes, danger, may_page, others)


def _word_neighbours(arrays: Mapping[str, Any], near: Neighbours) -> WordNeighbours:
    starts, texts = arrays["starts"], arrays["texts"]
    weights = arrays["weights"].astype(np.float32)
    danger = len(near.danger)
    size = danger + len(near.others)
    _check(starts, (BUCKETS + 1,))
    _check(weights, texts.shape)
    rising = bool((starts[1:] >= starts[:-1]).all())
    if (
        not rising
        or starts[0] != 0
        or starts[-1] != len(texts)
        or (len(texts) and texts.max() >= size)
    ):
        raise ValueError("not the numbers of this model")
    return WordNeighbours(starts, texts, weights, near.may_page, danger, size)


def _check(numbers: Any, shape: tuple[int, ...]) -> None:
    if numbers.shape != shape or not np.isfinite(numbers).all():
        raise ValueError("not the numbers of this model")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
