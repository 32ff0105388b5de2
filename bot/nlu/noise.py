"""Roughens a tidy example the way thumbs do at 3 a.m., so that training has seen such texts.

Used at training time only. The same text always gives the same noise: a model can be made again.
"""

import random
import re
import unicodedata
from collections.abc import Callable

SHORTHAND: dict[str, str] = {
    "you": "u",
    "your": "ur",
    "are": "r",
    "because": "bc",
    "about": "abt",
    "please": "pls",
    "tomorrow": "tmrw",
    "tonight": "tn",
    "with": "w",
    "without": "wo",
    "to": "2",
    "for": "4",
    "before": "b4",
    "people": "ppl",
    "really": "rly",
    "thanks": "thx",
    "message": "msg",
    "know": "kno",
    "what": "wat",
    "going": "goin",
    "have": "hv",
    "just": "jst",
    "que": "q",
    "porque": "xq",
    "por": "x",
    "para": "pa",
    "tambien": "tmb",
    "mucho": "mxo",
    "estoy": "toy",
    "bebe": "bb",
    "donde": "dnd",
    "cuando": "cdo",
    "como": "cmo",
    "hola": "ola",
    "quiero": "kiero",
}
FILLERS: tuple[str, ...] = ("ugh", "hey", "um", "so", "ok", "sorry", "oye", "pues", "ay", "idk")
_WORD = re.compile(r"[^\W\d_]+")


def roughen(text: str, *, seed: int) -> str:
    """The same text as a tired person might have typed it.

    :param seed: another seed gives another roughening; the same seed and text give the same.
    """
    # A text seed, not a tuple: Python's hash of text differs between runs.
    dice = random.Random(f"{seed}:{text}")
    for change, chance in CHANGES:
        if dice.random() < chance:
            text = change(text, dice)
    return text or "?"


def without_accents(text: str, dice: random.Random) -> str:
    """Accents and the tilde dropped, as most phones' users do."""
    marks = unicodedata.normalize("NFD", text)
    return "".join(mark for mark in marks if not unicodedata.combining(mark))


def without_punctuation(text: str, dice: random.Random) -> str:
    """No commas, stops or apostrophes, all in small letters."""
    return " ".join(re.sub(r"[^\w\s]", "", text.lower()).split())


def with_shorthand(text: str, dice: random.Random) -> str:
    """Some whole words as shorthand: you → u, que → q."""

    def shorten(word: str) -> str:
        short = SHORTHAND.get(word.lower())
        return short if short and dice.random() < 0.7 else word

    return " ".join(shorten(word) for word in text.split())


def with_dropped_vowels(text: str, dice: random.Random) -> str:
    """One or two longer words lose a vowel inside."""
    return _in_some_words(text, dice, _drop_vowel)


def with_swaps(text: str, dice: random.Random) -> str:
    """One or two longer words have two neighbouring letters changed about."""
    return _in_some_words(text, dice, _swap)


def with_slips(text: str, dice: random.Random) -> str:
    """One or two longer words lose or double a letter."""
    return _in_some_words(text, dice, _slip)


def with_lost_space(text: str, dice: random.Random) -> str:
    """Two words run together."""
    words = text.split()
    if len(words) < 3:
        return text
    at = dice.randrange(len(words) - 1)
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def with_filler(text: str, dice: random.Random) -> str:
    """A word in front that says nothing."""
    return f"{dice.choice(FILLERS)} {text}"


Change = Callable[[str, random.Random], str]
CHANGES: list[tuple[Change, float]] = [
    (without_accents, 0.6),
    (without_punctuation, 0.6),
    (with_shorthand, 0.6),
    (with_dropped_vowels, 0.4),
    (with_swaps, 0.3),
    (with_slips, 0.3),
    (with_lost_space, 0.15),
    (with_filler, 0.1),
]


def _in_some_words(text: str, dice: random.Random, change: Callable[..., str]) -> str:
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) >= 4 and _WORD.fullmatch(word)]
    for at in dice.sample(long, k=min(len(long), dice.choice((1, 1, 2)))):
        words[at] = change(words[at], dice)
    return " ".join(words)


def _drop_vowel(word: str, dice: random.Random) -> str:
    inside = [at for at in range(1, len(word)) if word[at] in "aeiouáéíóú"]
    if not inside:
        return word
    at = dice.choice(inside)
    return word[:at] + word[at + 1 :]


def _swap(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _slip(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word))
    return word[:at] + (word[at] * 2 if dice.random() < 0.5 else "") + word[at + 1 :]
