"""Rasa's logistic regression, fitted on dense numbers instead of a sparse matrix.

Our vectors have no zeros to leave out. Rasa packs them into a sparse matrix all the same, and its
fit then takes several times as long for the same weights.
"""

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DenseLogisticRegressionClassifier(LogisticRegressionClassifier):
    """Rasa component: chooses the intent; its settings are those of Rasa's own."""

    def _create_X(self, messages: list[Message]) -> "np.ndarray[Any, Any]":
        """One row for each message; Rasa calls this name.

        In double precision: only then are the chances Python's own numbers, which become JSON.
        """
        found = [message.get_dense_features(attribute=TEXT)[1] for message in messages]
        width = next((part.features.shape[-1] for part in found if part), self._width())
        rows = [part.features[-1] if part else np.zeros(width) for part in found]
        return np.asarray(rows, dtype=np.float64)

    def _create_training_matrix(
        self, training_data: TrainingData
    ) -> tuple["np.ndarray[Any, Any]", list[str]]:
        """Rows and intents of the examples, in single precision: faster, and as good."""
        rows, intents = super()._create_training_matrix(training_data)
        return np.asarray(rows, dtype=np.float32), intents

    def _width(self) -> int:
        """How long the vectors were that it learned from; a message without text has none."""
        return int(getattr(self.clf, "n_features_in_", 1))
