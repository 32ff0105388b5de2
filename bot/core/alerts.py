"""The life of an alert, and who may move it."""

from enum import StrEnum

from bot.core.transitions import checker


class AlertStatus(StrEnum):
    """Something that a named person must answer."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


# No named person has closed it.
UNRESOLVED = (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED)
TRANSITIONS: dict[AlertStatus, set[AlertStatus]] = {
    AlertStatus.OPEN: {AlertStatus.ACKNOWLEDGED},
    # Back to OPEN when the clinician hands it back, goes quiet, or the danger rises.
    AlertStatus.ACKNOWLEDGED: {AlertStatus.OPEN, AlertStatus.RESOLVED},
    # No verb of every day leads out: a late ACK must not take what is closed. One that was closed
    # by mistake is opened again by bot/services/corrections.py alone.
    AlertStatus.RESOLVED: set(),
}

# Refuse a step that an alert cannot take.
check_transition = checker(TRANSITIONS)


class Disposition(StrEnum):
    """How an alert ended. Only an outcome closes (clinic rules, "Closing")."""

    REACHED_SAFE = "reached_safe"
    SENT_TO_EMERGENCY = "sent_to_emergency"
    WELFARE_CHECK = "welfare_check"
    FALSE_ALARM = "false_alarm"
    OTHER = "other"

    @property
    def awaits_outcome(self) -> bool:
        """Has somebody only been sent to her? Then the alert stays owned."""
        return self in (Disposition.SENT_TO_EMERGENCY, Disposition.WELFARE_CHECK)


class Outcome(StrEnum):
    """What came of sending somebody to her."""

    SAFE = "safe"
    IN_CARE = "in_care"
    OTHER = "other"
    # Nobody found her: that is no end, and the alert stays with whoever has it.
    NOT_FOUND = "not_found"

    @property
    def closes(self) -> bool:
        """Is it known where she is?"""
        return self is not Outcome.NOT_FOUND


def outcome_is_awaited(disposition: str | None, outcome: str | None) -> bool:
    """Was somebody sent to her, and is it still not known where she is?

    A fact about the alert, whoever has it: to hand it back answers nothing.
    """
    if disposition is None or not Disposition(disposition).awaits_outcome:
        return False
    return outcome is None or not Outcome(outcome).closes


class Verdict(StrEnum):
    """Was the screening right to alert? Said by the clinician who closes."""

    TRUE = "true"
    FALSE_ALARM = "false_alarm"
    NOT_SURE = "not_sure"


class NoteKind(StrEnum):
    """On what occasion a note was written."""

    CONTACT = "contact"
    DISPOSITION = "disposition"
    OUTCOME = "outcome"
    CORRECTION = "correction"


class Dropped(StrEnum):
    """Why a planned follow-up call was given up, though nobody has called her."""

    OPENED_AGAIN = "opened_again"
    NEWER_ALERT = "newer_alert"
    # How older records say either.
    PLANNED_ANEW = "planned_anew"


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
    FOLLOW_UP = "follow_up"
    # He may read her phone: what she did not ask for is not texted, and a person calls instead.
    TEXTS_HELD = "texts_held"
    SESSION_RELEASE = "session_release"
    # Something is wrong with paging itself: a gap in the rota, a colleague who cannot be reached.
    STAFF = "staff"
