"""Measures a screener on labelled texts: how many are paged, how many asked, what goes wrong.

Texts come in as arguments and only ids and reasons go out, so a table can be shared where the
texts may not be.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from bot.core.languages import Language
from bot.core.levels import Level
from bot.crisis.kinds import Wanted, wanted_of
from bot.crisis.screening import Context, Screener, Screening

Z_95 = 1.959964  # standard normal quantile for a two-sided 95 % interval


@dataclass(frozen=True)
class Row:
    """One labelled text.

    :param kind: what it is, such as ``si_active`` or ``idiom``; see ``bot/crisis/kinds.py``.
    :param place: file and line, for messages.
    :param sampling: how it was found; recall is unbiased on ``random`` only.
    """

    id: str
    text: str
    kind: str
    sampling: str = "random"
    language: Language = Language.ENGLISH
    place: str = ""


@dataclass(frozen=True)
class Judged:
    """One text and what became of it.

    :param seconds: of one core, for screening it.
    """

    row: Row
    screening: Screening
    seconds: float

    @property
    def is_paged(self) -> bool:
        """A person is paged now."""
        return bool(self.screening.level and self.screening.level.at_least(Level.URGENT))

    @property
    def is_asked(self) -> bool:
        """She gets a reply of the safety texts, and a person looks the same day."""
        return not self.is_paged and bool(self.screening.reply)

    @property
    def wanted(self) -> Wanted:
        return wanted_of(self.row.kind)

    @property
    def is_miss(self) -> bool:
        """Danger, and she hears nothing of it."""
        danger = self.wanted in (Wanted.PAGED, Wanted.FLAGGED)
        return danger and not (self.is_paged or self.is_asked)

    @property
    def is_false_alarm(self) -> bool:
        if self.wanted is Wanted.NOT_PAGED:
            return self.is_paged
        return self.wanted is Wanted.QUIET and (self.is_paged or self.is_asked)

    @property
    def reasons(self) -> str:
        """Which layer said what; places in the text, never its words."""
        said = (f"{s.layer}:{s.pattern_id} ({s.level})" for s in self.screening.signals)
        return ", ".join(said) or "no layer raised anything"


@dataclass(frozen=True)
class Result:
    """What a screener did with the texts of one kind.

    :param paged: a person is paged now (urgent or above).
    :param asked: she gets a reply, below urgent.
    :param flagged: share paged or asked, 0 to 1; ``low`` and ``high``: its Wilson 95 % interval.
    :param misses: ids of texts neither paged nor asked.
    """

    kind: str
    n: int
    paged: int
    asked: int
    flagged: float
    low: float
    high: float
    misses: tuple[str, ...]

    @property
    def wanted(self) -> Wanted:
        return wanted_of(self.kind)


def judge(screener: Screener, rows: Iterable[Row]) -> Iterator[Judged]:
    """Every text with its screening, as they come."""
    for row in rows:
        began = time.thread_time()
        screening = screener.screen(row.text, Context(row.language))
        yield Judged(row, screening, time.thread_time() - began)


def evaluate(screener: Screener, rows: Iterable[Row]) -> list[Result]:
    """One result a kind, in order of name."""
    return results_of(judge(screener, rows))


def results_of(judged: Iterable[Judged]) -> list[Result]:
    """One result a kind, in order of name."""
    by_kind: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_kind[one.row.kind].append(one)
    return [_result(kind, by_kind[kind]) for kind in sorted(by_kind)]


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927, J Am Stat Assoc 22:209-212."""
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    middle = share + Z_95**2 / (2 * n)
    width = Z_95 * sqrt(share * (1 - share) / n + Z_95**2 / (4 * n * n))
    scale = 1 + Z_95**2 / n
    return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _result(kind: str, judged: list[Judged]) -> Result:
    paged = sum(one.is_paged for one in judged)
    asked = sum(one.is_asked for one in judged)
    n, hits = len(judged), paged + asked
    low, high = wilson(hits, n)
    misses = tuple(one.row.id for one in judged if not (one.is_paged or one.is_asked))
    return Result(kind, n, paged, asked, hits / n, low, high, misses)
