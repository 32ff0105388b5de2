"""Fits the crisis classifier's readers, and says how well readers do on texts they never saw.

Three questions are learned apart: may this be danger (*ask*), may it page (*page*), and which kind
of danger is it. Kinds that few texts teach count as much as those that many do; otherwise nearly
everything would be taken for suicide, and she would hear the wrong text.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]  # no types
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # no types
from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]  # no types
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]  # no types

from bot.content.classifier import Lesson
from bot.crisis.model import Reader, Trust
from bot.crisis.neighbours import Neighbours, shortened
from bot.crisis.word_neighbours import RARE, WordNeighbours
from bot.training import both_cores

# Chosen on the development texts and by cross-validation; docs/decisions/0020 has the comparison.
FOLDS = 2
SEED = 1
STRICTNESS_OF_WORDING = 3.0
STRICTNESS_OF_MEANING = 1.0
LENGTH_OF_VECTORS = 8.0
TRUST = Trust(ask=0.3, page=0.2, kinds=0.5, neighbours=20.0, word_neighbours=30.0)
# A group of words or letters counts by the logarithm of how few texts hold it, to this power.
RARITY = 1.5
# Neighbours are compared along so many axes; more of them let in what texts happen to be about.
AXES = 128
# Kinds: how far a rare kind's texts count more than a common one's (0 not at all, 1 until equal),
# how strict the reader of wording is, and how much its votes count.
EVENNESS = 1.0
STRICTNESS_OF_KINDS_BY_WORDING = 0.3
SCALE_OF_KINDS_BY_WORDING = 3.0

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Column = tuple[Floats, float]
Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """All examples as numbers.

    :param wording: a sparse matrix, a row for each text.
    :param label: place of the label, -1 for no danger.
    """

    wording: Any  # scipy has no types
    meaning: npt.NDArray[np.float32]
    label: Rows
    near: Truths
    may_page: Truths

    def part(self, rows: Rows) -> "Seen":
        """Some of them."""
        return Seen(
            self.wording[rows],
            self.meaning[rows],
            self.label[rows],
            self.near[rows],
            self.may_page[rows],
        )


@dataclass(frozen=True)
class Votes:
    """What readers that had not seen a text say of it, a row for each text.

    :param kinds: a column for each label.
    """

    ask: Floats
    page: Floats
    ask_by_wording: Floats
    kinds: Floats


@dataclass(frozen=True)
class Fitted:
    """All readers, fitted on the same examples; ``bot/crisis/model.py`` says what each is."""

    rarity: Numbers
    wording: Reader
    meaning: Reader
    neighbours: Neighbours
    word_neighbours: WordNeighbours


def fit(lesson: Lesson, seen: Seen) -> Fitted:
    """All readers, fitted on these examples."""
    rarity = _rarity(seen.wording)
    rare = counted_by(rarity, seen.wording)
    long = seen.meaning * np.float32(LENGTH_OF_VECTORS)
    wording = _danger(lesson, seen, rare, "liblinear", STRICTNESS_OF_WORDING)
    # The other solver is eight times as slow where every number counts.
    meaning = _danger(lesson, seen, long, "lbfgs", STRICTNESS_OF_MEANING)
    among = np.flatnonzero(seen.label >= 0)
    labels = seen.label[among]
    weights = _evened(labels, len(lesson.labels))
    by_wording = _kinds_by_wording(rare[among], labels, weights)
    by_meaning = _kinds_by_meaning(long[among], labels, weights)
    return Fitted(
        rarity=rarity,
        wording=_reader([*wording, *by_wording]),
        meaning=_reader([*meaning, *by_meaning], LENGTH_OF_VECTORS),
        neighbours=_neighbours(seen),
        word_neighbours=_word_neighbours(seen, rare),
    )


def _rarity(wording: Any) -> Numbers:
    """How much each bucket counts (Sparck Jones 1972, inverse document frequency)."""
    texts = wording.shape[0]
    # A word and a group of letters of one text may share a bucket: it counts twice, not more.
    held_by = np.minimum(np.bincount(wording.indices, minlength=wording.shape[1]), texts)
    numbers: Numbers = (np.log((texts + 1) / (held_by + 1)) ** RARITY).astype(np.float32)
    # As exact as the file keeps them, so that the model is the same before and after.
    return numbers.astype(np.float16).astype(np.float32)


def counted_by(rarity: Numbers, wording: Any) -> Any:
    """Each text's groups by their rarity, and each text of length 1."""
    rare = wording @ sparse.diags(rarity)
    lengths = np.sqrt(np.asarray(rare.multiply(rare).sum(axis=1))).ravel()
    lengths[lengths == 0] = 1.0
    return sparse.csr_matrix(sparse.diags(1.0 / lengths) @ rare)


def _neighbours(seen: Seen) -> Neighbours:
    """The examples along the axes on which they differ most."""
    centre = seen.meaning.mean(axis=0)
    apart = seen.meaning - centre
    _, directions = np.linalg.eigh((apart.T @ apart).astype(np.float64))
    axes = directions[:, ::-1][:, :AXES].astype(np.float32)
    short = shortened(seen.meaning, centre, axes).astype(np.float16).astype(np.float32)
    danger, may_page = seen.label >= 0, seen.may_page
    return Neighbours(
        centre=centre,
        axes=axes,
        danger=np.vstack([short[danger & may_page], short[danger & ~may_page]]),
        may_page=int((danger & may_page).sum()),
        others=short[~danger],
    )


def _word_neighbours(seen: Seen, rare: Any) -> WordNeighbours:
    """The examples by what only a few of them hold; a group of one text alone is chance."""
    danger, may_page = seen.label >= 0, seen.may_page
    sides = (danger & may_page, danger & ~may_page, ~danger)
    by_bucket = rare[np.concatenate([np.flatnonzero(side) for side in sides])].tocsc()
    by_bucket.sort_indices()
    held_by = np.diff(by_bucket.indptr)
    kept = (held_by > 1) & (held_by <= RARE)
    entries = np.repeat(kept, held_by)
    return WordNeighbours(
        starts=np.concatenate([[0], np.cumsum(np.where(kept, held_by, 0))]).astype(np.uint32),
        texts=by_bucket.indices[entries].astype(np.uint32),
        # As exact as the file keeps them, so that the model is the same before and after.
        weights=by_bucket.data[entries].astype(np.float16).astype(np.float32),
        may_page=int(sides[0].sum()),
        danger=int(danger.sum()),
        size=len(danger),
    )


def _danger(
    lesson: Lesson, seen: Seen, numbers: Any, solver: str, strictness: float
) -> list[Column]:
    """The first two columns: *ask*, *page*."""
    danger = seen.label >= 0
    harmless = ~danger & ~seen.near
    asking = np.where(
        harmless, lesson.harmless_weight, np.where(seen.near, lesson.near_weight, 1.0)
    )
    # What may only be asked about says nothing on where a page ends.
    clear = np.flatnonzero(~danger | seen.may_page)
    return [
        _column(numbers, danger, asking, solver, strictness),
        _column(numbers[clear], seen.may_page[clear], None, solver, strictness),
    ]


def _column(
    numbers: Any, wanted: Truths, weight: Floats | None, solver: str, strictness: float
) -> Column:
    """A logistic regression: which of these rows are wanted?"""
    model = LogisticRegression(C=strictness, solver=solver, max_iter=300, random_state=SEED)
    model.fit(numbers, wanted, weight)
    return model.coef_[0], float(model.intercept_[0])


def _evened(labels: Rows, kinds: int) -> dict[int, float]:
    """How much a text of each kind counts."""
    counts = np.maximum(1, np.bincount(labels, minlength=kinds))
    weights = (len(labels) / (kinds * counts)) ** EVENNESS
    return {place: float(weight) for place, weight in enumerate(weights)}


def _kinds_by_wording(numbers: Any, labels: Rows, weights: dict[int, float]) -> list[Column]:
    """A column for each kind; a support vector machine is done in a tenth of the time."""
    model = LinearSVC(
        C=STRICTNESS_OF_KINDS_BY_WORDING,
        class_weight=weights,
        tol=0.03,  # moves no vote by more than a few thousandths, and takes half the time
        random_state=SEED,
        max_iter=3000,
    )
    return _columns(model.fit(numbers, labels), SCALE_OF_KINDS_BY_WORDING)


def _kinds_by_meaning(numbers: Any, labels: Rows, weights: dict[int, float]) -> list[Column]:
    """A column for each kind, all learned against each other."""
    model = LogisticRegression(
        C=STRICTNESS_OF_MEANING, class_weight=weights, max_iter=300, tol=1e-3, random_state=SEED
    )
    return _columns(model.fit(numbers, labels))


def _columns(model: Any, scale: float = 1.0) -> list[Column]:
    weights, biases = model.coef_ * scale, model.intercept_ * scale
    if len(weights) == 1:  # of two kinds only the second one is told: the first is its opposite
        weights, biases = np.vstack([-weights, weights]), np.concatenate([-biases, biases])
    return [(row, float(bias)) for row, bias in zip(weights, biases, strict=True)]


def _reader(columns: list[Column], length: float = 1.0) -> Reader:
    weights = np.stack([weights for weights, _ in columns], axis=1) * length
    bias = np.array([bias for _, bias in columns])
    return Reader(weights.astype(np.float32), bias.astype(np.float32))


def cross_validated(lesson: Lesson, seen: Seen) -> Votes:
    """Votes for each text by readers that had not seen it."""
    folds = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
    parts = list(folds.split(seen.label, seen.label))
    asked = [_Part(lesson, seen.part(taught), seen.part(left_out)) for taught, left_out in parts]
    together = np.zeros((len(seen.label), 2 + len(lesson.labels)))
    wording_alone = np.zeros(len(seen.label))
    votes_of = both_cores.each(_voted, asked, texts=len(seen.label))
    for (_, left_out), found in zip(parts, votes_of, strict=True):
        together[left_out], wording_alone[left_out] = found
    return Votes(together[:, 0], together[:, 1], wording_alone, together[:, 2:])


@dataclass(frozen=True)
class _Part:
    """What readers learn from, and the texts that they are then asked about."""

    lesson: Lesson
    taught: Seen
    left_out: Seen


def _voted(part: _Part) -> tuple[Floats, Floats]:
    """Votes for the texts left out (*ask*, *page*, each kind), and for *ask* by wording alone."""
    fitted = fit(part.lesson, part.taught)
    rare = counted_by(fitted.rarity, part.left_out.wording)
    by_wording: Floats = np.asarray(rare @ fitted.wording.weights) + fitted.wording.bias
    linear = part.left_out.meaning @ fitted.meaning.weights + fitted.meaning.bias
    near = fitted.neighbours.votes(part.left_out.meaning)
    together: Floats = (by_wording + TRUST.added(linear, near)).astype(np.float64)
    together[:, :2] += TRUST.word_neighbours * _votes(fitted.word_neighbours, rare)
    return together, by_wording[:, 0]


def _votes(reader: WordNeighbours, rare: Any) -> Floats:
    ends = zip(rare.indptr[:-1], rare.indptr[1:], strict=True)
    return np.vstack([reader.votes(rare.indices[a:b], rare.data[a:b]) for a, b in ends])


def chance(log_odds: Any) -> Any:  # a number or an array of them
    """Log odds as a chance, 0 to 1."""
    return 1.0 / (1.0 + np.exp(-log_odds))
