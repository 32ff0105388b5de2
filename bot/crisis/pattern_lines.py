"""Reads one line of a crisis pattern file, as a clinician writes it.

======================  ==========================================================
``want to die``         these words in this order
``suicid*``             any word that begins so
``(die | be dead)``     one of these; each may be several words
``[really | just]``     one of these or nothing
``@baby``               one of the words of the named set at the top of the file
``…`` or ``…5``         up to 3 (or 5) other words, but no full stop and no *not*
``<160+>``              a number of at least 160
``^`` and ``$``         the beginning and the end of a sentence
======================  ==========================================================

Lines are read like her texts: capitals, accents and apostrophes do not matter, and short forms are
written out (*can't* is *can not*) by the same table.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.crisis.word_table import WordTable, fold_word

DEFAULT_GAP = 3
START, END, STOP = "^", "$", "."

_PART = re.compile(
    r"\[(?P<option>[^\[\]()]*)\]"
    r"|\((?P<group>[^()\[\]]*)\)"
    r"|(?P<gap>…|\.\.\.)(?P<most>\d*)"
    r"|(?P<word>[^\s\[\]()|]+)"
)
_GAP = re.compile(r"[…()\[\]]|\.\.\.")
_NUMBER = re.compile(r"<(\d+)\+>")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)*\*?|:[a-z]+:|\^|\$")


class PatternError(ValueError):
    """A line cannot be read; the sentence says what to change."""


@dataclass(frozen=True)
class Word:
    """One place in a line: an exact word, the beginning of a word, or a least number."""

    exact: str = ""
    prefix: str = ""
    least: int | None = None


@dataclass(frozen=True)
class Gap:
    """Up to so many other words."""

    most: int


@dataclass(frozen=True)
class Choice:
    """One of several phrases; or nothing, if optional."""

    phrases: tuple["Line", ...]
    optional: bool = False


type Line = tuple[Word | Gap | Choice, ...]
type Sets = Mapping[str, Sequence[str]]


def parse(
    text: str, *, sets: Sets, words: WordTable, read_before: dict[str, Line] | None = None
) -> Line:
    """A line as a checked value.

    :param read_before: kept by the caller for all lines with the same sets and words: a set that
        stands in a hundred lines is then read once.
    :raises PatternError: unknown set, stray sign, a gap at an end, or nothing left to match.
    """
    reader = _Reader(sets, words, {} if read_before is None else read_before)
    line = tuple(part for match in _parts(text) for part in reader.part(match))
    if not any(_is_needed(part) for part in line):
        raise PatternError("nothing in this line is required; add a word outside of [ ]")
    if isinstance(line[0], Gap) or isinstance(line[-1], Gap):
        raise PatternError("a gap (…) stands at an end, where it says nothing; remove it")
    return line


def words_of(line: Line) -> Iterator[Word]:
    """Every word place in a line, inside alternatives too."""
    for part in line:
        if isinstance(part, Word):
            yield part
        elif isinstance(part, Choice):
            for phrase in part.phrases:
                yield from words_of(phrase)


def _is_needed(part: Word | Gap | Choice) -> bool:
    if isinstance(part, Word):
        return part.exact not in {START, END}
    return isinstance(part, Choice) and not part.optional


def _parts(text: str) -> Iterator[re.Match[str]]:
    position = 0
    while rest := text[position:].lstrip():
        position = len(text) - len(rest)
        match = _PART.match(text, position)
        if match is None:
            raise PatternError(
                f"the brackets at '{rest[:20]}' do not close, or stand in each other"
            )
        yield match
        position = match.end()


@dataclass(frozen=True)
class _Reader:
    sets: Sets
    words: WordTable
    read_before: dict[str, Line]

    def part(self, match: re.Match[str]) -> Line:
        if match["gap"]:
            return (Gap(int(match["most"] or DEFAULT_GAP)),)
        if match["word"]:
            return self._atom(match["word"])
        inside = match["option"] if match["group"] is None else match["group"]
        phrases = tuple(self._phrase(piece) for piece in inside.split("|"))
        return (Choice(phrases, optional=match["group"] is None),)

    def _phrase(self, text: str) -> Line:
        words = text.split()
        if not words:
            raise PatternError("there is an empty place beside '|'; fill or remove it")
        if _GAP.search(text):
            return tuple(part for match in _parts(text) for part in self.part(match))
        # Nearly all of the 70,000 phrases are words and nothing else: no need to look for signs.
        found: list[Word | Gap | Choice] = []
        for word in words:
            found.extend(self.read_before.get(word) or self._atom(word))
        return tuple(found)

    def _atom(self, text: str) -> Line:
        found = self.read_before.get(text)
        if found is None:
            found = self.read_before[text] = self._read_atom(text)
        return found

    def _read_atom(self, text: str) -> Line:
        if text.startswith("@"):
            return (Choice(tuple(self._phrase(member) for member in self._members(text[1:]))),)
        if number := _NUMBER.fullmatch(text):
            return (Word(least=int(number[1])),)
        folded = fold_word(text)
        if not _WORD.fullmatch(folded):
            raise PatternError(f"'{text}' is neither a word nor a sign of the pattern language")
        if folded.endswith("*"):
            return (Word(prefix=folded[:-1]),)
        return tuple(Word(exact=word) for word in self.words.written_out(folded))

    def _members(self, name: str) -> Sequence[str]:
        if name not in self.sets:
            known = ", ".join(sorted(self.sets)) or "none"
            raise PatternError(f"there is no set '@{name}'; known: {known}")
        return self.sets[name]
