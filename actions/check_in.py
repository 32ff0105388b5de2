"""The open question: her words go to the services first; what is no answer goes on to the rules."""

from typing import Any

from rasa_sdk import Tracker  # type: ignore[import-untyped]
from rasa_sdk.events import (  # type: ignore[import-untyped]
    ActionExecutionRejected,
    EventType,
    SlotSet,
)
from rasa_sdk.executor import CollectingDispatcher  # type: ignore[import-untyped]

from actions.turns import (
    ANSWER,
    FORM,
    Run,
    TendAction,
    VerbAction,
    form_events,
    language_events,
    say,
    turn_of,
)


def actions(run: Run) -> list[TendAction]:
    """The actions of this area."""
    return [
        ValidateQuestion(run),
        AskAgain(run),
        VerbAction("action_start_check_in", "start_check_in", run),
    ]


class ValidateQuestion(TendAction):
    """Gives her raw words to the services before anybody asks what the model made of them."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"validate_{FORM}")
        self.carry_out = run

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Take the answer; or let the other rules have the text.

        Rasa also calls this when it comes back from an interruption: then the slot is empty, there
        is nothing to read, and a rejection would keep the item from being asked again.
        """
        words = tracker.get_slot(ANSWER)
        if not words:
            return []
        result = self.carry_out("answer_question", turn_of(tracker, text=str(words)))
        say(dispatcher, result)
        # Emptied in the same turn: her words are kept in our tables and nowhere else.
        events: list[EventType] = [SlotSet(ANSWER, None), *language_events(result)]
        if result.question_open is False:
            events += form_events(is_open=False)
        if not result.handled:
            events.append(ActionExecutionRejected(FORM))
        return events


class AskAgain(TendAction):
    """Asks the open item again after an interruption; Rasa calls this whenever its form goes on.

    When her answer was taken, the services have asked the next item themselves, in the same
    transaction: a second asking from here would be a second text.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(f"action_ask_{ANSWER}")
        self.carry_out = run

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """The item again, if this turn went elsewhere first."""
        if not was_interrupted(tracker):
            return []
        result = self.carry_out("ask_question", turn_of(tracker))
        say(dispatcher, result)
        return form_events(is_open=False) if result.question_open is False else []


def was_interrupted(tracker: Tracker) -> bool:
    """Was her newest text no answer to the open question?"""
    for event in reversed(tracker.events):
        if event.get("event") == "action_execution_rejected":
            return True
        if event.get("event") == "user":
            return False
    return False
