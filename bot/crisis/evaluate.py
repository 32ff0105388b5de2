"""Measures a screener on labelled texts: how many are paged, how many asked, and which are missed.

Texts come in as arguments and only ids go out, so a table can be shared where the texts may not be.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from bot.core.languages import Language
from bot.core.levels import Level
from bot.crisis.screening import Context, Screener, Screening

Z_95 = 1.959964  # standard normal quantile for a two-sided 95 % interval


@dataclass(frozen=True)
class Row:
    """One labelled text.

    :param kind: what it is, such as ``si_active`` or ``idiom``.
    :param sampling: how it was found; recall is unbiased on ``random`` only.
    """

    id: str
    text: str
    kind: str
    sampling: str = "random"
    language: Language = Language.ENGLISH


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


def evaluate(screener: Screener, rows: Iterable[Row]) -> list[Result]:
    """One result a kind, in order of name."""
    by_kind: dict[str, list[tuple[Row, Screening]]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append((row, screener.screen(row.text, Context(row.language))))
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


def table(results: Sequence[Result]) -> str:
    """The results as text, one line a kind."""
    lines = [f"{'kind':32} {'n':>5} {'paged':>6} {'asked':>6} {'flagged':>8}  95 % interval"]
    for r in results:
        interval = f"{r.low:.1%} to {r.high:.1%}"
        lines.append(f"{r.kind:32} {r.n:5} {r.paged:6} {r.asked:6} {r.flagged:8.1%}  {interval}")
    return "\n".join(lines)


def _result(kind: str, screened: list[tuple[Row, Screening]]) -> Result:
    paged = [row for row, s in screened if s.level and s.level.at_least(Level.URGENT)]
    asked = [row for row, s in screened if s.reply and row not in paged]
    n, hits = len(screened), len(paged) + len(asked)
    low, high = wilson(hits, n)
    misses = tuple(row.id for row, _ in screened if row not in paged and row not in asked)
    return Result(kind, n, len(paged), len(asked), hits / n, low, high, misses)
