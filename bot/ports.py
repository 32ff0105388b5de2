"""The three things that really vary: the SMS provider, the way of paging, the dialogue engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.core.calls import CallEvent, Spoken
from bot.core.messages import InboundText, OutboundText, Receipt, WebhookRequest


class Clock(Protocol):
    """Tells processes what time it is; nothing else asks (rule S8)."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""


class SmsProvider(Protocol):
    """A carrier company. Nothing outside its module knows its field names."""

    name: str

    def send(self, outbound: OutboundText) -> str:
        """Hand a text over and return the provider's id for it.

        :raises DeliveryError: with ``retryable`` telling the outbox what to do.
        """

    def verify(self, request: WebhookRequest) -> None:
        """Make sure that the request comes from this carrier.

        :raises WebhookRefused: unsigned, forged or stale.
        """

    def parse_inbound(self, request: WebhookRequest) -> InboundText:
        """Read an inbound text.

        :raises WebhookGarbled: a needed field is missing or unreadable.
        """

    def parse_receipt(self, request: WebhookRequest) -> Receipt:
        """Read a delivery receipt.

        :raises WebhookGarbled: a needed field is missing or unreadable.
        """


class AlertChannel(Protocol):
    """A way to page staff beside texts; one module each, and one line in ``bootstrap``.

    Contract: ``send`` hands the page over and returns the way's own id for it, or raises; it never
    waits for an answer, never tries twice, and shows nobody but the addressee what it carries.
    """

    name: str

    def send(self, outbound: OutboundText) -> str:
        """Hand a page over; ``to_number`` is the address, such as an e-mail address.

        :raises DeliveryError: with ``retryable`` telling the outbox what to do.
        """


class VoiceProvider(AlertChannel, Protocol):
    """A carrier of calls: rings, reads aloud, and tells what happened."""

    def verify(self, request: WebhookRequest) -> None:
        """Make sure that the request comes from this carrier.

        :raises WebhookRefused: unsigned, forged or stale.
        """

    def parse(self, request: WebhookRequest) -> CallEvent:
        """Read one moment of a call.

        :raises WebhookGarbled: a needed field is missing or unreadable.
        """

    def render(self, spoken: Spoken, *, reference: str) -> tuple[str, str]:
        """What the call says next, in the carrier's own words, and their media type."""


@dataclass(frozen=True)
class Understood:
    """What the dialogue model made of a text.

    :param confidence: how sure it is, from 0 to 1.
    :param runner_up: what came second, and how sure it was of that.
    """

    intent: str
    confidence: float
    runner_up: str | None = None
    runner_up_confidence: float | None = None


@dataclass(frozen=True)
class Reply:
    """One thing the dialogue engine wants said, by catalogue id and never by its own words.

    :param text_id: id of a text in the catalogue, such as ``utter_greet``.
    :param values: what fills the text's blanks.
    :param administration_id: when it asks an item: which administration, and which item.
    :param understood: what the engine made of the text that this answers, where it says so.
    """

    text_id: str
    values: Mapping[str, str] = field(default_factory=dict)
    administration_id: str | None = None
    item: int | None = None
    understood: Understood | None = None


class DialogueEngine(Protocol):
    """Decides what to say to a text that needs no clinician."""

    def say(
        self, *, conversation_key: str, text: str, inbound_id: str, question_open: bool
    ) -> list[Reply]:
        """Pass her text on and return the replies.

        :param question_open: a question of ours waits for her words; the engine may not know.

        :raises DialogueUnavailable: no answer in time, or one that cannot be used.
        """

    def ready(self) -> bool:
        """Is a model loaded and answering?"""


class ModelHost(Protocol):
    """Every Rasa that runs: each can be told to load another model."""

    def load_everywhere(self, model: Path) -> None:
        """Let one after the other load it, each only when the one before it has.

        :raises DialogueUnavailable: one did not; those before it have it.
        """

    def load_where_missing(self, model: Path) -> bool:
        """Let those load it that have another one; true when there was one.

        :raises DialogueUnavailable: one cannot be reached, or did not load it.
        """

    def point_to(self, models_dir: Path, name: str) -> None:
        """Every Rasa that starts from now on loads this one."""

    def parse(self, text: str) -> dict[str, Any]:
        """What the live model makes of a text, outside any conversation; Rasa's own JSON.

        :raises DialogueUnavailable: no Rasa answers.
        """
