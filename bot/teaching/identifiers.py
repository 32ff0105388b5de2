"""Finds what says who somebody is: names, numbers, dates, places, ages, addresses.

No trained model of names is used (decision 0022): the rules fail closed. A word that nobody has
taught yet is as good as a name until a person says that it is none.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import phonenumbers

from bot.content.identifiers import IdentifierWords
from bot.teaching.identifier_lines import (
    ADDRESS,
    AFTER_PLACE_WORD,
    AGE_UNITS,
    BEFORE_PLACE_WORD,
    CALLED,
    CAPITALS,
    NUMBER_WORDS,
    ORDINALS,
    PLACE_HEADS,
    PLACE_TAILS,
    PLAIN_NUMBERS,
    PLAIN_TOKENS,
    PLAIN_WORDS,
    RELATIVES,
    SAYS_OF_PERSON,
    TITLES,
    TURNS,
)
from bot.teaching.words import Word, stem, words_of


class Kind(StrEnum):
    """What gives somebody away."""

    NAME = "name"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
    AGE = "age"
    ADDRESS = "address"
    # Nobody has taught it yet: it may be a name.
    WORD = "word"


@dataclass(frozen=True, order=True)
class Found:
    """One such thing and where it stands."""

    start: int
    end: int
    kind: Kind = field(compare=False)


@dataclass(frozen=True)
class Known:
    """What is known when a text is read.

    :param vocabulary: words that are certainly none of somebody's.
    :param names: folded parts of the names of patients and staff.
    :param hers: the same of those whose texts this is about; wherever one stands, it is a name.
    """

    words: IdentifierWords
    vocabulary: frozenset[str]
    names: frozenset[str] = frozenset()
    hers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Read:
    text: str
    words: Sequence[Word]
    known: Known

    def at(self, place: int) -> str:
        return self.words[place].folded if 0 <= place < len(self.words) else ""

    def is_name(self, place: int) -> bool:
        """Is the word a name, or could it be one where a name is expected?"""
        word = self.at(place)
        lists = self.known.words
        if not word or word in PLAIN_WORDS or word[0].isdigit():
            return False
        return (
            word in lists.names
            or word in lists.word_names
            or word in self.known.names
            or _base(word) not in self.known.vocabulary
        )


def find(text: str, known: Known) -> list[Found]:
    """Everything in a text that may say who somebody is, in order and without overlaps."""
    read = _Read(text, words_of(text), known)
    found = sorted(hit for rule in _RULES for hit in rule(read))
    kept: list[Found] = []
    for hit in found:
        if kept and hit.start < kept[-1].end:
            last = kept[-1]
            kind = hit.kind if last.kind is Kind.WORD else last.kind
            kept[-1] = Found(last.start, max(last.end, hit.end), kind)
        else:
            kept.append(hit)
    return kept


def masked(text: str, known: Known) -> str:
    """The text as staff may see it: every such thing replaced by its kind, as in ``[name]``."""
    parts, at = [], 0
    for hit in find(text, known):
        parts += [text[at : hit.start], f"[{hit.kind}]"]
        at = hit.end
    return "".join([*parts, text[at:]])


def _base(word: str) -> str:
    return stem(word.removesuffix("'s"))


def _addresses(read: _Read) -> Iterator[Found]:
    for hit in ADDRESS.finditer(read.text):
        yield Found(hit.start(), hit.end(), Kind.ADDRESS)


def _phones(read: _Read) -> Iterator[Found]:
    matcher = phonenumbers.PhoneNumberMatcher(
        read.text, "US", leniency=phonenumbers.Leniency.POSSIBLE
    )
    for match in matcher:
        yield Found(match.start, match.end, Kind.NUMBER)


def _numbers(read: _Read) -> Iterator[Found]:
    run: list[Word] = []
    for word in (*read.words, None):
        if word is not None and (_is_small(word.folded) or word.folded in NUMBER_WORDS):
            run.append(word)
            continue
        # Digits one by one, written or spoken, are a number that somebody hides or reads out.
        if len(run) >= 3:
            yield Found(run[0].start, run[-1].end, Kind.NUMBER)
        run = []
        if word is not None and any(one.isdigit() for one in word.folded) and _is_odd(word.folded):
            yield Found(word.start, word.end, Kind.NUMBER)


def _is_odd(word: str) -> bool:
    return word not in PLAIN_NUMBERS and not PLAIN_TOKENS.fullmatch(word)


def _is_small(word: str) -> bool:
    return len(word) == 1 and word.isdigit()


def _is_number(word: str) -> bool:
    return word.isdigit() or word in NUMBER_WORDS


def _ages(read: _Read) -> Iterator[Found]:
    for place, word in enumerate(read.words):
        after = read.at(place + 1)
        if _is_number(word.folded) and after in AGE_UNITS:
            yield Found(word.start, read.words[place + 1].end, Kind.AGE)
        elif re.fullmatch(r"\d+(?:mo|m|wk|w|yr|y|yo|d|mos|wks|yrs)s?", word.folded):
            yield Found(word.start, word.end, Kind.AGE)
        elif word.folded in TURNS and _is_number(after):
            yield Found(word.start, read.words[place + 1].end, Kind.AGE)


def _dates(read: _Read) -> Iterator[Found]:
    lists = read.known.words
    for place, word in enumerate(read.words):
        before, after = read.at(place - 1), read.at(place + 1)
        beside = {before, after, read.at(place - 2), read.at(place + 2)}
        counted = any(_is_date_number(one) for one in beside)
        if (
            word.folded in lists.months
            or word.folded in lists.holidays
            or (
                word.folded in lists.word_months
                and (
                    counted
                    or before in ("in", "since", "until", "last", "next", "en", "desde", "de")
                )
            )
        ):
            yield Found(*_with_numbers(read, place), Kind.DATE)
        elif word.folded in ORDINALS and before in ("the", "on", "el", "dia"):
            yield Found(word.start, word.end, Kind.DATE)


def _is_date_number(word: str) -> bool:
    return bool(re.fullmatch(r"\d+(?:st|nd|rd|th|ro|o)?", word)) or word in ORDINALS


def _with_numbers(read: _Read, place: int) -> tuple[int, int]:
    first = last = place
    while _belongs_to_date(read, first - 1, towards=-1):
        first -= 1
    while _belongs_to_date(read, last + 1, towards=1):
        last += 1
    return read.words[first].start, read.words[last].end


def _belongs_to_date(read: _Read, place: int, *, towards: int) -> bool:
    """A number, or the little word between a number and its month: *24 de octubre*."""
    if _is_date_number(read.at(place)):
        return True
    return read.at(place) in ("de", "of", "del") and _is_date_number(read.at(place + towards))


def _places(read: _Read) -> Iterator[Found]:
    lists = read.known.words
    for place, word in enumerate(read.words):
        before, after = read.at(place - 1), read.at(place + 1)
        if word.folded in lists.places or (
            word.folded in lists.word_places and before in ("in", "from", "near", "en", "de")
        ):
            yield Found(word.start, word.end, Kind.PLACE)
        elif word.folded in PLACE_TAILS and before and before not in BEFORE_PLACE_WORD:
            yield Found(read.words[place - 1].start, word.end, Kind.PLACE)
        elif word.folded in PLACE_HEADS and after and after not in AFTER_PLACE_WORD:
            yield Found(word.start, read.words[place + 1].end, Kind.PLACE)


def _names(read: _Read) -> Iterator[Found]:
    known = read.known
    for place, word in enumerate(read.words):
        base = word.folded.removesuffix("'s")
        if (
            base in known.words.names
            or base in known.hers
            or (base in known.names and base not in known.vocabulary)
            or _is_capital(read, place)
            or _is_named(read, place)
        ):
            yield Found(word.start, word.end, Kind.NAME)


def _is_capital(read: _Read, place: int) -> bool:
    """A capital letter inside a sentence that is not written in capitals altogether."""
    word = read.words[place]
    if word.starts or not word.written[:1].isupper() or word.written in CAPITALS:
        return False
    return not word.written.isupper() or not read.text.isupper()


def _is_named(read: _Read, place: int) -> bool:
    """Does the sentence say that this word is a name?"""
    word, before, after = read.at(place), read.at(place - 1), read.at(place + 1)
    two_before = f"{read.at(place - 2)} {before}"
    if word in PLAIN_WORDS:
        return False
    if before in TITLES and (read.is_name(place) or len(word) == 1):
        return True
    # What people are introduced with is followed by a name and by nothing else.
    if two_before in CALLED or before in CALLED:
        return read.is_name(place)
    a_word_name = word.removesuffix("'s") in read.known.words.word_names
    if not a_word_name:
        # A surname after a name.
        return before in read.known.words.names and read.is_name(place)
    owns = word.endswith("'s")
    return owns or before in RELATIVES or (read.words[place].starts and after in SAYS_OF_PERSON)


def _letters_one_by_one(read: _Read) -> Iterator[Found]:
    run: list[Word] = []
    for word in (*read.words, None):
        if word is not None and len(word.folded) == 1 and word.folded.isalpha():
            run.append(word)
            continue
        if len(run) >= 3:
            yield Found(run[0].start, run[-1].end, Kind.NAME)
        run = []


def _unknown(read: _Read) -> Iterator[Found]:
    for word in read.words:
        if any(one.isdigit() for one in word.folded) or len(word.folded) == 1:
            continue
        base = _base(word.folded)
        # The plural of an ordinary word is one.
        shapes = {word.folded, base, base.removesuffix("s"), base.removesuffix("es")}
        if not shapes.isdisjoint(read.known.vocabulary):
            continue
        yield Found(word.start, word.end, Kind.WORD)


_RULES: tuple[Callable[[_Read], Iterator[Found]], ...] = (
    _addresses,
    _phones,
    _ages,
    _dates,
    _places,
    _names,
    _numbers,
    _letters_one_by_one,
    _unknown,
)
