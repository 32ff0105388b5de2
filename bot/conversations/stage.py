"""What a conversation is played on, as a port; and what can be seen to happen there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.conversations.steps import (
    CarrierDoes,
    Given,
    PatientTexts,
    PhoneRings,
    RasaState,
    Recorded,
)
from bot.core.alerts import AlertStatus
from bot.core.escalation import PageChannel, Recipient
from bot.core.languages import Language
from bot.core.levels import Category, Level


@dataclass(frozen=True)
class Event:
    """Something that happened, in order; the clock may stand still between two of them."""

    at: datetime


@dataclass(frozen=True)
class Sent(Event):
    """A text was handed to the carrier.

    :param to: a name of the cast, or a bare number.
    """

    to: str
    text_id: str
    body: str
    language: Language


@dataclass(frozen=True)
class Paged(Event):
    """A page was handed to the carrier: the duty it was for, and who has it.

    :param about: whose alert it is.
    """

    to: str
    recipient: Recipient
    channel: PageChannel
    code: str
    about: str = ""


@dataclass(frozen=True)
class NotSent(Event):
    """A text was not sent, and the reason is on record."""

    to: str
    text_id: str
    because: str


@dataclass(frozen=True)
class Tasked(Event):
    """Support was given a task."""

    kind: str
    reason: str | None = None


@dataclass(frozen=True)
class Noted(Event):
    """Anything else on record, in plain words; no step asks for it, but a difference shows it."""

    words: str


@dataclass(frozen=True)
class AlertSeen:
    """An unresolved alert as it stands now.

    :param by: the name of whoever has acknowledged it.
    """

    code: str
    about: str
    level: Level
    category: Category
    status: AlertStatus
    by: str | None


class Stage(Protocol):
    """Where a conversation is played. Each action returns when everything due has been done."""

    def open(self, given: Given) -> None:
        """Set the scene afresh: nothing of an earlier conversation is left."""

    def close(self) -> None:
        """Clear the scene."""

    def now(self) -> datetime:
        """The time on stage, aware."""

    def patient_texts(self, name: str, step: PatientTexts) -> None:
        """She, or a number we do not know, texts."""

    def staff_texts(self, name: str, words: str) -> None:
        """A member of staff, or somebody who claims to be one, texts."""

    def wait(self, by: timedelta) -> None:
        """Time passes, and what falls due is done."""

    def rasa(self, state: RasaState) -> None:
        """The dialogue engine goes down, comes up, or is restarted."""

    def carrier(self, step: CarrierDoes) -> None:
        """The carrier behaves badly, or well again."""

    def records(self, code: str, step: Recorded) -> None:
        """Somebody writes down what was done about an alert, as on the console."""

    def phone(self, step: PhoneRings) -> None:
        """What happens at a phone that rings."""

    def alerts(self) -> Sequence[AlertSeen]:
        """Every unresolved alert, oldest first."""

    def events(self) -> Sequence[Event]:
        """Everything that has happened since ``open``, in order."""
