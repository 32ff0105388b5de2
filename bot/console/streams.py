"""How many pages may be live at once: each costs a look at the database every second."""

import asyncio
import hashlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# More windows than anybody watches; a whole practice with every colleague at two screens.
MOST_PER_LOGIN = 6
MOST_IN_ALL = 120
# Browsers ask again every two seconds when a line breaks: all windows of a login, twice over.
MOST_OPENINGS = 2 * MOST_PER_LOGIN
OPENINGS_WITHIN = timedelta(seconds=4)
_MOST_COOKIES = 1000


@dataclass(eq=False)
class Stream:
    """One live page.

    :param ended: set when it had to make way for a newer one.
    """

    login_id: str
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Openings:
    """How often each cookie has asked for a live page lately: looks at no database."""

    def __init__(self) -> None:
        # By the hash of the cookie: a login is worth stealing, also out of memory.
        self._lately: dict[bytes, deque[datetime]] = {}

    @property
    def count(self) -> int:
        """How many cookies are remembered."""
        return len(self._lately)

    def may_open(self, token: str, *, now: datetime) -> bool:
        """Is one more bearable? What is refused does not count, so that patience is rewarded."""
        if len(self._lately) > _MOST_COOKIES:
            self._forget(now)
        mine = self._lately.setdefault(hashlib.sha256(token.encode()).digest(), deque())
        while mine and not self._is_recent(mine[0], now):
            mine.popleft()
        if len(mine) >= MOST_OPENINGS:
            return False
        mine.append(now)
        return True

    def _forget(self, now: datetime) -> None:
        kept = {key: at for key, at in self._lately.items() if self._is_recent(at[-1], now)}
        # Invented cookies by the thousand: rather count everybody anew than hold them all.
        self._lately = kept if len(kept) <= _MOST_COOKIES else {}

    def _is_recent(self, at: datetime, now: datetime) -> bool:
        # A clock that was set back must not lock anybody out.
        return timedelta() <= now - at < OPENINGS_WITHIN


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
