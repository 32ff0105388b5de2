"""How well a model reads texts: the figures that a person decides by."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.core.languages import Language

OUT_OF_SCOPE = "out_of_scope"
# Both lead to the same handling: she is told that she was not understood.
REJECTED = frozenset({OUT_OF_SCOPE, "nlu_fallback"})


@dataclass(frozen=True)
class Reading:
    """What a model made of one text.

    :param expected: the intent that a person gave it.
    :param found: the intent that the model gave it, ``nlu_fallback`` below the threshold.
    :param confidence: of the model's best intent, before the threshold; 0 to 1.
    """

    expected: str
    found: str
    confidence: float
    language: Language

    @property
    def is_in_scope(self) -> bool:
        return self.expected != OUT_OF_SCOPE

    @property
    def is_rejected(self) -> bool:
        return self.found in REJECTED

    @property
    def is_right(self) -> bool:
        """Is it what a person said, or at least not understood where that is right?"""
        return self.found == self.expected if self.is_in_scope else self.is_rejected


@dataclass(frozen=True)
class Report:
    """Figures for a set of texts; shares are 0 to 1, and none where there was nothing to measure.

    :param macro_f1: mean over the intents that occur, each counting the same.
    :param accuracy: of texts in scope.
    :param false_rejection: share of texts in scope that were not understood.
    :param out_of_scope_recall: share of texts out of scope that were not understood.
    """

    texts: int
    macro_f1: float | None
    accuracy: float | None
    false_rejection: float | None
    out_of_scope_recall: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def report(readings: Sequence[Reading]) -> Report:
    """All figures for these readings."""
    inside = [reading for reading in readings if reading.is_in_scope]
    outside = [reading for reading in readings if not reading.is_in_scope]
    return Report(
        texts=len(readings),
        macro_f1=macro_f1(readings) if inside else None,
        accuracy=_share(reading.found == reading.expected for reading in inside),
        false_rejection=_share(reading.is_rejected for reading in inside),
        out_of_scope_recall=_share(reading.is_rejected for reading in outside),
    )


def by_language(readings: Sequence[Reading]) -> dict[str, Report]:
    """The figures for everything, and for each language."""
    parts = {"all": list(readings)}
    for language in Language:
        parts[language.value] = [r for r in readings if r.language == language]
    return {name: report(part) for name, part in parts.items() if part}


def macro_f1(readings: Iterable[Reading]) -> float:
    """The mean of the intents' F1, over the intents that were expected at least once.

    A rejected text counts as out of scope, which is what becomes of it.
    """
    right, found, expected = Counter[str](), Counter[str](), Counter[str]()
    for reading in readings:
        given = OUT_OF_SCOPE if reading.is_rejected else reading.found
        found[given] += 1
        expected[reading.expected] += 1
        right[given] += given == reading.expected
    scores = [
        2 * right[intent] / (expected[intent] + found[intent]) if right[intent] else 0.0
        for intent in expected
    ]
    return sum(scores) / len(scores)


def confusions(readings: Iterable[Reading], *, most: int) -> list[tuple[str, str, int]]:
    """The pairs that are mixed up most often: expected, found, how often."""
    mixed = Counter((r.expected, r.found) for r in readings if r.expected != r.found)
    return [(expected, found, count) for (expected, found), count in mixed.most_common(most)]


def _share(facts: Iterable[bool]) -> float | None:
    values = list(facts)
    return sum(values) / len(values) if values else None
