"""What the crisis classifier's card tells people: how often it is right, set by set, kind by kind.

Most figures are cross-validated: every text was read by readers that had not been taught it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bot.content.classifier import CrisisExample, Lesson
from bot.crisis.evaluate import evaluate
from bot.crisis.model import Thresholds
from bot.crisis.screening import Screener
from bot.training.crisis_evaluation import read_rows
from bot.training.crisis_fit import Seen, Votes, chance


def figures(lesson: Lesson, votes: Votes, thresholds: Thresholds) -> dict[str, dict[str, float]]:
    """For each set: how many texts, and which shares the classifier alone would page and ask."""
    pages = chance(votes.page) >= thresholds.page
    asks = (chance(votes.ask) >= thresholds.ask) & ~pages
    sets = np.array([f"{example.set}.{example.language}" for example in lesson.examples])
    return {
        name: {
            "n": int((sets == name).sum()),
            "paged": round(float(pages[sets == name].mean()), 4),
            "asked": round(float(asks[sets == name].mean()), 4),
        }
        for name in sorted(set(sets))
    }


def kinds(
    lesson: Lesson, seen: Seen, votes: Votes, thresholds: Thresholds
) -> dict[str, dict[str, Any]]:
    """For each kind: how often it is told rightly, among the plausible ones, and taken for what."""
    danger = seen.label >= 0
    kinds, labels = votes.kinds[danger], seen.label[danger]
    told = kinds.argmax(axis=1)
    names = [label.name for label in lesson.labels]
    plausible = kinds >= kinds.max(axis=1, keepdims=True) - thresholds.doubt
    return {
        name: {
            "n": int((labels == place).sum()),
            "plausible": round(float(plausible[labels == place, place].mean()), 4),
            "kinds_told": round(float(plausible[labels == place].sum(axis=1).mean()), 2),
            "taken_for": {
                other: int(((labels == place) & (told == column)).sum())
                for column, other in enumerate(names)
            },
        }
        for place, name in enumerate(names)
    }


def on_blind_texts(project: Path, screener: Screener) -> dict[str, dict[str, Any]]:
    """What the whole screening makes of the texts in ``tests/crisis/blind``, file by file."""
    return {
        path.stem: {
            result.kind: {**asdict(result), "wanted": result.wanted, "misses": len(result.misses)}
            for result in evaluate(screener, read_rows(path))
        }
        for path in sorted((project / "tests" / "crisis" / "blind").glob("*.csv"))
    }


def counts(examples: Sequence[CrisisExample]) -> dict[str, int]:
    counted = Counter(f"{example.set}.{example.language}" for example in examples)
    return dict(sorted(counted.items()))
