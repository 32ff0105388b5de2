"""Reads examples while they are typed: what must not be taught, and what would teach better."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from bot.core.languages import Language
from bot.crisis.encoder import Vectors
from bot.teaching.closeness import too_close
from bot.teaching.example_book import ExampleBook, Neighbour, plain
from bot.teaching.identifiers import Kind, Known, find

CRISIS = "crisis_"
# A good intent has this many examples in each language.
ENOUGH = 10
MOST_AT_ONCE = 20
LONGEST = 200
# A new question or intent is learned and measured in five parts: each must have one.
FEWEST_OF_A_NEW = 5
# More than this many times the usual number: the bot begins to see the intent everywhere.
UNBALANCED = 3
# Measured on the repository's examples: two of one intent are mostly above, two of different ones
# below (median 0.85 and 0.69; of 400, in 4 % another intent was nearest and above 0.8).
CLASH = 0.8
TWIN = 0.97
NEAR_DANGER = 0.65
# "no" and "ok" are answers; one letter, or a row of the same, is none.
_FEWEST_LETTERS = 2
# Of an example that is refused for its length so much is shown.
_SHOWN = 60
# Signs by which Rasa marks entities, lists and commands inside an example.
_SYNTAX = re.compile(r"[\[\]{}<>|`\\]|^\s*[/\-#*&!%@?:>]")

_KINDS = {
    Kind.NAME: "looks like somebody's name",
    Kind.NUMBER: "is a number that may be somebody's",
    Kind.DATE: "is a date",
    Kind.PLACE: "looks like a place",
    Kind.AGE: "says an age or how long",
    Kind.ADDRESS: "is an address",
    Kind.WORD: "is a word that nobody has taught yet",
}


_VOUCH = "A name? Take it out. An ordinary word? Write it under 'New words'."


@dataclass(frozen=True)
class Remark:
    """One thing about what was typed.

    :param hard: it is not taught like this; else it only teaches less well.
    :param about: the example it is about; empty when about all of them.
    :param word: a new word that a person may vouch for.
    """

    rule: str
    hard: bool
    cure: str
    about: str = ""
    word: str = ""
    near: Sequence[Neighbour] = ()


@dataclass(frozen=True)
class Lesson:
    """Examples on their way to an intent, with all that a rule needs to know.

    :param rows: the meaning of each text.
    :param originals: what mothers wrote, of which these give the meaning.
    :param dangerous: the texts in which the screening sees danger.
    :param vouched: new words that a person says are ordinary words.
    :param is_clinician: may decide what means danger.
    :param tested: plain forms of texts that the bot is tested with.
    :param is_new: of a question or an intent that is not there yet.
    :param likeness: of each text to every example of the book; worked out once for all rules.
    """

    intent: str
    texts: Sequence[str]
    rows: Vectors
    known: Known
    originals: Sequence[str] = ()
    dangerous: frozenset[str] = frozenset()
    vouched: frozenset[str] = frozenset()
    is_clinician: bool = False
    tested: frozenset[str] = field(default_factory=frozenset)
    is_new: bool = False
    likeness: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))

    @property
    def is_crisis(self) -> bool:
        """Does the intent mean danger?"""
        return self.intent.startswith(CRISIS)


def remarks(lesson: Lesson, book: ExampleBook) -> list[Remark]:
    """Everything there is to say, what forbids it first."""
    lesson = replace(lesson, likeness=book.likeness(lesson.rows))
    found = [remark for rule in _RULES for remark in rule(lesson, book)]
    return sorted(found, key=lambda remark: not remark.hard)


def size_remarks(texts: Sequence[str]) -> list[Remark]:
    """Is it more than one looks at? Told before anything slow looks at it itself."""
    if len(texts) > MOST_AT_ONCE:
        cure = f"{len(texts)} at once. Teach {MOST_AT_ONCE} at most, and look at each."
        return [Remark("many", True, cure)]
    cure = "That is longer than one text. Shorten it."
    return [
        Remark("long", True, cure, f"{text[:_SHOWN]}…") for text in texts if len(text) > LONGEST
    ]


def _shape(lesson: Lesson, _book: ExampleBook) -> Iterator[Remark]:
    if not lesson.texts:
        yield Remark("empty", True, "Write at least one example in your own words.")
    elif lesson.is_new and len(lesson.texts) < FEWEST_OF_A_NEW:
        cure = f"Something new needs {FEWEST_OF_A_NEW} examples at least, better {ENOUGH}."
        yield Remark("too few", True, cure)
    for text in lesson.texts:
        if _SYNTAX.search(text):
            cure = "Leave out brackets and other signs; a mother would not type them."
            yield Remark("signs", True, cure, text)
        if len({letter for letter in text.casefold() if letter.isalpha()}) < _FEWEST_LETTERS:
            cure = "That says nothing by itself. Write what a mother would type."
            yield Remark("short", True, cure, text)


def _identifiers(lesson: Lesson, _book: ExampleBook) -> Iterator[Remark]:
    for text in lesson.texts:
        for hit in find(text, lesson.known):
            word = text[hit.start : hit.end]
            if hit.kind is Kind.WORD:
                if word.casefold() in lesson.vouched and word == word.casefold():
                    continue
                cure = f"'{word}' {_KINDS[hit.kind]}. {_VOUCH}"
                yield Remark("word", True, cure, text, word.casefold())
                continue
            cure = f"'{word}' {_KINDS[hit.kind]}. Say it without."
            yield Remark("identifier", True, cure, text)


def _own_words(lesson: Lesson, _book: ExampleBook) -> Iterator[Remark]:
    for text in lesson.texts:
        if too_close(text, lesson.originals):
            cure = "That is how she wrote it. Say what it means in other words."
            yield Remark("too close", True, cure, text)


def _twice(lesson: Lesson, book: ExampleBook) -> Iterator[Remark]:
    seen: set[str] = set()
    for text in lesson.texts:
        shape = plain(text)
        there = book.intents_of_text.get(shape)
        if shape in seen or there == lesson.intent:
            yield Remark("twice", True, "The bot has this example already.", text)
        elif there is not None:
            cure = f"The bot learned that this means {there}. One text can mean one thing only."
            yield Remark("twice", True, cure, text)
        if shape in lesson.tested:
            cure = "The bot is tested with this text. Taught, the test would prove nothing."
            yield Remark("tested", True, cure, text)
        seen.add(shape)


def _danger(lesson: Lesson, book: ExampleBook) -> Iterator[Remark]:
    if lesson.is_crisis:
        return
    for text, likeness in zip(lesson.texts, lesson.likeness, strict=True):
        if text in lesson.dangerous:
            cure = "This sounds like danger: it must reach a person. It cannot be taught as this."
            yield Remark("danger", True, cure, text)
            continue
        nearest = book.nearest(likeness, most=1)
        if nearest and nearest[0].intent.startswith(CRISIS) and nearest[0].likeness >= NEAR_DANGER:
            cure = "Its nearest example means danger. A clinician decides what it means."
            yield Remark("danger", not lesson.is_clinician, cure, text, near=nearest)


def _clash(lesson: Lesson, book: ExampleBook) -> Iterator[Remark]:
    others: Counter[str] = Counter()
    for text, likeness in zip(lesson.texts, lesson.likeness, strict=True):
        own = book.nearest(likeness, intent=lesson.intent, most=1)
        other = book.nearest(likeness, other_than=lesson.intent, most=3)
        best_own = own[0].likeness if own else 0.0
        if not other or other[0].likeness < CLASH or best_own >= other[0].likeness:
            continue
        others[other[0].intent] += 1
        cure = f"The bot may take it for {other[0].intent}. Say what makes it different."
        yield Remark("clash", False, cure, text, near=other)
    for intent, count in others.items():
        if count >= 3 and count * 2 > len(lesson.texts):
            cure = f"Most of these look like examples of {intent}. Teach them there."
            yield Remark("wrong intent", True, cure)


def _alike(lesson: Lesson, book: ExampleBook) -> Iterator[Remark]:
    for place, (text, row) in enumerate(zip(lesson.texts, lesson.rows, strict=True)):
        near = book.nearest(lesson.likeness[place], intent=lesson.intent, most=1)
        twin = bool(near) and near[0].likeness >= TWIN
        among = any(float(row @ lesson.rows[before]) >= TWIN for before in range(place))
        if twin or among:
            cure = "Nearly the same as another one. Different words teach more."
            yield Remark("alike", False, cure, text, near=near if twin else ())


def _how_many(lesson: Lesson, book: ExampleBook) -> Iterator[Remark]:
    count = book.counts[lesson.intent] + len(lesson.texts)
    usual = median(book.counts.values()) if book.counts else count
    if count > usual * UNBALANCED:
        cure = f"With {count} examples the bot may see this everywhere; {usual:.0f} are usual."
        yield Remark("unbalanced", False, cure)


def language_remarks(
    lesson: Lesson, book: ExampleBook, languages: Sequence[Language]
) -> Iterator[Remark]:
    """Has each language enough examples?

    :param languages: in which each of the texts is.
    """
    for language, name in ((Language.ENGLISH, "English"), (Language.SPANISH, "Spanish")):
        count = book.languages[lesson.intent, language] + list(languages).count(language)
        if count < ENOUGH:
            cure = f"{count} in {name}. {ENOUGH} or more in each language make it reliable."
            yield Remark("few", False, cure)


_RULES: tuple[Callable[[Lesson, ExampleBook], Iterator[Remark]], ...] = (
    _shape,
    _identifiers,
    _own_words,
    _twice,
    _danger,
    _clash,
    _alike,
    _how_many,
)
