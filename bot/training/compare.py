"""Candidate beside live: better, same or worse, and by how much figures wander by themselves.

The same texts are read by both models. How much a figure wanders is found by drawing the texts
again and again from themselves (paired bootstrap): a difference within two standard deviations
proves nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.training.scores import OUT_OF_SCOPE, REJECTED, Reading

_DRAWS = 200
_SEED = 1
_WANDERS = 2.0
# A figure that does not wander at all may still differ by this much without meaning anything.
_LEAST_NOISE = 0.002
# An intent is better or worse from here on; below it a text or two decide.
_INTENT_MOVES = 0.05
_CHANGED_SHOWN = 12


class Comparison(StrEnum):
    """How the candidate did beside the live model."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True)
class Read:
    """One text, and what each model made of it.

    :param area: where the text is from, such as a held-out set.
    """

    text: str
    area: str
    before: Reading
    after: Reading

    @property
    def expected(self) -> str:
        """What a person says that it means."""
        return self.after.expected


@dataclass(frozen=True)
class Area:
    """One set of texts.

    :param noise: how far the difference wanders by itself.
    """

    name: str
    texts: int
    before: float
    after: float
    noise: float
    verdict: Comparison

    def as_dict(self) -> dict[str, Any]:
        """For keeping."""
        return asdict(self)


@dataclass(frozen=True)
class IntentSeen:
    """One intent over all sets, with the texts that are understood otherwise now."""

    intent: str
    texts: int
    before: float
    after: float
    verdict: Comparison
    changed: tuple[dict[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """For keeping."""
        return {**asdict(self), "changed": list(self.changed)}


def compare_area(name: str, reads: Sequence[Read]) -> Area:
    """Macro-F1 of both models on these texts, and whether they differ by more than noise."""
    codes, expected, before, after = _coded(reads)
    was, now = _macro_f1(expected, before, codes), _macro_f1(expected, after, codes)
    draws = np.random.default_rng(_SEED).integers(0, len(reads), (_DRAWS, len(reads)))
    wandering = [
        _macro_f1(expected[draw], after[draw], codes)
        - _macro_f1(expected[draw], before[draw], codes)
        for draw in draws
    ]
    noise = max(_LEAST_NOISE, _WANDERS * float(np.std(wandering)))
    return Area(
        name, len(reads), round(was, 4), round(now, 4), round(noise, 4), verdict_of(was, now, noise)
    )


def verdict_of(before: float, after: float, noise: float) -> Comparison:
    """Better or worse only by more than noise."""
    if after - before > noise:
        return Comparison.BETTER
    return Comparison.WORSE if before - after > noise else Comparison.SAME


def compare_intents(reads: Sequence[Read]) -> list[IntentSeen]:
    """Every intent, those that moved first, the worst of them before all others."""
    was, now = _f1_of([read.before for read in reads]), _f1_of([read.after for read in reads])
    texts = Counter(read.expected for read in reads)
    changed: dict[str, list[Read]] = {}
    for read in reads:
        if _given(read.before) != _given(read.after):
            for intent in {read.expected, _given(read.before), _given(read.after)}:
                changed.setdefault(intent, []).append(read)
    found = [
        IntentSeen(
            intent=intent,
            texts=texts[intent],
            before=round(was.get(intent, 0.0), 3),
            after=round(now.get(intent, 0.0), 3),
            verdict=verdict_of(was.get(intent, 0.0), now.get(intent, 0.0), _INTENT_MOVES),
            changed=tuple(_shown(read) for read in changed.get(intent, ())[:_CHANGED_SHOWN]),
        )
        for intent in sorted(texts)
    ]
    order = {Comparison.WORSE: 0, Comparison.BETTER: 1, Comparison.SAME: 2}
    return sorted(
        found, key=lambda one: (order[one.verdict], -len(one.changed), one.after, one.intent)
    )


def changed_texts(reads: Sequence[Read]) -> list[Read]:
    """Texts that the candidate understands otherwise: those it gets wrong now come first."""
    found = [read for read in reads if _given(read.before) != _given(read.after)]
    return sorted(found, key=lambda read: (_given(read.after) == read.expected, read.text))


def confusion_counts(reads: Sequence[Read], *, most: int) -> list[dict[str, Any]]:
    """What is mixed up most with the candidate, and how often it was with the live model."""
    now = Counter((r.expected, _given(r.after)) for r in reads if r.expected != _given(r.after))
    was = Counter((r.expected, _given(r.before)) for r in reads if r.expected != _given(r.before))
    return [
        {"expected": expected, "found": found, "after": count, "before": was[expected, found]}
        for (expected, found), count in now.most_common(most)
    ]


def _given(reading: Reading) -> str:
    """What becomes of it: rejected in either way, she is told that she was not understood."""
    return OUT_OF_SCOPE if reading.found in REJECTED else reading.found


def _shown(read: Read) -> dict[str, str]:
    return {
        "text": read.text,
        "area": read.area,
        "expected": read.expected,
        "before": _given(read.before),
        "after": _given(read.after),
    }


def shown(read: Read) -> dict[str, str]:
    """A text with what both models made of it, for keeping."""
    return _shown(read)


def _f1_of(readings: Sequence[Reading]) -> dict[str, float]:
    right, found, expected = Counter[str](), Counter[str](), Counter[str]()
    for reading in readings:
        given = _given(reading)
        found[given] += 1
        expected[reading.expected] += 1
        right[given] += given == reading.expected
    return {intent: 2 * right[intent] / (expected[intent] + found[intent]) for intent in expected}


type Codes = npt.NDArray[np.int64]


def _coded(reads: Sequence[Read]) -> tuple[int, Codes, Codes, Codes]:
    """The same as numbers, for drawing two hundred times."""
    names: dict[str, int] = {}
    rows = [
        [
            names.setdefault(name, len(names))
            for name in (read.expected, _given(read.before), _given(read.after))
        ]
        for read in reads
    ]
    table = np.array(rows, dtype=np.int64)
    return len(names), table[:, 0], table[:, 1], table[:, 2]


def _macro_f1(expected: Codes, found: Codes, codes: int) -> float:
    """As ``scores.macro_f1``; a test holds them together."""
    wanted = np.bincount(expected, minlength=codes)
    given = np.bincount(found, minlength=codes)
    right = np.bincount(expected[expected == found], minlength=codes)
    there = wanted > 0
    return float(np.mean(2 * right[there] / (wanted[there] + given[there])))
