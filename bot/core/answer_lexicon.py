"""From tokens to marks: the longest known wordings among her words, for one item."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.core.answer_marks import Kind, Mark
from bot.core.answer_refusals import DECLINE_OPEN, POLITE_NO, REFUSALS
from bot.core.answer_tokens import Token, digits, tokens_of
from bot.core.answer_words import ANSWERS, DAYS, JOINING
from bot.core.instruments import Item
from bot.core.languages import Language

# The order matters where the same words stand twice: the later ones win.
WORDS: dict[Kind, str] = {**ANSWERS, **REFUSALS, **JOINING}


@dataclass(frozen=True)
class Lexicon:
    """Everything that means something on this item, by its words.

    :param labels: wordings that may run across commas ("Yes, most of the time").
    :param longest: words in the longest of them.
    """

    marks: dict[tuple[str, ...], Mark]
    labels: dict[tuple[str, ...], Mark]
    longest: int


@lru_cache(maxsize=1 << 14)  # the same wordings stand on dozens of items; never words of hers
def _words(phrase: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens_of(phrase) if token.kind in {"word", "number"})


def _split(phrases: str) -> Iterator[tuple[str, ...]]:
    return (_words(phrase) for phrase in phrases.split("|"))


@lru_cache(maxsize=512)
def _lexicon(item: Item, language: Language) -> Lexicon:
    lowest, scores = item.scores[0], frozenset(item.scores)
    meanings = {Kind.UNCLEAR: scores - {lowest}, Kind.YES: scores - {lowest}, Kind.HEDGE: scores}
    marks: dict[tuple[str, ...], Mark] = {}
    for kind, phrases in WORDS.items():
        # "no" is a zero only where the scale's own phrases say so (EPDS runs both ways).
        kind_here = Kind.UNCLEAR if kind is Kind.NO else kind
        meaning = frozenset({lowest}) if kind is Kind.NO else meanings.get(kind, frozenset())
        marks |= {words: Mark(kind_here, meaning, words) for words in _split(phrases)}
    marks |= {words: Mark(Kind.DECLINE, words=("", *words)) for words in _split(DECLINE_OPEN)}
    bare_no = set(_split(WORDS[Kind.NO]))
    # Her own language last, so that it wins where the same words mean two things.
    for phrase in sorted(item.phrases, key=lambda phrase: phrase.language is language):
        words, clear = _words(phrase.text), len(phrase.could_mean) == 1
        kind = (Kind.NO if words in bare_no else Kind.LABEL) if clear else Kind.UNCLEAR
        marks[words] = Mark(kind, frozenset(phrase.could_mean), words)
    labels = {words: Mark(Kind.SKIP, words=words) for words in _split(POLITE_NO)}
    for answer in item.answers:
        for label in filter(None, (answer.label.en, answer.label.es)):
            words = _words(label)
            labels[words] = Mark(Kind.LABEL, frozenset({answer.score}), words)
    known = [*marks, *labels]
    return Lexicon(marks, labels, max(map(len, known)))


def marks_of(text: str, item: Item, language: Language) -> list[Mark]:
    """Her text as marks: what each piece of it may mean on this item."""
    tokens, lexicon = list(tokens_of(text)), _lexicon(item, language)
    marks: list[Mark] = []
    at = 0
    while at < len(tokens):
        mark, at = _known(tokens, at, lexicon) or (_single(tokens[at], item), at + 1)
        if mark.kind is Kind.OTHER and mark.words[0] in DAYS and marks:
            mark = _count_of_days(marks, item)
        marks.append(mark)
    return marks


def _known(tokens: list[Token], start: int, lexicon: Lexicon) -> tuple[Mark, int] | None:
    """The longest known wording that starts here, and where it ends."""
    words: list[str] = []
    best: tuple[Mark, int] | None = None
    broken = False
    for end in range(start, len(tokens)):
        if tokens[end].kind not in {"word", "number"}:
            if not words or tokens[end].kind != "comma":
                break
            broken = True
            continue
        words.append(tokens[end].text)
        if len(words) > lexicon.longest:
            break
        key = tuple(words)
        mark = lexicon.labels.get(key) or (None if broken else lexicon.marks.get(key))
        if mark and not (len(words) == 1 and tokens[end].kind == "number"):
            best = (mark, end + 1)
    return best


def _single(token: Token, item: Item) -> Mark:
    """A token that no known wording begins with."""
    scores = frozenset(item.scores)
    if token.kind in {"number", "more"}:
        number = int(token.text)
        if number not in scores:
            return Mark(Kind.OUTSIDE, scores, (token.text,))
        higher = frozenset(score for score in scores if score >= number)
        if token.kind == "more" and len(higher) > 1:
            return Mark(Kind.BETWEEN, higher, (token.text,))
        return Mark(Kind.NUMBER, frozenset({number}), (token.text,))
    if token.kind == "between":
        whole = int(digits(re.split("[.,]", token.text)[0]))
        return Mark(Kind.BETWEEN, scores & {whole, whole + 1} or scores, (token.text,))
    if token.kind == "below":
        return Mark(Kind.OUTSIDE, scores, (token.text,))
    sign = {"ask": Kind.ASK, "stop": Kind.STOP, "comma": Kind.COMMA}.get(token.kind, Kind.OTHER)
    return Mark(sign, words=(token.text,))


def _count_of_days(marks: list[Mark], item: Item) -> Mark:
    """ "2-3 days", "5 times": a count is no score, so numbers right before it lose theirs."""
    days = Mark(Kind.UNCLEAR, frozenset(item.scores) - {item.scores[0]})
    found = False
    for at in range(len(marks) - 1, -1, -1):
        if marks[at].kind in {Kind.NUMBER, Kind.OUTSIDE, Kind.BETWEEN}:
            marks[at], found = days, True
        elif marks[at].kind not in {Kind.COMMA, Kind.OR, Kind.AND}:
            break
    return days if found else Mark(Kind.OTHER, words=("days",))
