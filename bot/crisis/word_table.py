"""How people write in texts: short forms, code words, emoji, misspellings; from ``words.yml``."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

# Letters of other scripts that look like ours and get past a word list.
_LOOKALIKES = str.maketrans("аеорсухіјѕ", "aeopcyxijs")
_QUOTES = dict.fromkeys("‘’‛ʼ`´′", "'")


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """The character without accent and case; nothing for marks that cannot be seen."""
    if character in _QUOTES:
        return "'"
    if character == "…":
        return "..."
    decomposed = unicodedata.normalize("NFKD", character)
    kept = (c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf", "Me"})
    return "".join(kept).casefold().translate(_LOOKALIKES)


def fold_word(word: str) -> str:
    """A whole word without accents and case."""
    return "".join(fold_character(character) for character in word)


@dataclass(frozen=True)
class WordTable:
    """What ``data/crisis/words.yml`` says about spelling; all words folded.

    :param short_forms: short or coded form, one to three words → written out.
    :param emoji: the sign → its name between colons, such as ``:gun:``.
    :param disguised: words that people hide (stars, digits for letters, run together).
    :param misspelt: long words that are also found with one wrong letter.
    :param not_misspelt: real words that look like a misspelling of those.
    :param negators: words that turn what follows into its contrary.
    :param negation_ends: words that end the reach of a negator.
    :param common: words in nearly every text; they do not count where phrases overlap.
    """

    short_forms: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    emoji: Mapping[str, str] = field(default_factory=dict)
    disguised: frozenset[str] = frozenset()
    misspelt: frozenset[str] = frozenset()
    not_misspelt: frozenset[str] = frozenset()
    negators: frozenset[str] = frozenset()
    negation_ends: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()

    @cached_property
    def longest_short_form(self) -> int:
        return max((len(short) for short in self.short_forms), default=1)

    @cached_property
    def short_words(self) -> frozenset[str]:
        """Short forms of one word."""
        return frozenset(short[0] for short in self.short_forms if len(short) == 1)

    @cached_property
    def first_words(self) -> frozenset[str]:
        """Words with which any short form begins."""
        return frozenset(short[0] for short in self.short_forms)

    def written_out(self, word: str) -> tuple[str, ...]:
        """A folded word in full: *can't* → *can*, *not*; the possessive *'s* is dropped."""
        for spelling in (word, word.replace("'", "")):
            if (spelling,) in self.short_forms:
                return self.short_forms[(spelling,)]
        return (word.removesuffix("'s").replace("'", ""),)

    @cached_property
    def misspellings(self) -> Mapping[str, str]:
        """Every one-letter slip of the long words → the word; the first letter is always right."""
        found: dict[str, str] = {}
        for word in sorted(self.misspelt):
            for slip in _slips(word):
                found.setdefault(slip, word)
        for real in self.misspelt | self.not_misspelt | self.disguised:
            found.pop(real, None)
        return found


def _slips(word: str) -> set[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    cuts = [(word[:i], word[i:]) for i in range(1, len(word) + 1)]
    return (
        {a + b[1:] for a, b in cuts if b}
        | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
        | {a + c + b[1:] for a, b in cuts if b for c in letters}
        | {a + c + b for a, b in cuts for c in letters}
    )
