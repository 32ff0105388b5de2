"""Cross-validates examples: ``python -m bot.nlu.folds IN OUT``.

The same classifier as Rasa's, with the same settings, on vectors that are made once. A test holds
it against Rasa itself (tests/rasa). IN: ``{texts, intents, config, folds, seed}``. OUT: for each
text ``{intent, confidence, fold}``, from a model that had not seen it.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.nlu.noise import roughen
from bot.nlu.sentence_vectors import features, is_real_word, readable, vectors_of_examples
from bot.nlu.spelling import Spelling, count_words


def settings(config: dict[str, Any], ending: str) -> dict[str, Any]:
    """The settings of one part of ``config.yml``'s pipeline, by the end of its name."""
    for part in config["pipeline"]:
        if part["name"].endswith(ending):
            return dict(part)
    return {}


def classifier(config: dict[str, Any]) -> LogisticRegression:
    """What Rasa's component builds, with its defaults and our settings."""
    chosen = {
        **LogisticRegressionClassifier.get_default_config(),
        **settings(config, "LogisticRegressionClassifier"),
    }
    names = ("solver", "max_iter", "tol", "random_state")
    return LogisticRegression(class_weight="balanced", **{name: chosen[name] for name in names})


def split(intents: list[str], *, folds: int, seed: int) -> list[int]:
    """Which fold each example is tested in; every intent is in every fold alike."""
    fold_of = [0] * len(intents)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for number, (_, tested) in enumerate(splitter.split(intents, intents)):
        for index in tested:
            fold_of[index] = number
    return fold_of


def cross_validate(given: dict[str, Any]) -> list[dict[str, Any]]:
    """One prediction for each text, by a model that had not seen it."""
    texts, intents = given["texts"], np.array(given["intents"])
    featurizer = settings(given["config"], "SentenceVectors")
    rows = features(texts, featurizer, vectors_of_examples)
    seed = int(featurizer.get("noise_seed", 7))
    rough = [
        features(
            [roughen(text, seed=seed + copy) for text in texts], featurizer, vectors_of_examples
        )
        for copy in range(int(featurizer.get("noise_copies", 0)))
    ]
    fold_of = np.array(split(given["intents"], folds=given["folds"], seed=given["seed"]))
    found: list[dict[str, Any]] = [{}] * len(texts)
    for fold in range(given["folds"]):
        learned, tested = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        model = classifier(given["config"])
        train_rows = np.vstack([rows[learned], *(copy[learned] for copy in rough)])
        model.fit(train_rows, np.tile(intents[learned], 1 + len(rough)))
        chances = model.predict_proba(_as_read(texts, rows, featurizer, learned, tested))
        for index, chance in zip(tested, chances, strict=False):
            best = int(chance.argmax())
            found[index] = {
                "intent": str(model.classes_[best]),
                "confidence": float(chance[best]),
                "fold": fold,
            }
    return found


def _as_read(
    texts: list[str], rows: Any, featurizer: dict[str, Any], learned: Any, tested: Any
) -> Any:
    """Rows of the tested texts, their words mended towards those of the learned ones, as in use."""
    words = count_words(readable(texts[index]) for index in learned)
    spelling = Spelling(words, is_real_word)
    found = rows[tested].copy()
    mended = {}
    for place, index in enumerate(tested):
        plain = readable(texts[index])
        read = spelling.mended(plain)
        if read != plain:
            mended[place] = read
    if mended:
        found[list(mended)] = features(list(mended.values()), featurizer, vectors_of_examples)
    return found


def main() -> None:
    """Read IN, write OUT."""
    given, wanted = (Path(argument) for argument in sys.argv[1:3])
    found = cross_validate(json.loads(given.read_text(encoding="utf-8")))
    wanted.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
