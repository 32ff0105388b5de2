"""What the training desk works with: the project's files, its examples, and Rasa's own checks."""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.content.examples import FOLDERS, Example, load_files, load_project
from bot.content.identifiers import IdentifierWords, load_identifiers
from bot.content.texts import Catalogue
from bot.crisis import encoder
from bot.crisis.encoder import Vectors
from bot.errors import ConfigError
from bot.teaching.example_book import Encode, ExampleBook, build, plain
from bot.teaching.files import intent_titles
from bot.teaching.identifiers import Known, masked
from bot.teaching.protests import ProtestBook
from bot.teaching.remembered import Remembered
from bot.teaching.words import vocabulary

_TESTS = ("held_out", "noisy", "out_of_scope")
_State = tuple[tuple[str, int, int], ...]


def _in_order(examples: list[Example]) -> list[str]:
    return list(dict.fromkeys(example.intent for example in examples))


def _state_of(files: Sequence[Path]) -> _State:
    stats = [(path, path.stat()) for path in files]
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


@dataclass
class _Kept:
    state: _State
    examples: list[Example]
    vocabulary: frozenset[str]
    words: IdentifierWords
    book: ExampleBook | None = None


@dataclass
class Workshop:
    """The project and its tools. Threads may share one.

    :param validate: Rasa's own checks of a folder; raises ``ConfigError``. Takes half a minute.
    :param texts: the catalogue: its words are words that nobody is known by.
    :param encode: the meaning of texts as numbers.
    """

    project: Path
    validate: Callable[[Path], None]
    texts: Catalogue
    encode: Encode = encoder.vectors
    protests: ProtestBook = field(default_factory=ProtestBook)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: _Kept | None = None
    _names: frozenset[str] = frozenset()
    # Twice as many as the review queue looks through.
    _meanings: Remembered[str, Vectors] = field(default_factory=lambda: Remembered(800))
    _tested: Remembered[_State, frozenset[str]] = field(default_factory=lambda: Remembered(1))
    _shown: Remembered[tuple[str, Known], str] = field(default_factory=lambda: Remembered(800))

    def book(self) -> ExampleBook:
        """Every example as the files hold it now, with its meaning."""
        with self._lock:
            kept = self._fresh()
            if kept.book is None:
                cache = self.project / "var" / "teaching-vectors.npz"
                kept.book = build(kept.examples, self.encode, cache)
            return kept.book

    def warm_up(self) -> None:
        """Get everything ready. A mistake in a file is told by the page that meets it."""
        with suppress(ConfigError):
            self.book()

    def examples(self) -> list[Example]:
        """The same without the meaning, which takes longer."""
        with self._lock:
            return self._fresh().examples

    def meanings(self, texts: Sequence[str]) -> Vectors:
        """The meaning of each text, one row each; of texts that were seen lately, remembered."""

        def encode(fresh: list[str]) -> dict[str, Vectors]:
            return dict(zip(fresh, self.encode(fresh), strict=True))

        if not texts:
            return self.encode(texts)
        return np.vstack(self._meanings.all(texts, encode))

    def shown(self, text: str, known: Known) -> str:
        """The text as staff may see it, under what is known of names; remembered likewise."""
        (found,) = self._shown.all([(text, known)], lambda keys: {keys[0]: masked(text, known)})
        return found

    def known(self, *, names: Iterable[str] = (), hers: Iterable[str] = ()) -> Known:
        """What is known when a text is looked through for names.

        :param names: folded parts of names of the clinic's patients and staff.
        :param hers: those of the mothers whose texts these are.
        """
        with self._lock:
            kept = self._fresh()
            # Thousands, and hardly ever others than before: the very same set compares at once.
            if (found := frozenset(names)) != self._names:
                self._names = found
            return Known(kept.words, kept.vocabulary, self._names, frozenset(hers))

    def titles(self) -> dict[str, str]:
        """What each intent means, in a sentence."""
        with self._lock:
            kept = self._fresh()
        found = intent_titles(self.project)
        return {intent: found.get(intent, "") for intent in _in_order(kept.examples)}

    def tested(self) -> frozenset[str]:
        """Plain forms of the texts that the bot is tested with, where they are at hand."""
        files = [self.project / "tests" / "nlu" / f"{name}.yml" for name in _TESTS]
        there = [file for file in files if file.exists()]

        def read(states: list[_State]) -> dict[_State, frozenset[str]]:
            return {states[0]: frozenset(plain(example.text) for example in load_files(there))}

        return self._tested.all([_state_of(there)], read)[0]

    def _fresh(self) -> _Kept:
        state = self._state()
        if self._kept is None or self._kept.state != state:
            examples = load_project(self.project)
            words = load_identifiers(self.project / "data")
            without = words.names | words.places | words.months | words.holidays
            spoken = [example.text for example in examples]
            spoken += [text.text for text in self.texts]
            self._kept = _Kept(
                state, examples, vocabulary(spoken, without=without, also=words.ordinary), words
            )
        return self._kept

    def _state(self) -> _State:
        folders = (*FOLDERS, "data/identifiers")
        return _state_of(
            [path for name in folders for path in sorted((self.project / name).glob("*.yml"))]
        )
