"""How many pages may be live at once: each costs a look at the database every second."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# More windows than anybody watches; a whole practice with every colleague at two screens.
MOST_PER_LOGIN = 6
MOST_IN_ALL = 120


@dataclass(eq=False)
class Stream:
    """One live page.

    :param ended: set when it had to make way for a newer one.
    """

    login_id: str
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Streams:
    """The live pages of one console process. Used on its event loop only."""

    def __init__(self, *, per_login: int = MOST_PER_LOGIN, in_all: int = MOST_IN_ALL) -> None:
        self._per_login = per_login
        self._in_all = in_all
        # In the order in which they were opened.
        self._open: dict[Stream, None] = {}

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    @contextmanager
    def opened(self, login_id: str) -> Iterator[Stream]:
        """A page is live; the oldest makes way when there are too many.

        One person with many windows loses the oldest of their own, and nobody else's.
        """
        stream = Stream(login_id)
        self._open[stream] = None
        mine = [one for one in self._open if one.login_id == login_id]
        if len(mine) > self._per_login:
            self._end(mine[0])
        elif len(self._open) > self._in_all:
            self._end(next(iter(self._open)))
        try:
            yield stream
        finally:
            self._open.pop(stream, None)

    def _end(self, stream: Stream) -> None:
        self._open.pop(stream, None)
        stream.ended.set()
