"""Numbers for the spelling of a text: which words and groups of letters are in it.

The encoder knows what a text means and hardly how it is written: to it "in English, please" and "in
Spanish, please" are all but the same, and a misspelt word is another word. Words, pairs
of words and groups of letters tell the two apart, and the groups survive a typo. Nothing here is
learned: each counts in a few places of a short row, places and signs being taken from a digest of
it, so that the row is cheap to fit on.
"""

import hashlib
import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

WIDTH = 512
_PLACES = 4
_SHORTEST, _LONGEST = 3, 4
# Words that every topic is full of say little about which topic it is.
_COMMON_LIST = (
    "a an and are at be can did do does for from had has have he her him his how i if im in is it "
    "its me my of on or out she so that the they this to was we what when where which who why will "
    "with you your al con de del e el en es esta este esto hay la las le lo los me mi mis o para "
    "pero por puedo que se si son su te tengo un una y ya"
)
_COMMON = frozenset(_COMMON_LIST.split())
_COMMON_COUNTS = 0.3
_WORD = re.compile(r"[^\W_]+")


def rows(texts: list[str]) -> "np.ndarray[Any, Any]":
    """One row of length 1 for each text; no letters, no length."""
    found = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, text in zip(found, texts, strict=True):
        words = words_of(text)
        for word in words:
            row += _row_of_word(word)
        for pair in pairwise(words):
            _add(row, " ".join(pair), 1.0)
        length = np.linalg.norm(row)
        if length:
            row /= length
    return found


def words_of(text: str) -> list[str]:
    """The words of a text; accents, capitals and apostrophes make no difference."""
    plain = unicodedata.normalize("NFD", text.lower().replace("'", ""))
    return _WORD.findall("".join(mark for mark in plain if not unicodedata.combining(mark)))


def groups(word: str) -> Iterator[str]:
    """The word itself and its groups of letters; its ends are marked."""
    marked = f"<{word}>"
    yield marked
    for size in range(_SHORTEST, min(_LONGEST, len(marked) - 1) + 1):
        for at in range(len(marked) - size + 1):
            yield marked[at : at + size]


@lru_cache(maxsize=20_000)
def _row_of_word(word: str) -> "np.ndarray[Any, Any]":
    row = np.zeros(WIDTH, dtype=np.float32)
    for group in groups(word):
        _add(row, group, _COMMON_COUNTS if word in _COMMON else 1.0)
    return row


def _add(row: "np.ndarray[Any, Any]", group: str, weight: float) -> None:
    """Count the group in its few places of the row, each with its sign."""
    digest = hashlib.blake2b(group.encode(), digest_size=4 * _PLACES).digest()
    for number in struct.unpack(f"<{_PLACES}I", digest):
        row[(number >> 1) % WIDTH] += weight if number & 1 else -weight
