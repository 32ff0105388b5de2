"""What the classifier sees of a text's wording: its words and groups of letters, as numbers.

Each group is hashed to a bucket (the *hashing trick*), so that nothing of the training texts has to
be kept, and a word nobody has ever written still has its letters to be known by.
Source: Weinberger et al. 2009, Feature Hashing for Large Scale Multitask Learning.
"""

import re
from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.crisis.normalise import Token
from bot.crisis.word_table import fold_character

BUCKETS = 1 << 17
WORDS_IN_A_GROUP = range(1, 4)
LETTERS_IN_A_GROUP = range(2, 6)
_MASK = BUCKETS - 1
# Odd numbers without a pattern in their digits; what they are does not matter.
_TIMES, _MORE, _SPREAD = np.uint64(0x100000001B3), np.uint64(0x9E37), np.uint64(0x9E3779B97F4A7C15)
_SPACES = re.compile(r"[^a-z0-9'!?:;()]+")

Buckets = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]


def ngrams(text: str, tokens: Sequence[Token]) -> tuple[Buckets, Weights]:
    """Buckets of this text and how much each counts; words and letters have length 1 each.

    :param tokens: the text as plain words, shorthand and slips already mended.
    :returns: bucket numbers below ``BUCKETS``, each once, and their weights, as long.
    """
    groups = _word_groups([token.word for token in tokens])
    words = _counted(np.fromiter(groups, dtype=np.int64))
    letters = _counted(_letter_groups(text))
    return np.concatenate([words[0], letters[0]]), np.concatenate([words[1], letters[1]])


def word_bucket(*words: str) -> int:
    """The bucket of a group of one to three words; ``^`` and ``$`` are the borders of a text."""
    return crc32(b" ".join(word.encode() for word in words), len(words)) & _MASK


def _word_groups(words: list[str]) -> Iterable[int]:
    around = [b"^", *(word.encode() for word in words), b"$"]
    for size in WORDS_IN_A_GROUP:
        for start in range(len(around) - size + 1):
            yield crc32(b" ".join(around[start : start + size]), size) & _MASK


def _letter_groups(text: str) -> Buckets:
    """All groups at once: a text has some hundreds of them, and each text waits for them."""
    plain = text.lower() if text.isascii() else "".join(map(fold_character, text))
    words = [f"_{word}_".encode() for word in _SPACES.split(plain) if word]
    letters = np.frombuffer(b"".join(words), dtype=np.uint8).astype(np.uint64)
    of_word = np.repeat(np.arange(len(words)), [len(word) for word in words])
    found = []
    number = np.zeros(len(letters) + 1, dtype=np.uint64)
    for size in range(1, max(LETTERS_IN_A_GROUP) + 1):
        # The letters of each group as one number, the group before with one letter more.
        number = number[:-1] * _TIMES + letters[size - 1 :] + _MORE
        if size in LETTERS_IN_A_GROUP and len(number):
            in_one_word = of_word[size - 1 :] == of_word[: len(number)]
            found.append(number[in_one_word])
        if not len(number):
            break
    return _spread(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _spread(numbers: npt.NDArray[np.uint64]) -> Buckets:
    """Numbers to buckets: the upper digits of a product (Knuth, multiplicative hashing)."""
    return ((numbers * _SPREAD) >> np.uint64(64 - BUCKETS.bit_length() + 1)).astype(np.int64)


def _counted(buckets: Buckets) -> tuple[Buckets, Weights]:
    numbers, counts = np.unique(buckets, return_counts=True)
    weights = (1.0 + np.log(counts)).astype(np.float32)
    length = float(np.sqrt(np.dot(weights, weights))) or 1.0
    return numbers, weights / np.float32(length)
