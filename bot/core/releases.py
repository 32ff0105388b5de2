"""Which model is live: how one is promoted, and how we go back."""

from enum import StrEnum

from bot.core.transitions import checker


class ReleaseKind(StrEnum):
    """Why a model was made live."""

    # It was live before anybody kept a record of it.
    ADOPT = "adopt"
    PROMOTE = "promote"
    ROLL_BACK = "roll_back"


class ReleaseStatus(StrEnum):
    """Where the change is. The live model is that of the newest one that is *live*."""

    SWAPPING = "swapping"
    LIVE = "live"
    FAILED = "failed"


TRANSITIONS: dict[ReleaseStatus, set[ReleaseStatus]] = {
    ReleaseStatus.SWAPPING: {ReleaseStatus.LIVE, ReleaseStatus.FAILED},
    ReleaseStatus.LIVE: set(),
    ReleaseStatus.FAILED: set(),
}

# Refuse a step that a release cannot take.
check_transition = checker(TRANSITIONS)
