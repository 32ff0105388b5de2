"""Reads every text of hers for danger, before anything else does.

How it works: the text becomes plain words (``normalise``), the signed pattern lines of both
languages are looked for (``matching``), harmless phrases are taken out, negated and past mentions
are softened (never silenced where a life may be at risk), and what is left are signals.

A ``Screener`` holds no state between texts: threads may share one, and the same text and context
always give the same screening. Signals carry places, never words.

A statistical classifier (``model``) reads the same text for what no pattern foresaw. Two thresholds
turn what it says into a signal of layer ``classifier`` beside those of the patterns. It can add
signals, never take one away; without it the patterns go on.
"""

from collections import defaultdict
from collections.abc import Sequence, Set
from copy import copy
from dataclasses import dataclass, replace
from enum import StrEnum

import structlog
from threadpoolctl import (  # type: ignore[import-untyped]  # comes with scikit-learn, no types
    threadpool_limits,
)

from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.crisis import encoder
from bot.crisis.finding import Finder, Finding
from bot.crisis.guessing import guess
from bot.crisis.model import CrisisModel, Verdict
from bot.crisis.normalise import Token
from bot.crisis.rules import CrisisRules

log = structlog.get_logger()

# Patterns of "I am not suicidal": a person looks the same day, as the clinic signed it.
_DENIALS = frozenset({"suicide.denied", "suicidio.negado"})


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

    Order: level; then signals with a reply, for one without must not keep a text from her; then the
    class's place in ``classes.yml``; then the place in the text; then the pattern's id. The first
    one decides level, category and reply.
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


class Screener:
    """Screens texts by the rules that the clinic signed."""

    def __init__(self, rules: CrisisRules, *, model: CrisisModel | None = None) -> None:
        self._finder = Finder(rules)
        self._classes = rules.classes
        self._order = {category: place for place, category in enumerate(rules.classes)}
        self.model = model
        self._notes = {pattern.id: pattern.note for pattern in rules.patterns}

    def note_of(self, pattern_id: str) -> str:
        """What a pattern looks for, in the words of who wrote it; empty for other signals."""
        return self._notes.get(pattern_id, "")

    def text_for(self, category: Category) -> str:
        """Id of the text for this kind of danger; empty where it has none of its own."""
        kind = self._classes.get(category)
        return kind.reply if kind else ""

    @classmethod
    def sharing_patterns(cls, other: "Screener", *, model: CrisisModel | None) -> "Screener":
        """The same patterns with another classifier, as when a candidate is compared.

        Compiling the patterns takes seconds; they are never changed, so they may be shared.
        """
        screener = copy(other)
        screener.model = model
        return screener

    def warm_up(self) -> None:
        """Get everything ready that a text would otherwise wait for; a few seconds' work."""
        self._finder.warm_up()
        if self.model is None:
            return
        # More threads spin against each other on a small machine: 8 ms instead of 2 for a text.
        threadpool_limits(limits=1, user_api="blas")
        try:
            encoder.warm_up()
        except Exception as error:  # a broken encoder must not stop the patterns' process
            log.error("crisis encoder unusable", error=type(error).__name__)

    def tokens(self, text: str) -> list[Token]:
        """The text as plain words, as every layer reads it."""
        return self._finder.tokens(text)

    def screen(self, text: str, context: Context) -> Screening:
        """What danger this text shows. Never raises, whatever she typed."""
        tokens = self.tokens(text)
        findings = self._finder.find(text, tokens, recent=context.recent)
        signals = _signals(findings)
        asks = self._asks(findings)
        try:
            guesses = self._guesses(text, tokens, context.recent, pattern_asks=asks)
            signals.extend(_corrected(guess, findings, tokens) for guess in guesses)
        except Exception as error:  # whatever breaks the classifier, the patterns have spoken
            log.error("crisis classifier failed", error=type(error).__name__)
        return Screening(tuple(sorted(signals, key=self._pressing_first)))

    def _asks(self, findings: Sequence[Finding]) -> Set[Category]:
        """Kinds that would page, of which there is a doubtful sign; none where any is negated."""
        grave = [
            finding
            for finding in findings
            if self._classes[finding.pattern.category].level.at_least(Level.URGENT)
        ]
        softened = any(
            finding.level is not finding.pattern.level or finding.pattern.id in _DENIALS
            for finding in grave
        )
        if softened:
            return frozenset()
        return {f.pattern.category for f in grave if f.level is Level.SAME_DAY}

    def _guesses(
        self,
        text: str,
        tokens: Sequence[Token],
        recent: tuple[str, ...],
        *,
        pattern_asks: Set[Category],
    ) -> list[Signal]:
        """What the classifier thinks of the text as a whole; one signal a plausible kind."""
        if self.model is None:
            return []
        verdict = self.model.read(text, tokens, thorough=bool(pattern_asks))
        found = self._guess(text, verdict, pattern_asks=pattern_asks)
        if found or not recent:
            return found
        # A sentence sent in pieces: this piece must have made the difference.
        before = " ".join(recent)
        joined = f"{before} {text}"
        found = self._guess(text, self.model.read(joined, self.tokens(joined)))
        if not found or self._guess(text, self.model.read(before, self.tokens(before))):
            return []
        return found

    def _guess(
        self, text: str, verdict: Verdict, *, pattern_asks: Set[Category] = frozenset()
    ) -> list[Signal]:
        assert self.model is not None  # _guesses looked
        whole = ((0, len(text)),)
        thresholds, unsure = self.model.thresholds, self.model.unsure
        guesses = guess(verdict, thresholds, unsure, self._classes, pattern_asks=pattern_asks)
        return [
            Signal(one.category, one.level, Layer.CLASSIFIER, one.name, whole, one.reply)
            for one in guesses
        ]

    def _pressing_first(
        self, signal: Signal
    ) -> tuple[int, bool, int, bool, bool, tuple[int, int], str]:
        order = self._order.get(signal.category, len(self._order))
        kind = self._classes.get(signal.category)
        mild = kind is not None and signal.reply in kind.gives_way
        # A pattern knows which text fits; the classifier's may be the one that names no kind.
        guessed = signal.layer is Layer.CLASSIFIER
        where = signal.spans[0]
        return (
            -signal.level.rank,
            not signal.reply,
            order,
            mild,
            guessed,
            where,
            signal.pattern_id,
        )


def _corrected(guess: Signal, findings: Sequence[Finding], tokens: Sequence[Token]) -> Signal:
    """A guess whose words a pattern knows better: pills that are counted, none of them taken.

    How fast a person looks stays as guessed; what she is told fits what she wrote.
    """
    if any(finding.pattern.category is guess.category for finding in findings):
        return guess
    said = {token.word for token in tokens}
    for finding in findings:
        mistake, told = finding.pattern.mistaken_for, finding.level is finding.pattern.level
        if mistake is None or not told or mistake.category is not guess.category:
            continue
        if not said & mistake.but_for:
            reply = finding.reply if guess.reply else ""
            return replace(guess, category=finding.pattern.category, reply=reply)
    return guess


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
