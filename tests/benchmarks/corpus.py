"""The texts that the benchmarks send: our own examples, sorted by what screening finds in them."""

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.bootstrap import load_screener
from bot.core.languages import Language
from bot.core.levels import Level
from bot.core.opt_out import read_opt_out
from bot.crisis.screening import Context, Screener

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
SHORT = 160


@dataclass(frozen=True)
class Corpus:
    """Texts by what they lead to."""

    ordinary: tuple[str, ...]
    crisis: tuple[str, ...]
    everything: tuple[str, ...]


def _yaml(path: Path) -> Any:  # YAML is whatever the file holds
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def _lines(block: str) -> list[str]:
    return [line.strip().removeprefix("- ").strip() for line in block.splitlines() if line.strip()]


def _examples(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.glob("*.yml")):
        for entry in (_yaml(path) or {}).get("nlu", []):
            found.extend(_lines(entry.get("examples", "")))
    return found


def _locked_set() -> list[str]:
    found = []
    for path in sorted((ROOT / "tests" / "crisis").glob("safety_set.*.yml")):
        for entry in _yaml(path) or []:
            found.extend(_lines(entry.get("texts", "")))
    return found


@cache
def screener() -> Screener:
    """The clinic's own screening, classifier and all, awake as a gateway's is."""
    found = load_screener(DATA, ROOT / "models")
    found.warm_up()
    return found


@cache
def corpus() -> Corpus:
    """Every example of ours, read once."""
    examples = _examples(DATA / "nlu") + _examples(DATA / "faq")
    locked = _locked_set()
    everything = [text for text in dict.fromkeys(examples + locked) if text]
    context = Context(Language.ENGLISH)
    levels = {text: screener().screen(text, context).level for text in everything}
    return Corpus(
        ordinary=tuple(
            text for text in examples if text and levels[text] is None and not read_opt_out(text)
        ),
        crisis=tuple(
            text
            for text in locked
            if (level := levels.get(text)) is not None and level.at_least(Level.URGENT)
        ),
        everything=tuple(text for text in everything if len(text) <= SHORT),
    )


def long_texts(count: int, *, length: int, seed: int = 1) -> list[str]:
    """Texts of this many characters, made of our examples."""
    chance = random.Random(seed)
    texts = []
    for _ in range(count):
        text = ""
        while len(text) < length:
            text += chance.choice(corpus().everything) + " "
        texts.append(text[:length])
    return texts
