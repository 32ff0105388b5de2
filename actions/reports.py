"""What she tells about herself, what sounds like danger, and what nobody understood."""

from actions.turns import Run, TendAction, VerbAction

VERBS = {
    "action_report": "report",
    # Where intents lead that staff have added in the console.
    "action_pass_on": "pass_on",
    "action_pass_on_same_day": "pass_on_same_day",
    "action_pass_on_watch": "pass_on_watch",
    "action_screen": "screen",
    "action_not_understood": "not_understood",
}


def actions(run: Run) -> list[TendAction]:
    """The actions of this area."""
    return [VerbAction(name, verb, run) for name, verb in VERBS.items()]
