"""Fits the crisis classifier's two readers, and says how well readers do on texts they never saw.

Three questions are learned apart: may this be danger (*ask*), may it page (*page*), and which kind
of danger is it. Kinds that few texts teach count as much as those that many do; otherwise nearly
everything would be taken for suicide, and she would hear the wrong text.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # no types
from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]  # no types
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]  # no types

from bot.content.classifier import Lesson
from bot.crisis.model import Reader

# Chosen on the development texts and by cross-validation; docs/decisions/0020 has the comparison.
FOLDS = 3
SEED = 1
STRICTNESS_OF_WORDING = 3.0
STRICTNESS_OF_MEANING = 1.0
LENGTH_OF_VECTORS = 8.0
TRUST_IN_MEANING = 0.5
# Kinds: how far a rare kind's texts count more than a common one's (0 not at all, 1 until equal),
# how strict the reader of wording is, and how much its votes count.
EVENNESS = 1.0
STRICTNESS_OF_KINDS_BY_WORDING = 0.3
SCALE_OF_KINDS_BY_WORDING = 3.0

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Column = tuple[Floats, float]


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


def fit(lesson: Lesson, seen: Seen) -> tuple[Reader, Reader]:
    """Both readers, fitted on these examples: of wording, and of meaning."""
    long = seen.meaning * np.float32(LENGTH_OF_VECTORS)
    wording = _danger(lesson, seen, seen.wording, "liblinear", STRICTNESS_OF_WORDING)
    # The other solver is eight times as slow where every number counts.
    meaning = _danger(lesson, seen, long, "lbfgs", STRICTNESS_OF_MEANING)
    among = np.flatnonzero(seen.label >= 0)
    labels = seen.label[among]
    weights = _evened(labels, len(lesson.labels))
    by_wording = _kinds_by_wording(seen.wording[among], labels, weights)
    by_meaning = _kinds_by_meaning(long[among], labels, weights)
    return _reader([*wording, *by_wording]), _reader([*meaning, *by_meaning], LENGTH_OF_VECTORS)


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
        C=STRICTNESS_OF_KINDS_BY_WORDING, class_weight=weights, random_state=SEED, max_iter=3000
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
    together = np.zeros((len(seen.label), 2 + len(lesson.labels)))
    wording_alone = np.zeros(len(seen.label))
    folds = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
    for taught, left_out in folds.split(together, seen.label):
        wording, meaning = fit(lesson, seen.part(taught))
        by_wording = np.asarray(seen.wording[left_out] @ wording.weights) + wording.bias
        by_meaning = seen.meaning[left_out] @ meaning.weights + meaning.bias
        together[left_out] = by_wording + TRUST_IN_MEANING * by_meaning
        wording_alone[left_out] = by_wording[:, 0]
    return Votes(together[:, 0], together[:, 1], wording_alone, together[:, 2:])
