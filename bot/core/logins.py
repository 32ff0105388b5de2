"""How long a login lasts, and when guessing is stopped. Numbers and decisions, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A console left open in a ward closes itself; a shift is never longer than this.
IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
# The time between password and code.
HALF = timedelta(minutes=10)
SETUP_LINK = timedelta(hours=24)
FAILURES_COUNT_FOR = timedelta(minutes=15)
# Somebody who guesses must not be able to lock Dr Bose out from elsewhere with five tries:
# the narrow lock is on name and address together, the wide ones stop a spread attack. The wide ones
# do not hold for a browser in which this very person has logged in before.
_MOST_PER_PAIR, _MOST_PER_NAME = 5, 25
# A whole clinic sits behind one address. Its wrong tries never close the door: each next one only
# waits a little longer, and a minute at most.
_FREE_PER_ADDRESS, _DOUBLES_AFTER = 30, 5
_SHORTEST, _LONGEST_FOR_ADDRESS = timedelta(seconds=2), timedelta(seconds=60)


class LoginStage(StrEnum):
    """How far somebody has proved who they are."""

    CODE = "code"
    FULL = "full"


class NoteKind(StrEnum):
    """What a note of staff is about."""

    NOTE = "note"
    OUTCOME = "outcome"
    CONTACT = "contact"
    HAND_OVER = "hand_over"


@dataclass(frozen=True)
class Failures:
    """Wrong tries in the last quarter of an hour, by what they have in common.

    :param last_at_address: when the newest of those from the address was.
    """

    pair: int
    name: int
    address: int
    last_at_address: datetime | None = None


def is_locked(failures: Failures, *, known: bool = False) -> bool:
    """Must this name, from here, wait until wrong tries no longer count?

    :param known: it is a browser in which this person has logged in before.
    """
    return failures.pair >= _MOST_PER_PAIR or (not known and failures.name >= _MOST_PER_NAME)


def wait_at_address(failures: Failures, *, now: datetime) -> timedelta:
    """How long this address must still wait before its next try; mostly not at all."""
    over = failures.address - _FREE_PER_ADDRESS
    if over < 0 or failures.last_at_address is None:
        return timedelta(0)
    # Twelve doublings are far beyond the longest; more would only be a larger number.
    pause: timedelta = min(_SHORTEST * 2 ** min(over // _DOUBLES_AFTER, 12), _LONGEST_FOR_ADDRESS)
    return max(failures.last_at_address + pause - now, timedelta(0))


def is_over(stage: LoginStage, *, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Has this login ended by itself: idle, or as old as a login may get?"""
    if stage is LoginStage.CODE:
        return now >= created_at + HALF
    return now >= seen_at + IDLE or now >= created_at + LONGEST
