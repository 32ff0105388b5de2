"""The pieces that a text is cut into, and what each may mean."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What a piece of her text is."""

    NUMBER = auto()
    LABEL = auto()  # words with one clear score
    NO = auto()  # clear, but only when it stands alone: "no i cant sleep" is no zero
    UNCLEAR = auto()
    BETWEEN = auto()
    OUTSIDE = auto()
    YES = auto()
    HEDGE = auto()
    SKIP = auto()
    DECLINE = auto()
    FILLER = auto()
    BUT = auto()
    OR = auto()
    AND = auto()
    OTHER = auto()
    COMMA = auto()
    STOP = auto()
    ASK = auto()


BREAKS = {Kind.BUT, Kind.OR, Kind.AND, Kind.COMMA, Kind.STOP, Kind.ASK}
SCORING = {Kind.NUMBER, Kind.LABEL, Kind.NO}
ANSWERING = {*SCORING, Kind.UNCLEAR, Kind.BETWEEN, Kind.OUTSIDE, Kind.SKIP, Kind.YES}


@dataclass(frozen=True)
class Mark:
    """One piece of her text: what it is, which scores it may mean, and its own words."""

    kind: Kind
    could_mean: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()
