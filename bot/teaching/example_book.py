"""Every example the bot learned from, with its meaning as numbers, so that like ones are found."""

import hashlib
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.content.examples import Example
from bot.core.languages import Language
from bot.crisis.encoder import WIDTH, Vectors
from bot.teaching.words import fold, words_of

Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Neighbour:
    """An example near to a text.

    :param likeness: 1 is the same meaning, 0 none in common.
    """

    text: str
    intent: str
    likeness: float


class ExampleBook:
    """All examples of one state of the files. Never changed, so it may be shared."""

    def __init__(self, examples: Sequence[Example], rows: Vectors) -> None:
        self.examples = tuple(examples)
        self._rows = rows

    @cached_property
    def counts(self) -> Counter[str]:
        """How many examples each intent has."""
        return Counter(example.intent for example in self.examples)

    @cached_property
    def languages(self) -> Counter[tuple[str, Language]]:
        """The same in each language."""
        return Counter((example.intent, example.language) for example in self.examples)

    @cached_property
    def intents_of_text(self) -> dict[str, str]:
        """Which intent a text belongs to, by its plain form."""
        return {plain(example.text): example.intent for example in self.examples}

    def of(self, intent: str, *, most: int | None = None) -> list[Example]:
        """The examples of one intent, in the order of the file."""
        found = [example for example in self.examples if example.intent == intent]
        return found if most is None else found[:most]

    def likeness(self, rows: Vectors) -> Vectors:
        """How like each of these texts is to every example; all at once, for that costs least."""
        return rows @ self._rows.T

    def nearest(
        self,
        likeness: Vectors,
        *,
        intent: str | None = None,
        other_than: str | None = None,
        most: int = 3,
    ) -> list[Neighbour]:
        """The examples nearest to a text, the nearest first.

        :param likeness: of this text to every example, as ``likeness`` gives it.
        :param intent: only of this intent.
        :param other_than: of every intent but this one.
        """
        places = np.arange(len(self.examples))
        if intent:
            places = places[self._intents == intent]
        if other_than:
            places = places[self._intents[places] != other_than]
        if len(places) > most:
            places = places[np.argpartition(-likeness[places], most - 1)[:most]]
        places = places[np.argsort(-likeness[places], kind="stable")]
        return [
            Neighbour(self.examples[at].text, self.examples[at].intent, float(likeness[at]))
            for at in places.tolist()
        ]

    @cached_property
    def _intents(self) -> npt.NDArray[np.str_]:
        return np.array([example.intent for example in self.examples], dtype=np.str_)


def plain(text: str) -> str:
    """A text without case, accents and signs: what counts as the same example."""
    return " ".join(word.folded for word in words_of(text)) or fold(text).strip()


def build(examples: Sequence[Example], encode: Encode, cache: Path) -> ExampleBook:
    """The book of these examples; only those that were not met before are encoded.

    :param cache: a file of our own for the rows: all of them together take a quarter of a minute.
    """
    texts = list(dict.fromkeys(example.text for example in examples))
    known = _read(cache)
    keys = {text: hashlib.sha256(text.encode()).hexdigest() for text in texts}
    missing = [text for text in texts if keys[text] not in known]
    if missing:
        known |= dict(zip((keys[text] for text in missing), encode(missing), strict=True))
        _write(cache, {key: known[key] for key in keys.values()})
    rows = [known[keys[example.text]] for example in examples]
    stacked = np.vstack(rows).astype(np.float32) if rows else np.empty((0, WIDTH), np.float32)
    return ExampleBook(examples, stacked)


def _read(file: Path) -> dict[str, Vectors]:
    try:
        with np.load(file, allow_pickle=False) as content:
            return dict(zip(content["keys"].tolist(), content["rows"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}  # not there, or cut off half way: everything is encoded again


def _write(file: Path, known: dict[str, Vectors]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
        with os.fdopen(handle, "wb") as part:
            np.savez(part, keys=np.array(list(known)), rows=np.vstack(list(known.values())))
        os.replace(name, file)
    except OSError:
        return
