"""From her text to tokens: words, numbers and signs, whatever her phone made of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.plain_words import plain

NUMBER_WORDS = {
    word: str(number)
    for words in (
        "zero one two three four five six seven eight nine ten",
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
    )
    for number, word in enumerate(words.split())
}

TOKEN = re.compile(
    r"(?P<always>24/7)"
    r"|(?P<clock>\d{1,2}:\d\d(?!\d))"
    r"|(?P<between>\d+[.,]\d+(?![^\W_]))"
    r"|(?P<below>(?<![^\s])-\d+(?![^\W_]))"
    r"|(?P<number>\d+)(?:[ -]?ish)?(?P<plus>\+?)(?![^\W_])"
    r"|(?P<inside>(?<=[^\W\d_])-(?=[^\W\d_]))"
    r"|(?P<word>[^\W_]+)"
    r"|(?P<ask>\?)"
    r"|(?P<stop>[.!;:\n]+)"
    r"|(?P<comma>[,/()=*_-])"
)


@dataclass(frozen=True)
class Token:
    """A word, a number or a sign; ``text`` is lower case, without accents."""

    kind: str
    text: str


def tokens_of(text: str) -> Iterator[Token]:
    """Her text, cut into words, numbers and signs."""
    for match in TOKEN.finditer(plain(text)):
        kind, found = str(match.lastgroup), match.group()
        if kind == "plus":  # lastgroup names the last group that took part
            plus = bool(match.group("plus"))
            yield Token("more" if plus else "number", digits(match.group("number")))
        elif kind == "word" and found in NUMBER_WORDS:
            yield Token("number", NUMBER_WORDS[found])
        elif kind != "inside":
            yield Token("word" if kind in {"always", "clock"} else kind, found)


def digits(found: str) -> str:
    """ASCII digits without leading zeros; a number too long to be a score is only "too long"."""
    digits = "".join(str(int(character)) for character in found[:40]).lstrip("0") or "0"
    return digits if len(found) <= 40 else "9" * 40
