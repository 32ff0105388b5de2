"""Which patterns fit a text, after idioms are taken out and negation and the past are weighed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.levels import Level
from bot.crisis.lexicon import Lexicon
from bot.crisis.matching import Hit, LineMatcher
from bot.crisis.normalise import Normaliser, Token
from bot.crisis.pattern_lines import END, START, STOP
from bot.crisis.pieces import mend, mend_all
from bot.crisis.rules import CrisisPattern, CrisisRules, Softening

NEGATION_REACH = 4  # words before a hit in which a negator counts
PAST_REACH = 8  # words around a hit in which "years ago" or "now" counts


class _Kind(StrEnum):
    PATTERN = "pattern"
    UNLESS = "unless"
    IDIOM = "idiom"
    NOT_NEGATING = "not negating"
    PAST = "past"
    PRESENT = "present"


@dataclass(frozen=True)
class Finding:
    """One pattern at one place of the original text, with the level it deserves there."""

    pattern: CrisisPattern
    span: tuple[int, int]
    level: Level
    reply: str


@dataclass(frozen=True)
class _Reading:
    """The text as word characters with ``^`` and ``$`` around it, and the places to leave out."""

    codes: str
    harmless: set[int]
    unless: dict[int, set[int]]
    exempt: set[int]
    past: set[int]
    present: set[int]


class Finder:
    """All patterns of the rules, compiled once."""

    def __init__(self, rules: CrisisRules) -> None:
        self._rules = rules
        keyed = [
            *(((_Kind.PATTERN, n), x) for n, p in enumerate(rules.patterns) for x in p.lines),
            *(((_Kind.UNLESS, n), x) for n, p in enumerate(rules.patterns) for x in p.unless),
            *(((_Kind.IDIOM, 0), line) for line in rules.idioms),
            *(((_Kind.NOT_NEGATING, 0), line) for line in rules.not_negating),
            *(((_Kind.PAST, 0), line) for line in rules.past),
            *(((_Kind.PRESENT, 0), line) for line in rules.present),
        ]
        table = rules.words
        known = table.negators | table.negation_ends | table.common | {START, END}
        self._lexicon = Lexicon((line for _, line in keyed), more=known)
        self._negators = self._lexicon.codes(table.negators)
        self._negation_ends = self._lexicon.codes(table.negation_ends | {STOP})
        self._common = self._lexicon.codes(table.common | {STOP, START, END})
        self._normaliser = Normaliser(table, self._lexicon)
        self._matcher = LineMatcher(keyed, lexicon=self._lexicon, gap_ends=table.negators)

    def warm_up(self) -> None:
        """Get everything ready that a text would otherwise wait for."""
        self._matcher.warm_up()

    def tokens(self, text: str) -> list[Token]:
        """The text as plain words, shorthand and slips mended."""
        return self._normaliser.tokens(text)

    def find(self, text: str, tokens: list[Token], *, recent: Sequence[str] = ()) -> list[Finding]:
        """Findings in the text, and those that begin in her recent texts and end in this one."""
        findings = self._findings(tokens)
        if recent and tokens:
            joined = self._over_the_seam(tokens, recent)
            mended = mend_all(recent, self._normaliser, self._lexicon)
            if len(mended) < len(recent):
                joined.extend(self._over_the_seam(tokens, mended))
            joined.extend(self._in_a_cut_word(text, mended))
            findings.extend(self._not_heard_before(joined, recent))
        return findings

    def _not_heard_before(self, joined: list[Finding], recent: Sequence[str]) -> list[Finding]:
        """Without what the recent texts said by themselves: that was heard and answered then.

        *he is not breathing* / *i took all my pills* is not about a baby once more.
        """
        if not joined:
            return []
        heard: dict[str, int] = {}
        for old in self._findings(self._earlier(recent)):
            heard[old.pattern.id] = max(old.level.rank, heard.get(old.pattern.id, old.level.rank))
        return [
            finding
            for finding in joined
            if finding.pattern.id not in heard or finding.level.rank > heard[finding.pattern.id]
        ]

    def _over_the_seam(self, tokens: list[Token], recent: Sequence[str]) -> list[Finding]:
        """A sentence in two texts: *i want* / *to die*."""
        earlier = self._earlier(recent)
        seam = (len(earlier) - 1, len(earlier))
        return self._findings([*earlier, *tokens], over=seam, since=len(earlier))

    def _in_a_cut_word(self, text: str, recent: Sequence[str]) -> list[Finding]:
        """A word in two texts: *i want to k* / *ill myself*."""
        whole = mend(recent[-1], text, self._normaliser, self._lexicon)
        if whole is None:
            return []
        earlier = self._earlier(recent[:-1])
        first, last = len(earlier) + whole.first, len(earlier) + whole.last
        found: list[Finding] = []
        for place in range(first, last + 1):
            tokens = [*earlier, *whole.tokens]
            found.extend(self._findings(tokens, over=(place, place), since=first))
        return found

    def _earlier(self, recent: Sequence[str]) -> list[Token]:
        return [t for old in recent for t in _without_last_stop(self._normaliser.tokens(old))]

    def _findings(
        self, tokens: list[Token], *, over: tuple[int, int] | None = None, since: int = 0
    ) -> list[Finding]:
        """:param over: only hits that hold the tokens at both of these places count.
        :param since: the first token of which a place may be told.
        """
        code = self._lexicon.code
        codes = code(START) + "".join(code(token.word) for token in tokens) + code(END)
        hits = self._matcher.find(codes)
        reading = _read(codes, hits)
        found: list[Finding] = []
        for hit in hits:
            kind, number = hit.key
            if kind != _Kind.PATTERN or (over and not _holds(hit, over)):
                continue
            pattern = self._rules.patterns[number]
            softened = self._weigh(pattern, number, hit, reading)
            if softened is None or softened.level is None:
                continue
            span = _span(tokens, max(hit.start - 1, since), hit.end - 1)
            found.append(Finding(pattern, span, softened.level, softened.reply))
        return found

    def _weigh(
        self, pattern: CrisisPattern, number: int, hit: Hit, reading: _Reading
    ) -> Softening | None:
        """The level and reply that this hit deserves; nothing when it is harmless."""
        whole = range(hit.start, hit.end)
        telling = {place for place in whole if reading.codes[place] not in self._common}
        telling = telling or set(whole)
        if telling <= reading.harmless or telling & reading.unless.get(number, set()):
            return None
        rules = self._rules.classes[pattern.category]
        if rules.negated and pattern.negatable and self._negated(hit, reading):
            return _softer(pattern, rules.negated)
        if rules.past and pattern.can_be_past and _long_ago(hit, reading):
            return _softer(pattern, rules.past)
        return Softening(pattern.level, pattern.reply)

    def _negated(self, hit: Hit, reading: _Reading) -> bool:
        for place in range(hit.start - 1, max(0, hit.start - 1 - NEGATION_REACH), -1):
            if reading.codes[place] in self._negation_ends:
                return False
            if reading.codes[place] in self._negators and place not in reading.exempt:
                return True
        return False


def _holds(hit: Hit, places: tuple[int, int]) -> bool:
    """Does the hit reach over both of these tokens? The first one stands after ``^``."""
    first, last = places
    return hit.start <= first + 1 and last + 1 < hit.end


def _read(codes: str, hits: list[Hit]) -> _Reading:
    reading = _Reading(codes, set(), {}, set(), set(), set())
    places = {
        _Kind.IDIOM: reading.harmless,
        _Kind.NOT_NEGATING: reading.exempt,
        _Kind.PAST: reading.past,
        _Kind.PRESENT: reading.present,
    }
    for hit in hits:
        kind, number = hit.key
        if kind == _Kind.UNLESS:
            reading.unless.setdefault(number, set()).update(range(hit.start, hit.end))
        elif kind in places:
            places[_Kind(kind)].update(range(hit.start, hit.end))
    return reading


def _long_ago(hit: Hit, reading: _Reading) -> bool:
    around = set(range(hit.start - PAST_REACH, hit.end + PAST_REACH))
    return bool(around & reading.past) and not around & reading.present


def _softer(pattern: CrisisPattern, softening: Softening) -> Softening:
    """The softening, unless the pattern itself is softer already."""
    if softening.level is None or pattern.level.rank > softening.level.rank:
        return softening
    return Softening(pattern.level, pattern.reply)


def _span(tokens: list[Token], first: int, last: int) -> tuple[int, int]:
    """Offsets of ``tokens[first:last]``; ``^`` and ``$`` have no width of their own."""
    inside = tokens[max(0, first) : max(0, last)] or tokens[:1]
    return inside[0].start, max(token.end for token in inside)


def _without_last_stop(tokens: list[Token]) -> list[Token]:
    return tokens[:-1] if tokens and tokens[-1].word == STOP else tokens
