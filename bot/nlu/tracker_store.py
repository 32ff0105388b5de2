"""Rasa's scratch memory of conversations: on this machine, of bounded size, never on a disk.

The record is in Tend's own tables, encrypted. What Rasa remembers is one session of each of the
most recent conversations; what is forgotten here is restored by ``action_session_start``.
"""

from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

MOST_CONVERSATIONS = 1000


class ForgetfulTrackerStore(InMemoryTrackerStore):
    """Keeps the most recently active conversations and forgets the others.

    Setting in ``endpoints.yml``: ``most_conversations``.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        most_conversations: int = MOST_CONVERSATIONS,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.most_conversations = int(most_conversations)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep this conversation as the newest; drop the oldest when there are too many."""
        sender: str = tracker.sender_id
        self.store.pop(sender, None)  # a dict keeps the order of insertion
        await super().save(tracker)
        while len(self.store) > self.most_conversations:
            del self.store[next(iter(self.store))]
