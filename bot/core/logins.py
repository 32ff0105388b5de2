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
# the narrow lock is on name and address together, the wide ones stop a spread attack.
_MOST_PER_PAIR, _MOST_PER_NAME, _MOST_PER_ADDRESS = 5, 25, 30


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
    """Wrong tries in the last quarter of an hour, by what they have in common."""

    pair: int
    name: int
    address: int


def is_locked(failures: Failures) -> bool:
    """Must this name, from this address, wait before the next try?"""
    return (
        failures.pair >= _MOST_PER_PAIR
        or failures.name >= _MOST_PER_NAME
        or failures.address >= _MOST_PER_ADDRESS
    )


def is_over(stage: LoginStage, *, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Has this login ended by itself: idle, or as old as a login may get?"""
    if stage is LoginStage.CODE:
        return now >= created_at + HALF
    return now >= seen_at + IDLE or now >= created_at + LONGEST
