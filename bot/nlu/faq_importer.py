"""Lets a new question or intent be a change of data/ alone: tells Rasa's domain of its intents.

Rasa reads examples, answers and rules from those files by itself; only the list of intents in
``domain.yml`` would have to be kept by hand, and a forgotten line there is only a warning to Rasa.
An intent that no rule uses, such as a mistyped one, stops ``tend validate``.
"""

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method


class FaqImporter(RasaFileImporter):
    """Rasa's own reader of files, plus every intent that has examples."""

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """All examples, read once: reading them takes Rasa longer than learning from them."""
        return self._examples()

    @cached_method
    def _examples(self) -> TrainingData:
        return super().get_nlu_data()

    @cached_method
    def get_domain(self) -> Domain:
        """The domain file's content with the intents added that it does not name."""
        domain = super().get_domain()
        added = sorted(self.get_nlu_data().intents - set(domain.intents))
        return domain.merge(Domain.from_dict({"intents": added}))
