"""One patient taking one instrument once."""

from enum import StrEnum

from bot.core.transitions import checker


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

# Refuse a step that an administration cannot take.
check_transition = checker(TRANSITIONS)
