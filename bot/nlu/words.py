"""Puts words to the ids that our actions say, and lets no id be lost.

The worker goes by ids; the words are for people at a shell. Rasa drops a reply whose id is not in
its model, silently: a model older than the catalogue, brought back on a bad day, would swallow
texts. Here such a reply keeps its id instead of words.
"""

from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig


class WordsOrId(TemplatedNaturalLanguageGenerator):
    """The domain's words for an id, in the language of the slot; else the id itself."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """What Rasa is to utter for this id; never nothing for what our actions say."""
        words: dict[str, Any] | None = await super().generate(
            utter_action, tracker, output_channel, **kwargs
        )
        # Rasa's own fallback says "utter_default", which nobody wrote: that stays silence.
        return {"text": utter_action} if words is None and "reply" in kwargs else words
