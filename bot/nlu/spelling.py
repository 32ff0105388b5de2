"""Mends a mistyped word before its text is read, when exactly one slip of a thumb explains it.

A word is left alone when an example has it, or when the encoder knows it whole: it is a real word,
perhaps of something we never wrote about. The words to mend towards are those of the examples
themselves, so that a new topic brings its own. Only what Rasa reads is mended: danger is looked for
in her own words (decision 0003).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum

_WORD = re.compile(r"[^\W\d_]+")
# Fewer letters fit too many words.
_SHORTEST = 4
# A word of one or two examples may be somebody's slip itself.
_OFTEN = 3
_VOWELS = frozenset("aeiouyáéíóú")
# Letters that sound alike in one of the two languages are taken for each other by who writes as she
# speaks, even at the beginning of a word.
_ALIKE = (_VOWELS, *map(frozenset, ("bv", "sczx", "kcq", "gjh", "nñ")))


class Slip(IntEnum):
    """How a word came to be mistyped, the likeliest first."""

    DROPPED_VOWEL = 0
    SMALL = 1  # a letter dropped or doubled, two swapped, one for another that sounds alike
    OTHER = 2  # one letter too many, or a wrong one


class Spelling:
    """The words of the examples, and how often each is met.

    :param counted: word in small letters to the number of examples that have it.
    :param is_real: does the encoder know this word whole?
    """

    def __init__(self, counted: Mapping[str, int], is_real: Callable[[str], bool]) -> None:
        self.counted = dict(counted)
        self._is_real = is_real
        self._shortened: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self.counted):
            if self.counted[word] >= _OFTEN and len(word) >= _SHORTEST - 1:
                for key in {word, *_one_less(word)}:
                    self._shortened[key].append(word)

    def mended(self, text: str) -> str:
        """The text with its mistyped words put right."""
        return _WORD.sub(lambda found: self._mended(found.group()), text)

    def _mended(self, word: str) -> str:
        if len(word) < _SHORTEST or word in self.counted or self._is_real(word):
            return word
        near = {one for key in (word, *_one_less(word)) for one in self._shortened.get(key, ())}
        slips = ((slip_between(word, one), one) for one in near)
        # In a short word a wrong letter more often makes another word than a mistyped one.
        worst = Slip.OTHER if len(word) > _SHORTEST else Slip.SMALL
        fitting = [(slip, -self.counted[one], one) for slip, one in slips if _is_at(slip, worst)]
        return min(fitting)[2] if fitting else word


def count_words(texts: Iterable[str]) -> dict[str, int]:
    """In how many texts each word stands."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(set(_WORD.findall(text)))
    return dict(counted)


def slip_between(typed: str, meant: str) -> Slip | None:
    """The one slip that makes this word of that one; none if it takes more, or another beginning.

    >>> slip_between("tird", "tired")
    <Slip.DROPPED_VOWEL: 0>
    """
    if len(typed) == len(meant):
        return _changed(typed, meant)
    if abs(len(typed) - len(meant)) > 1:
        return None
    shorter, longer = sorted((typed, meant), key=len)
    for at in range(len(longer)):
        if at == 0 and longer[0] != "h":  # mute in Spanish
            continue
        if longer[:at] + longer[at + 1 :] == shorter:
            doubled = longer[at] in (longer[at - 1], longer[at + 1 : at + 2])
            if longer is meant:
                return Slip.DROPPED_VOWEL if doubled or longer[at] in _VOWELS else Slip.SMALL
            return Slip.SMALL if doubled else Slip.OTHER
    return None


def _changed(typed: str, meant: str) -> Slip | None:
    places = [at for at in range(len(typed)) if typed[at] != meant[at]]
    if len(places) == 1:
        letters = {typed[places[0]], meant[places[0]]}
        if any(letters <= alike for alike in _ALIKE):
            return Slip.SMALL
        return Slip.OTHER if places[0] > 0 else None
    swapped = len(places) == 2 and places[1] == places[0] + 1
    if swapped and typed[places[0]] == meant[places[1]] and typed[places[1]] == meant[places[0]]:
        return Slip.SMALL
    return None


def _one_less(word: str) -> Iterable[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _is_at(slip: Slip | None, worst: Slip) -> bool:
    return slip is not None and slip <= worst
