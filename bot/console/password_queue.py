"""Passwords are looked at two at a time, and behind everything else: a crowd slows no page."""

import asyncio
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.errors import NotAllowed

AT_ONCE = 2
_WAITS = 5.0
_LOOKS_EVERY = 0.05
_GIVES_WAY = 10


class TooManyAtOnce(NotAllowed):
    """So many people, or one machine, try to log in that this one was not looked at."""

    def __init__(self) -> None:
        super().__init__(
            "Too many people log in at this moment, and yours was not looked at. Wait half a "
            "minute, then try again. An alert can be taken by text: ACK and its code."
        )


def _give_way() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _GIVES_WAY)


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords", initializer=_give_way)


@dataclass(frozen=True)
class PasswordQueue:
    """Who waits to be let in holds no thread that a page needs.

    :param waits: so many seconds; who waits longer is turned away unread.
    """

    waits: float = _WAITS
    _free: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )
    _pool: ThreadPoolExecutor = field(default_factory=_threads)

    async def run[R](self, work: Callable[[], R]) -> R:
        """Do it when it is its turn.

        :raises TooManyAtOnce: its turn did not come.
        """
        until = time.monotonic() + self.waits
        while not self._free.acquire(blocking=False):
            if time.monotonic() >= until:
                raise TooManyAtOnce
            await asyncio.sleep(_LOOKS_EVERY)
        try:
            running = self._pool.submit(work)
        except BaseException:
            self._free.release()
            raise
        # Whoever is gone meanwhile: its hash is still being worked out, and holds its place.
        running.add_done_callback(lambda _done: self._free.release())
        return await asyncio.wrap_future(running)
