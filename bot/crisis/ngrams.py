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
_SPACES = re.compile(r"[^a-z0-9'!?:;()]+")

Buckets = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]


def ngrams(text: str, tokens: Sequence[Token]) -> tuple[Buckets, Weights]:
    """Buckets of this text and how much each counts; words and letters have length 1 each.

    :param tokens: the text as plain words, shorthand and slips already mended.
    :returns: bucket numbers below ``BUCKETS``, each once, and their weights, as long.
    """
    words = _counted(_word_groups([token.word for token in tokens]))
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


def _letter_groups(text: str) -> Iterable[int]:
    plain = text.lower() if text.isascii() else "".join(map(fold_character, text))
    for word in _SPACES.split(plain):
        if not word:
            continue
        around = f"_{word}_".encode()
        for size in LETTERS_IN_A_GROUP:
            for start in range(len(around) - size + 1):
                yield crc32(around[start : start + size], 100 + size) & _MASK


def _counted(buckets: Iterable[int]) -> tuple[Buckets, Weights]:
    numbers, counts = np.unique(np.fromiter(buckets, dtype=np.int64), return_counts=True)
    weights = (1.0 + np.log(counts)).astype(np.float32)
    length = float(np.sqrt(np.dot(weights, weights))) or 1.0
    return numbers, weights / np.float32(length)
