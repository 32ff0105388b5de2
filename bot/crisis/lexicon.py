"""The words that the patterns know. Every other word of hers becomes one blank before matching.

Each known word gets one character, so a text becomes a short row of characters, and a pattern line
an ordinary regular expression over them. Nothing here grows with what patients write: no leak, and
nothing of hers stays.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from bot.crisis.pattern_lines import END, START, STOP, Line, Word, words_of

# Places between the ASCII signs, which have a meaning in regular expressions, and the surrogates.
_FIRST_CODE = 0x3400
_UNKNOWN = "_"


class Lexicon:
    """Maps a word of hers to the character that stands for it in the patterns."""

    def __init__(self, lines: Iterable[Line], *, more: Iterable[str] = ()) -> None:
        places = {word for line in lines for word in words_of(line)}
        self.words = frozenset(w.exact for w in places if w.exact) | frozenset(more) | {STOP}
        self._prefixes = frozenset(w.prefix for w in places if w.prefix)
        self._in_order, self._prefixes_in_order = sorted(self.words), sorted(self._prefixes)
        self._numbers = sorted({0} | {w.least for w in places if w.least is not None})
        lengths = [len(prefix) for prefix in self._prefixes]
        self._lengths = range(max(lengths, default=0), min(lengths, default=1) - 1, -1)
        symbols = [
            _UNKNOWN,
            *self._in_order,
            *(prefix + "*" for prefix in self._prefixes_in_order),
            *(f"#{number}" for number in self._numbers),
        ]
        self._codes = {symbol: chr(_FIRST_CODE + place) for place, symbol in enumerate(symbols)}

    def knows(self, word: str) -> bool:
        """Does any pattern ask for this word?"""
        return word in self.words or self._prefix(word) is not None

    def code(self, word: str) -> str:
        """The character for a folded word; the blank's if no pattern asks for it."""
        if word in self.words:
            return self._codes[word]
        if word.isdecimal():
            value = int(word[:9])
            least = self._numbers[bisect_right(self._numbers, value) - 1]
            return self._codes[f"#{least}"]
        prefix = self._prefix(word)
        return self._codes[_UNKNOWN if prefix is None else prefix + "*"]

    def codes(self, words: Iterable[str]) -> frozenset[str]:
        """The characters of several words."""
        return frozenset(self.code(word) for word in words)

    def codes_for(self, word: Word) -> frozenset[str]:
        """All characters that may stand at this place of a line."""
        if word.exact:
            borders = {START, END} & {word.exact}
            return frozenset(self._codes[w] for w in {word.exact, STOP if borders else word.exact})
        if word.least is not None:
            least = word.least
            numbers = {f"#{n}" for n in self._numbers if n >= least}
            numbers |= {w for w in self.words if w.isdecimal() and int(w) >= least}
            return frozenset(self._codes[symbol] for symbol in numbers)
        longer = [*_beginning(self._in_order, word.prefix)]
        longer += [p + "*" for p in _beginning(self._prefixes_in_order, word.prefix)]
        return frozenset(self._codes[symbol] for symbol in longer)

    def _prefix(self, word: str) -> str | None:
        """The longest asked-for beginning of the word."""
        beginnings = (word[:length] for length in self._lengths if length <= len(word))
        return next((b for b in beginnings if b in self._prefixes), None)


def _beginning(in_order: Sequence[str], prefix: str) -> Sequence[str]:
    """The words that begin so: neighbours, where words stand in order."""
    first = bisect_left(in_order, prefix)
    # The last character there is: no word with this beginning comes after it.
    return in_order[first : bisect_left(in_order, prefix + chr(0x10FFFF), first)]
