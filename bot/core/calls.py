"""A page by phone, as a carrier tells of it and as we answer."""

from dataclasses import dataclass
from enum import StrEnum


class CallMoment(StrEnum):
    """What has just happened in a call."""

    # Somebody picked up; a person, as far as the carrier can hear.
    ANSWERED = "answered"
    MACHINE = "machine"
    KEY = "key"
    ENDED = "ended"


@dataclass(frozen=True)
class CallEvent:
    """One webhook of a call.

    :param reference: our id of the outbound row.
    :param key: the digit that was pressed; empty when none was.
    :param because: how it ended, in a word, where it did not go well.
    """

    provider: str
    provider_id: str
    reference: str
    moment: CallMoment
    key: str = ""
    because: str = ""


@dataclass(frozen=True)
class Spoken:
    """What the call says next.

    :param awaits_key: then a key is waited for, else the call ends.
    """

    words: str
    awaits_key: bool = False


HANG_UP = Spoken("")
TAKE = "1"
PASS_ON = "2"


# As pilots say them: B, D, P and T sound alike on a bad line at 3 a.m. Both languages know them.
_SIGNAL_WORDS = dict(
    zip(
        "ABCDEFGHJKMNPRTUVWXY",
        (
            *("Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "Juliett"),
            *("Kilo", "Mike", "November", "Papa", "Romeo", "Tango", "Uniform", "Victor"),
            *("Whiskey", "X-ray", "Yankee"),
        ),
        strict=True,
    )
)


def spelled(code: str) -> str:
    """An alert's code as a voice reads it slowly, sign by sign: ``K, Kilo. 7``.

    A full stop is a pause to every voice that reads aloud.
    """
    signs = code.upper()
    return ". ".join(
        f"{sign}, {_SIGNAL_WORDS[sign]}" if sign in _SIGNAL_WORDS else sign for sign in signs
    )
