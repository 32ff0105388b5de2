"""The third reader: does a text resemble invented texts of danger more than all the others?

Sentence vectors are turned to the few axes along which the invented texts differ most. The texts
that lie nearest to hers are found on both sides, danger and not; the side that lies nearer wins
votes. It hears what no straight line through all texts can: a small group of its own, such as
questions about doses. Measured in docs/decisions/0020.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float32]

# So many texts of each side are asked; a single one may be mislabelled.
ASKED = 20
_AT_ONCE = 1024


@dataclass(frozen=True)
class Neighbours:
    """The invented texts as short vectors, each of length 1.

    :param centre: the mean of their sentence vectors.
    :param axes: a column for each axis.
    :param danger: a row for each text of danger, those that may page first.
    :param may_page: how many of these may page.
    :param others: a row for each other text.
    """

    centre: Numbers
    axes: Numbers
    danger: Numbers
    may_page: int
    others: Numbers

    def votes(self, vectors: Numbers) -> Numbers:
        """How much nearer danger is than the rest: a row for each vector; columns ask, page."""
        return np.vstack(
            [
                self._votes(vectors[start : start + _AT_ONCE])
                for start in range(0, len(vectors), _AT_ONCE)
            ]
        )

    def _votes(self, vectors: Numbers) -> Numbers:
        short = shortened(vectors, self.centre, self.axes)
        danger = short @ self.danger.T
        calm = _nearest(short @ self.others.T)
        sides = (_nearest(danger), _nearest(danger[:, : self.may_page]))
        votes: Numbers = np.stack([side - calm for side in sides], axis=1)
        return votes


def shortened(vectors: Numbers, centre: Numbers, axes: Numbers) -> Numbers:
    """The same texts on fewer axes, each of length 1 again."""
    short = (vectors - centre) @ axes
    lengths = np.maximum(np.linalg.norm(short, axis=1, keepdims=True), np.float32(1e-6))
    nearer: Numbers = (short / lengths).astype(np.float32)
    return nearer


def _nearest(likeness: Numbers) -> Numbers:
    """The mean likeness of the few that are most alike, for each row."""
    few = min(ASKED, likeness.shape[1])
    if few == 0:
        return np.zeros(len(likeness), dtype=np.float32)
    nearest: Numbers = np.partition(likeness, -few, axis=1)[:, -few:].mean(axis=1)
    return nearest
