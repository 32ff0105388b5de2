"""A life as a table: from each status, which ones may follow."""

from collections.abc import Callable, Mapping, Set
from enum import StrEnum

from bot.errors import InvalidTransition

type Table[Status: StrEnum] = Mapping[Status, Set[Status]]


def checker[Status: StrEnum](table: Table[Status]) -> Callable[[Status, Status], None]:
    """What refuses every step that this table does not have, with ``InvalidTransition``."""

    def check_transition(before: Status, after: Status) -> None:
        if after not in table[before]:
            raise InvalidTransition(before, after)

    return check_transition
