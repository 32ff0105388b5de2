"""A crisis classifier small enough to reason about: it votes by single words."""

from collections.abc import Mapping

import numpy as np

from bot.core.levels import Category, Level
from bot.crisis.encoder import WIDTH
from bot.crisis.model import CrisisModel, Guess, Label, Reader, Thresholds, Trust
from bot.crisis.neighbours import Neighbours
from bot.crisis.ngrams import BUCKETS, word_bucket
from bot.crisis.word_neighbours import WordNeighbours

SUICIDE = Label("suicide", Category.SUICIDE, Guess.PAGE, "crisis_ask")
INTRUSIVE = Label("intrusive", Category.INTRUSIVE_THOUGHTS, Guess.ASK, "crisis_intrusive")
OVERDOSE = Label("overdose", Category.OVERDOSE, Guess.PAGE, "crisis_body", Level.URGENT)
LABELS = (SUICIDE, INTRUSIVE, OVERDOSE)
# A text of one word has six groups, "^", "word", "$", "^ word", "word $" and "^ word $".
# Its letters are as long as its words, and both together have length 1.
SIX_GROUPS = (2 * 6) ** 0.5


def small_model(
    votes: Mapping[str, tuple[float, float]],
    *,
    label: Label = SUICIDE,
    thresholds: Thresholds | None = None,
) -> CrisisModel:
    """A model that knows a few words.

    :param votes: word → what it adds to *ask* and to *page*, as log odds; all else is harmless.
    :param label: what every danger is called.
    """
    weights = np.zeros((BUCKETS, len(LABELS) + 2), dtype=np.float32)
    bias = np.zeros(len(LABELS) + 2, dtype=np.float32)
    bias[:2] = -10.0
    bias[2 + LABELS.index(label)] = 1.0
    for word, (ask, page) in votes.items():
        weights[word_bucket(word), :2] = np.array([ask + 10.0, page + 10.0]) * SIX_GROUPS
    return CrisisModel(
        labels=LABELS,
        thresholds=thresholds or Thresholds(ask=0.5, page=0.9, look=1.0),
        rarity=np.ones(BUCKETS, dtype=np.float32),
        wording=Reader(weights, bias),
        meaning=Reader(
            np.zeros((WIDTH, len(LABELS) + 2), dtype=np.float32),
            np.zeros(len(LABELS) + 2, dtype=np.float32),
        ),
        neighbours=Neighbours(
            centre=np.zeros(WIDTH, dtype=np.float32),
            axes=np.zeros((WIDTH, 2), dtype=np.float32),
            danger=np.zeros((1, 2), dtype=np.float32),
            may_page=1,
            others=np.zeros((1, 2), dtype=np.float32),
        ),
        word_neighbours=WordNeighbours(
            starts=np.zeros(BUCKETS + 1, dtype=np.uint32),
            texts=np.zeros(0, dtype=np.uint32),
            weights=np.zeros(0, dtype=np.float32),
            may_page=1,
            danger=1,
            size=2,
        ),
        trust=Trust(ask=0.5, page=0.5, kinds=0.5, neighbours=20.0, word_neighbours=30.0),
        fingerprint="0" * 64,
    )
