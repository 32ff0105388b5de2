"""What a text may be read as: a score, a skip, a refusal, a doubt, or no answer at all."""

from dataclasses import dataclass
from enum import StrEnum


class Doubt(StrEnum):
    """Why a text that is some kind of answer cannot be scored."""

    TWO_ANSWERS = "two_answers"
    NUMBER_AND_WORDS_DIFFER = "number_and_words_differ"
    BETWEEN = "between"
    OUT_OF_RANGE = "out_of_range"
    VAGUE = "vague"
    BARE_YES = "bare_yes"
    DOES_NOT_KNOW = "does_not_know"
    ASKS_BACK = "asks_back"
    HEDGED = "hedged"
    AMONG_OTHER_WORDS = "among_other_words"


@dataclass(frozen=True)
class Answered:
    """She gave one permitted score."""

    score: int


@dataclass(frozen=True)
class Skipped:
    """She leaves this item out. Not a zero."""


@dataclass(frozen=True)
class Declined:
    """She wants no more items."""


@dataclass(frozen=True)
class Ambiguous:
    """An answer, but not one score: the item is asked again with its choices.

    :param could_mean: every score that she may have meant.
    :param might_alert: on an alerting item, one of them is alerting: doubt goes up.
    """

    reason: Doubt
    could_mean: tuple[int, ...] = ()
    might_alert: bool = False


@dataclass(frozen=True)
class Unreadable:
    """No answer at all: a question, a story, another subject."""


Reading = Answered | Skipped | Declined | Ambiguous | Unreadable
