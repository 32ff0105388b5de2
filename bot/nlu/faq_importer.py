"""Lets a new question or intent be a change of data/ alone: tells Rasa's domain of its intents.

Rasa reads examples, answers and rules from those files by itself; only the list of intents in
``domain.yml`` would have to be kept by hand, and a forgotten line there is only a warning to Rasa.
An intent that no rule uses, such as a mistyped one, stops ``tend validate``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

# What was read last, and the state of its files. ``rasa train`` makes two importers, one for its
# checks and one for training, and reading sixteen thousand examples takes as long as learning.
_examples: "dict[tuple[Any, ...], TrainingData]" = {}
_stories: "dict[tuple[Any, ...], StoryGraph]" = {}


class Example(Message):
    """One example, which is cheap to copy.

    Rasa copies all of them six times over while it puts its importers together, and follows every
    reference on the way. The data are texts and names, which nobody changes in place.
    """

    def __deepcopy__(self, memo: "dict[int, Any]") -> "Example":
        twin = Example(self.data, set(self.output_properties), self.time, list(self.features))
        twin._cached_fingerprint = self._cached_fingerprint
        return twin


class FaqImporter(RasaFileImporter):
    """Rasa's own reader of files, plus every intent that has examples."""

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """All examples, read once a process."""
        state = state_of(self._nlu_files)
        if state not in _examples:
            _examples.clear()
            _examples[state] = quick_to_copy(super().get_nlu_data())
        return _examples[state]

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """All rules and stories, read once a process."""
        state = (*state_of(self._story_files), self.get_domain().fingerprint())
        if exclusion_percentage:
            return super().get_stories(exclusion_percentage)
        if state not in _stories:
            _stories.clear()
            _stories[state] = super().get_stories()
        return _stories[state]

    @cached_method
    def get_domain(self) -> Domain:
        """The domain file's content with the intents added that it does not name."""
        domain = super().get_domain()
        added = sorted(self.get_nlu_data().intents - set(domain.intents))
        return domain.merge(Domain.from_dict({"intents": added}))


def state_of(files: Sequence[str]) -> "tuple[Any, ...]":
    """Tells whether any of the files is another one than before."""
    stats = [(file, Path(file).stat()) for file in files]
    return tuple((file, stat.st_mtime_ns, stat.st_size) for file, stat in stats)


def quick_to_copy(data: TrainingData) -> TrainingData:
    """The same training data, of examples that are cheap to copy."""
    examples = []
    for message in data.training_examples:
        example = Example(message.data, message.output_properties, message.time, message.features)
        examples.append(example)
    return TrainingData(
        examples, data.entity_synonyms, data.regex_features, data.lookup_tables, data.responses
    )
