"""Group commit: acts that wait at the same time are written together, with one trip to the disk.

A commit waits for the disk, some milliseconds each. A hundred texts a second cannot each wait for
one of their own; those that come meanwhile share the next (decision 0007).
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, cast

from sqlalchemy.orm import Session

# More would keep other writers waiting too long.
MOST_AT_ONCE = 16


class Act:
    """One act of a group: what it is to do, and once the group is over, what came of it."""

    def __init__(self, work: Callable[[Session], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self._turn = threading.Lock()
        self._turn.acquire()

    def wait(self) -> None:
        """Wait until it was carried out, or until it is asked to lead the next group."""
        self._turn.acquire()

    def wake(self) -> None:
        """Let it go on."""
        self._turn.release()


class GroupCommit:
    """Who comes first carries out what the others brought while he waited, too.

    :param carry_out: writes all of a group in one transaction, and notes on each act what came of
        it. If it raises, nothing of the group was written.
    """

    def __init__(self, carry_out: Callable[[Callable[[], Sequence[Act]]], None]) -> None:
        self._carry_out = carry_out
        self._lock = threading.Lock()
        self._waiting: list[Act] = []
        self._led = False

    def join[T](self, work: Callable[[Session], T]) -> T:
        """Carry this out with others; everything in it happens, or nothing, whatever they do.

        :param work: may be called a second time when the group as a whole could not be written.
        """
        act = Act(work)
        with self._lock:
            self._waiting.append(act)
            leads, self._led = not self._led, True
        if not leads:
            act.wait()
        if self._still_waits(act):
            self._lead()
        if act.error is not None:
            raise act.error
        return cast(T, act.result)

    def _still_waits(self, act: Act) -> bool:
        with self._lock:
            return act in self._waiting

    def _lead(self) -> None:
        """Write one group, our own act first in it; then the next who waits leads."""
        taken: list[Act] = []

        def take() -> Sequence[Act]:
            # As late as can be: who came while we waited for our turn to write comes along.
            with self._lock:
                taken.extend(self._waiting[:MOST_AT_ONCE])
                del self._waiting[: len(taken)]
            return taken

        try:
            self._write(take, taken)
        finally:
            with self._lock:
                followers = taken[1:]
                if self._waiting:
                    followers.append(self._waiting[0])
                else:
                    self._led = False
            for follower in followers:
                follower.wake()

    def _write(self, take: Callable[[], Sequence[Act]], taken: list[Act]) -> None:
        try:
            self._carry_out(take)
        except BaseException as error:
            if not taken:
                take()
            for act in taken:
                act.error = error
            if len(taken) > 1 and isinstance(error, Exception):
                # One that cannot be written must not take the others with it.
                for act in taken:
                    self._alone(act)

    def _alone(self, act: Act) -> None:
        act.error = None
        try:
            self._carry_out(lambda: [act])
        except Exception as error:
            act.error = error
