"""Finds pattern lines in a row of words: a regular expression each, over word characters.

Why not spaCy's Matcher, which reads the same kind of token patterns: it has no alternatives of
several words, so our 1,600 lines would unfold to about a million patterns. At 26 us a pattern on 35
words even the unfolding of a few lines breaks the 3 ms budget, and importing spaCy takes 1.9 s,
longer than all of this may take to load. A test holds both against each other on shared ground.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.crisis.lexicon import Lexicon
from bot.crisis.pattern_lines import END, START, STOP, Choice, Gap, Line, Word

type Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A line found: ``codes[start:end]``, under the key that the line was given."""

    key: Key
    start: int
    end: int


# The same patterns are read more than once where they are checked; to compile all takes seconds.
_compile = lru_cache(maxsize=20_000)(re.compile)


class _Lazy:
    """A line's expression, compiled when a text first asks for it, or by ``warm_up``."""

    __slots__ = ("_compiled", "_expression", "key")

    def __init__(self, key: Key, expression: str) -> None:
        self.key = key
        self._expression = expression
        self._compiled: re.Pattern[str] | None = None

    def compiled(self) -> re.Pattern[str]:
        """The expression; two threads may both compile it, to the same."""
        if self._compiled is None:
            self._compiled = _compile(self._expression)
        return self._compiled


class LineMatcher:
    """Many lines, read once; finding changes nothing, so threads may share it."""

    def __init__(
        self, lines: Iterable[tuple[Key, Line]], *, lexicon: Lexicon, gap_ends: frozenset[str]
    ) -> None:
        # The same words and sets stand in thousands of places: read once, they cost seconds less.
        # Known by their identity, for to ask a word for its hash a third of a million times takes
        # as long as reading it.
        self._lexicon = lexicon
        self._known: dict[int, frozenset[str]] = {}
        self._written: dict[int, str] = {}
        self._places: dict[int, frozenset[str]] = {}
        self._between = f"[^{_class(lexicon.codes(gap_ends | {STOP, START, END}))}]"
        lines = list(lines)  # held here, as long as anything is known by its identity
        patterns = {(key, self._expression(line)): line for key, line in lines}
        self._lines = [_Lazy(key, expression) for key, expression in patterns]
        self._always: list[int] = []
        self._by_code = self._telling_codes(list(patterns.values()))
        for read_once in (self._known, self._written, self._places):
            read_once.clear()

    def warm_up(self) -> None:
        """Compile every line now, so that no text of hers waits for it."""
        for line in self._lines:
            line.compiled()

    def find(self, codes: str) -> list[Hit]:
        """Every place where a line fits; ``codes`` is one character of the lexicon a word."""
        worth_trying = set(self._always)
        for code in set(codes):
            worth_trying.update(self._by_code.get(code, ()))
        found: list[Hit] = []
        for number in sorted(worth_trying):
            line = self._lines[number]
            fits = line.compiled().finditer(codes)
            found.extend(Hit(line.key, match.start(), match.end()) for match in fits)
        return found

    def _codes_for(self, word: Word) -> frozenset[str]:
        known = self._known.get(id(word))
        if known is None:
            known = self._known[id(word)] = self._lexicon.codes_for(word)
        return known

    def _telling_codes(self, lines: list[Line]) -> dict[str, list[int]]:
        """Which lines can fit at all where a word stands: those that cannot do without it.

        Of the places that a line needs, the one that the fewest other lines know is the rarest in
        a text too. A hundred lines are tried instead of all; a test holds the hits against it.
        """
        needed = [self._needed(line) for line in lines]
        asked = Counter(code for places in needed for place in places for code in place)
        index: dict[str, list[int]] = defaultdict(list)
        for number, places in enumerate(needed):
            if not places:
                self._always.append(number)
                continue
            for code in min(places, key=lambda place: sum(asked[code] for code in place)):
                index[code].append(number)
        return dict(index)

    def _needed(self, line: Line) -> list[frozenset[str]]:
        """For each place that the line cannot do without: the words of which one must be there."""
        return [codes for part in line if (codes := self._needs(part))]

    def _needs(self, part: Word | Gap | Choice) -> frozenset[str]:
        """Nothing, for what may be missing or stands around every text anyway."""
        if isinstance(part, Word) and part.exact not in (START, END):
            return self._codes_for(part)
        if not isinstance(part, Choice) or part.optional:
            return frozenset()
        known = self._places.get(id(part))
        if known is None:
            known = self._places[id(part)] = self._needs_one_of(part)
        return known

    def _needs_one_of(self, part: Choice) -> frozenset[str]:
        phrases = [self._needed(phrase) for phrase in part.phrases]
        if not all(phrases):
            return frozenset()
        return frozenset().union(*(min(places, key=len) for places in phrases))

    def _expression(self, line: Line) -> str:
        return "".join(self._part(part) for part in line)

    def _part(self, part: Word | Gap | Choice) -> str:
        match part:
            case Word():
                return f"[{_class(self._codes_for(part))}]"
            case Gap(most):
                return f"{self._between}{{0,{most}}}?"
            case Choice(phrases, optional):
                inside = self._written.get(id(part))
                if inside is None:
                    inside = self._written[id(part)] = self._choice(phrases)
                return f"(?:{inside})?" if optional else f"(?:{inside})"

    def _choice(self, phrases: tuple[Line, ...]) -> str:
        """Longer phrases first, so that the longest is taken; single words as one class."""
        single = {
            code
            for phrase in phrases
            if len(phrase) == 1 and isinstance(phrase[0], Word)
            for code in self._codes_for(phrase[0])
        }
        longer = [p for p in phrases if len(p) > 1 or not isinstance(p[0], Word)]
        branches = [self._expression(phrase) for phrase in sorted(longer, key=len, reverse=True)]
        if single:
            branches.append(f"[{_class(single)}]")
        return "|".join(branches)


def _class(codes: Iterable[str]) -> str:
    # No word's code has a meaning inside [ ]: see the lexicon.
    return "".join(sorted(codes))
