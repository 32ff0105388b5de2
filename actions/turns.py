"""Between Rasa's words and ours: a tracker becomes a turn, a turn's result becomes events."""

from collections.abc import Callable
from typing import Any

# rasa-sdk ships no types; what it takes and gives is checked by tests/rasa against the real thing.
from rasa_sdk import Action, Tracker  # type: ignore[import-untyped]
from rasa_sdk.events import ActiveLoop, EventType, SlotSet  # type: ignore[import-untyped]
from rasa_sdk.executor import CollectingDispatcher  # type: ignore[import-untyped]

from bot.services.results import TurnResult
from bot.services.turns import Turn

FORM = "question_form"
ANSWER = "answer"
REQUESTED_SLOT = "requested_slot"
# Put by bot/dialogue.py and bot/nlu/channel.py in front of a text that begins with a slash.
ESCAPE = "\u2060"

# Carries out one verb of the services for one turn.
Run = Callable[[str, Turn], TurnResult]


class TendAction(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """A Rasa action whose name is a value: registered as an instance, never found by class."""

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        """What ``domain.yml`` calls it."""
        return self._name


class VerbAction(TendAction):
    """Calls one verb, says what it answers, and tells Rasa whether a question is open."""

    def __init__(self, name: str, verb: str, run: Run) -> None:
        super().__init__(name)
        self.verb = verb
        self.carry_out = run

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """One verb; everything that is decided is decided there."""
        result = self.carry_out(self.verb, turn_of(tracker))
        say(dispatcher, result)
        return [*language_events(result), *question_events(result, tracker)]


def turn_of(tracker: Tracker, *, text: str | None = None) -> Turn:
    """Her newest text as a turn.

    :param text: another text than the newest; empty where the turn is about none.
    """
    latest = tracker.latest_message or {}
    words = text if text is not None else str(latest.get("text") or "")
    return Turn(
        conversation_key=str(tracker.sender_id),
        inbound_id=_inbound_id(tracker),
        text=words.removeprefix(ESCAPE),
        intent=str((latest.get("intent") or {}).get("name") or ""),
        confidence=float((latest.get("intent") or {}).get("confidence") or 0.0),
    )


def _inbound_id(tracker: Tracker) -> str | None:
    """Our id of the text: with the text itself, or with the session that it started."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            found = (event.get("metadata") or {}).get("inbound_id")
            return str(found) if found else None
    begun_with = tracker.slots.get("session_started_metadata") or {}
    found = begun_with.get("inbound_id") if isinstance(begun_with, dict) else None
    return str(found) if found else None


def say(dispatcher: CollectingDispatcher, result: TurnResult) -> None:
    """Hand the replies to Rasa, each with its id and values: the worker goes by those alone.

    An ``utter_`` id also has words in the domain, which Rasa's own shell then shows.
    """
    for reply in result.replies:
        attached = {
            "text_id": reply.text_id,
            "values": dict(reply.values),
            "administration_id": reply.administration_id,
            "item": reply.item,
        }
        if reply.text_id.startswith("utter_"):
            dispatcher.utter_message(response=reply.text_id, reply=attached, **reply.values)
        else:
            dispatcher.utter_message(text=reply.text_id, reply=attached)


def language_events(result: TurnResult) -> list[EventType]:
    """From now on Rasa picks its texts in this language."""
    return [SlotSet("language", str(result.language))] if result.language else []


def question_events(result: TurnResult, tracker: Tracker) -> list[EventType]:
    """Open or close the form, where Rasa believes something else than the services."""
    is_active = (tracker.active_loop or {}).get("name") == FORM
    if result.question_open is None or result.question_open == is_active:
        return []
    return form_events(is_open=result.question_open)


def form_events(*, is_open: bool) -> list[EventType]:
    """What makes Rasa's form active, or ends it."""
    return [
        ActiveLoop(FORM if is_open else None),
        SlotSet(REQUESTED_SLOT, ANSWER if is_open else None),
    ]
