"""What becomes of something that staff teach: checked, saved, approved, taken back."""

from collections.abc import Mapping
from enum import StrEnum

from bot.core.rota import StaffRole
from bot.core.transitions import checker


class TaughtStatus(StrEnum):
    """Where a change of the bot's examples and answers stands."""

    CHECKING = "checking"
    SAVED = "saved"
    REFUSED = "refused"
    UNDONE = "undone"


TRANSITIONS: Mapping[TaughtStatus, set[TaughtStatus]] = {
    TaughtStatus.CHECKING: {TaughtStatus.SAVED, TaughtStatus.REFUSED},
    TaughtStatus.SAVED: {TaughtStatus.UNDONE},
    TaughtStatus.REFUSED: set(),
    TaughtStatus.UNDONE: set(),
}


class TaughtKind(StrEnum):
    """What was taught."""

    EXAMPLES = "examples"
    QUESTION = "question"
    INTENT = "intent"


class Approval(StrEnum):
    """Who else must agree before it can go live."""

    NOBODY = "nobody"
    SECOND_PERSON = "second_person"
    CLINICIAN = "clinician"


class LeadsTo(StrEnum):
    """What happens when a mother writes what a new intent means."""

    SUPPORT = "support"
    CALL_BACK = "call_back"
    ALERT_SAME_DAY = "alert_same_day"
    ALERT_WATCH = "alert_watch"


# The custom action that does it (domain.yml).
ACTIONS: Mapping[LeadsTo, str] = {
    LeadsTo.SUPPORT: "action_pass_on",
    LeadsTo.CALL_BACK: "action_request_call",
    LeadsTo.ALERT_SAME_DAY: "action_pass_on_same_day",
    LeadsTo.ALERT_WATCH: "action_pass_on_watch",
}

CRISIS = "crisis_"


def is_crisis(intent: str) -> bool:
    """Does this intent mean danger? Then it is a clinician's alone."""
    return intent.startswith(CRISIS)


def needed_approval(
    kind: TaughtKind, intent: str, *, clinical: bool, leads_to: LeadsTo | None = None
) -> Approval:
    """Who must agree to a change beside who made it.

    :param clinical: it is about health, medicine or safety.
    """
    alerts = leads_to in (LeadsTo.ALERT_SAME_DAY, LeadsTo.ALERT_WATCH)
    if is_crisis(intent) or clinical or alerts:
        return Approval.CLINICIAN
    return Approval.NOBODY if kind is TaughtKind.EXAMPLES else Approval.SECOND_PERSON


def may_approve(needed: Approval, *, role: StaffRole, made_it: bool) -> bool:
    """May this person agree to it? Nobody approves what they made."""
    if needed is Approval.NOBODY or made_it:
        return False
    if needed is Approval.CLINICIAN:
        return role is StaffRole.CLINICIAN
    return role in (StaffRole.CLINICIAN, StaffRole.SUPPORT)


# Refuse a step that a change cannot take.
check_transition = checker(TRANSITIONS)
