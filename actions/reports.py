"""What she tells about herself, what sounds like danger, and what nobody understood."""

from actions.turns import Run, TendAction, VerbAction

VERBS = {
    "action_report": "report",
    "action_screen": "screen",
    "action_not_understood": "not_understood",
}


def actions(run: Run) -> list[TendAction]:
    """The actions of this area."""
    return [VerbAction(name, verb, run) for name, verb in VERBS.items()]
