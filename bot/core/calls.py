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
