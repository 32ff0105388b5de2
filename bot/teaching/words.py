"""Cuts a text into words that can be compared: one shape for every way of writing one."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.plain_words import unaccented

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_REPEATED = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Word:
    """One word, folded, and where it stands: ``text[start:end]``.

    :param starts: the first word of a sentence, where a capital letter says nothing.
    """

    folded: str
    written: str
    start: int
    end: int
    starts: bool


def fold(text: str) -> str:
    """Lower case, no accents, no marks without a shape; look-alikes of our letters stay strange."""
    return unaccented(text.casefold().replace("’", "'"))


def cleaned(text: str) -> str:
    """The text without characters that nobody sees, and with single spaces."""
    shown = "".join(one for one in text if unicodedata.category(one) not in ("Cf", "Cc", "Co"))
    return " ".join(unicodedata.normalize("NFC", shown).split())


def words_of(text: str) -> list[Word]:
    """The words of a text in order."""
    found: list[Word] = []
    for token in _TOKEN.finditer(text):
        before = text[: token.start()].rstrip(" \"'¿¡(-*")
        starts = not before or before[-1] in ".!?\n:;"
        found.append(Word(fold(token[0]), token[0], token.start(), token.end(), starts))
    return found


def stem(folded: str) -> str:
    """The word without lengthening: *sooooo* is *so*."""
    return _REPEATED.sub(r"\1", folded)


def vocabulary(
    texts: Iterable[str], *, without: frozenset[str], also: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Every word of these texts: what may be said without being a name.

    :param also: further ordinary words.
    :param without: words that are names or places, wherever they were picked up.
    """
    found = {word.folded for text in texts for word in words_of(text)}
    found |= {fold(word) for word in also}
    found |= {stem(word) for word in found} | {word.replace("'", "") for word in found}
    return frozenset(word for word in found if not word.isdigit()) - without
