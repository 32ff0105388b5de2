"""What she asks for."""

from actions.turns import Run, TendAction, VerbAction

VERBS = {
    "action_request_call": "request_call",
    "action_request_move": "request_move",
    "action_next_session": "next_session",
    "action_confirm_session": "confirm_session",
    "action_stop_texts": "stop_texts",
    "action_start_texts": "start_texts",
    "action_forget": "forget",
    "action_goodbye": "goodbye",
    "action_nothing_waiting": "nothing_waiting",
    "action_set_language": "set_language",
    "action_help": "help",
}


def actions(run: Run) -> list[TendAction]:
    """The actions of this area."""
    return [VerbAction(name, verb, run) for name, verb in VERBS.items()]
