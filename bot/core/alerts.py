"""The life of an alert, and who may move it."""

from enum import StrEnum

from bot.core.transitions import checker


class AlertStatus(StrEnum):
    """Something that a named person must answer."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


TRANSITIONS: dict[AlertStatus, set[AlertStatus]] = {
    AlertStatus.OPEN: {AlertStatus.ACKNOWLEDGED},
    # Back to OPEN when the clinician hands it back, goes quiet, or the danger rises.
    AlertStatus.ACKNOWLEDGED: {AlertStatus.OPEN, AlertStatus.RESOLVED},
    AlertStatus.RESOLVED: set(),
}

# Refuse a step that an alert cannot take.
check_transition = checker(TRANSITIONS)


class SupportStatus(StrEnum):
    """A support worker's task: what the bot could not do."""

    OPEN = "open"
    CLOSED = "closed"


class SupportKind(StrEnum):
    """Why a support worker must look."""

    NOT_UNDERSTOOD = "not_understood"
    CALL_BACK = "call_back"
    MOVE_SESSION = "move_session"
    MEDIA = "media"
    NO_ANSWER = "no_answer"
    COMPLAINT = "complaint"
    SIDE_EFFECT = "side_effect"
    UNDELIVERED = "undelivered"
    FORGET = "forget"
    MISSED_CHECK_IN = "missed_check_in"
    PREFERENCES = "preferences"
