"""The fourth reader: which invented texts share rare words and letters with hers?

What most texts hold says little of whom a text is like; what few hold says much ("stones in my
pockets"). So only groups of words and letters that few invented texts hold are compared. The texts
that share most are found on both sides, danger and not; the side that shares more wins votes.
Measured in docs/decisions/0020.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.crisis.ngrams import Buckets, Weights

Numbers = npt.NDArray[np.float32]
Places = npt.NDArray[np.uint32]

# So many texts of each side are asked; a single one may be mislabelled.
ASKED = 8
# A group that more texts hold than this is about anything.
RARE = 200


@dataclass(frozen=True)
class WordNeighbours:
    """The invented texts by the rare groups that they hold (an inverted index).

    Texts are numbered: danger that may page, other danger, then all others.

    :param starts: for each bucket, where its texts begin in ``texts``; one number more at the end.
    :param texts: the numbers of the texts that hold each bucket, bucket by bucket.
    :param weights: how much that bucket counts in that text; each whole text is of length 1.
    :param may_page: how many texts may page.
    :param danger: how many are danger at all.
    :param size: how many texts there are.
    """

    starts: Places
    texts: Places
    weights: Numbers
    may_page: int
    danger: int
    size: int

    def votes(self, buckets: Buckets, counted: Weights) -> Numbers:
        """How much more danger shares with this text than the rest does: *ask*, then *page*.

        :param buckets: what the text holds, each once.
        :param counted: how much each counts; together of length 1.
        """
        begin = self.starts[buckets].astype(np.int64)
        held_by = self.starts[buckets + 1] - begin
        before = np.cumsum(held_by) - held_by
        # Where each bucket's texts lie, one after the other.
        entries = np.repeat(begin - before, held_by) + np.arange(held_by.sum())
        shares = np.repeat(counted, held_by) * self.weights[entries]
        shared = np.bincount(self.texts[entries], weights=shares, minlength=self.size)
        calm = _most(shared[self.danger :])
        sides = (_most(shared[: self.danger]), _most(shared[: self.may_page]))
        return np.array([side - calm for side in sides], dtype=np.float32)


def _most(shared: npt.NDArray[np.float64]) -> float:
    """The mean of what the few texts share that share most."""
    some = shared[np.flatnonzero(shared)]
    if len(some) > ASKED:
        some = np.partition(some, -ASKED)[-ASKED:]
    return float(some.sum()) / ASKED
