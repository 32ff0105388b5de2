"""Reads every text of hers for danger, before anything else does.

How it works: the text becomes plain words (``normalise``), the signed pattern lines of both
languages are looked for (``matching``), harmless phrases are taken out, negated and past mentions
are softened (never silenced where a life may be at risk), and what is left are signals.

A ``Screener`` holds no state between texts: threads may share one, and the same text and context
always give the same screening. Signals carry places, never words.

A statistical classifier joins by the ``Classifier`` protocol: it gives one number, and two
thresholds turn that into a signal of layer ``classifier`` beside those of the patterns. It can add
signals, never take one away.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.crisis.finding import Finder, Finding
from bot.crisis.rules import CrisisRules


class Layer(StrEnum):
    """Who raised a signal; any layer may raise, none may lower (rule S2)."""

    PATTERN = "pattern"
    CLASSIFIER = "classifier"
    INTENT = "intent"
    ITEM = "item"


@dataclass(frozen=True)
class Context:
    """What is known around a text.

    :param language: her language; patterns of both languages are read in any case.
    :param recent: her texts of the last minutes, oldest first: *i want* / *to die*.
    """

    language: Language
    recent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signal:
    """One sign of danger in a text.

    :param spans: offsets in the text as she typed it, each ``(start, end)``; never her words.
    :param reply: id of the text to send; empty when none is sent.
    """

    category: Category
    level: Level
    layer: str
    pattern_id: str
    spans: tuple[tuple[int, int], ...]
    reply: str


@dataclass(frozen=True)
class Screening:
    """All signals of one text, the most pressing first.

    Order: level; then the class's place in ``classes.yml``; then signals with a reply; then the
    place in the text; then the pattern's id. The first one decides level, category and reply.
    """

    signals: tuple[Signal, ...] = ()

    @property
    def level(self) -> Level | None:
        """The highest level; none when quiet."""
        return self.signals[0].level if self.signals else None

    @property
    def category(self) -> Category | None:
        """What the alert is about: the most pressing signal's category."""
        return self.signals[0].category if self.signals else None

    @property
    def reply(self) -> str | None:
        """Id of the reply to send first; none when there is nothing to send."""
        return (self.signals[0].reply or None) if self.signals else None

    @property
    def quiet(self) -> bool:
        """Nothing was found."""
        return not self.signals


class Classifier(Protocol):
    """A second reader that learned from examples."""

    def score(self, text: str, context: Context) -> float:
        """How much the text sounds like danger to herself, 0 to 1."""


@dataclass(frozen=True)
class Thresholds:
    """From which score on she is asked, and from which a person is paged at once.

    :param ask: least score for the soft reply with the safety question, 0 to 1.
    :param page: least score for a page, not below ``ask``.
    """

    ask: float
    page: float

    def __post_init__(self) -> None:
        if not 0 < self.ask <= self.page <= 1:
            raise ValueError(f"0 < ask <= page <= 1 is needed, not {self.ask} and {self.page}")


@dataclass(frozen=True)
class SecondReader:
    """A classifier with the thresholds it was measured with; they belong together."""

    classifier: Classifier
    thresholds: Thresholds

    def signals(self, text: str, context: Context) -> tuple[Signal, ...]:
        """At most one signal, about the text as a whole."""
        score = self.classifier.score(text, context)
        if score >= self.thresholds.page:
            level, step, reply = Level.URGENT, "page", "crisis_suicide"
        elif score >= self.thresholds.ask:
            level, step, reply = Level.SAME_DAY, "ask", "crisis_ask"
        else:
            return ()
        whole = ((0, len(text)),)
        name = f"classifier.{step}"
        return (Signal(Category.SUICIDE, level, Layer.CLASSIFIER, name, whole, reply),)


class Screener:
    """Screens texts by the rules that the clinic signed."""

    def __init__(self, rules: CrisisRules, *, second_reader: SecondReader | None = None) -> None:
        self._finder = Finder(rules)
        self._order = {category: place for place, category in enumerate(rules.classes)}
        self._second_reader = second_reader

    def screen(self, text: str, context: Context) -> Screening:
        """What danger this text shows. Never raises, whatever she typed."""
        signals = _signals(self._finder.find(text, recent=context.recent))
        if self._second_reader is not None:
            signals.extend(self._second_reader.signals(text, context))
        return Screening(tuple(sorted(signals, key=self._pressing_first)))

    def _pressing_first(self, signal: Signal) -> tuple[int, int, bool, tuple[int, int], str]:
        order = self._order.get(signal.category, len(self._order))
        return (-signal.level.rank, order, not signal.reply, signal.spans[0], signal.pattern_id)


def _signals(findings: list[Finding]) -> list[Signal]:
    """One signal a pattern: its highest level, and every place that reached it."""
    by_pattern: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_pattern[finding.pattern.id].append(finding)
    signals: list[Signal] = []
    for same in by_pattern.values():
        top = max(same, key=lambda f: f.level.rank)
        spans = sorted({f.span for f in same if f.level is top.level})
        pattern = top.pattern
        signals.append(
            Signal(pattern.category, top.level, Layer.PATTERN, pattern.id, tuple(spans), top.reply)
        )
    return signals
