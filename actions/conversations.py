"""The beginning of a session: Rasa has forgotten her, and is told where she was."""

from typing import Any

from rasa_sdk import Tracker  # type: ignore[import-untyped]
from rasa_sdk.events import (  # type: ignore[import-untyped]
    ActionExecuted,
    EventType,
    SessionStarted,
)
from rasa_sdk.executor import CollectingDispatcher  # type: ignore[import-untyped]

from actions.turns import Run, TendAction, form_events, language_events, turn_of


def actions(run: Run) -> list[TendAction]:
    """The actions of this area."""
    return [StartSession(run)]


class StartSession(TendAction):
    """Runs before her first text after an hour, a restart, or a change of model."""

    def __init__(self, run: Run) -> None:
        super().__init__("action_session_start")
        self.carry_out = run

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Language, and the open question if there is one."""
        result = self.carry_out("restore", turn_of(tracker, text=""))
        events: list[EventType] = [
            SessionStarted(),
            *language_events(result),
            ActionExecuted("action_listen"),
        ]
        return events + (form_events(is_open=True) if result.question_open else [])
