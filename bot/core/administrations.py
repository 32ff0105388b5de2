"""One patient taking one instrument once."""

from enum import StrEnum

from bot.errors import InvalidTransition


class AdministrationStatus(StrEnum):
    """Where an administration stands. Only a completed one is scored."""

    STARTED = "started"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    EXPIRED = "expired"


TRANSITIONS: dict[AdministrationStatus, set[AdministrationStatus]] = {
    AdministrationStatus.STARTED: {
        AdministrationStatus.COMPLETED,
        AdministrationStatus.ABANDONED,
        AdministrationStatus.EXPIRED,
    },
    AdministrationStatus.COMPLETED: set(),
    AdministrationStatus.ABANDONED: set(),
    AdministrationStatus.EXPIRED: set(),
}


def check_transition(before: AdministrationStatus, after: AdministrationStatus) -> None:
    """Refuse a step that an administration cannot take.

    :raises InvalidTransition: when the table has no such step.
    """
    if after not in TRANSITIONS[before]:
        raise InvalidTransition(before, after)
