"""The gate for SQLite's writers: one at a time, the most pressing first, then in order of coming.

Writers of one process are let through one by one, each woken by the one before it: woken all at
once, forty of them would fight for a turn that only one can have. Between processes a file lock
takes the gate's place, since a writer that sleeps in the kernel is let in at once, and one that
SQLite makes poll sleeps up to a tenth of a second too long (decision 0007).
"""

import fcntl
import heapq
import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path


class Turn(IntEnum):
    """Who goes first when several want to write: her text, then people's acts, then batches."""

    INBOUND = 0
    ORDINARY = 1
    BATCH = 2


class Gate:
    """Lets one writer through at a time.

    :param file: where other processes on the same database queue; none when there are no others.
    """

    def __init__(self, file: Path | None) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, threading.Lock]] = []
        self._numbers = itertools.count()
        self._busy = False
        self._file = file
        self._descriptor: int | None = None

    @contextmanager
    def entered(self, turn: Turn) -> Iterator[None]:
        """Wait for our turn; the gate is ours until the block ends."""
        self._enter(turn)
        try:
            self._lock_file()
            try:
                yield
            finally:
                self._unlock_file()
        finally:
            self._leave()

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _enter(self, turn: Turn) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            mine = threading.Lock()
            mine.acquire()
            place = (int(turn), next(self._numbers), mine)
            heapq.heappush(self._waiting, place)
        try:
            mine.acquire()
        except BaseException:  # Ctrl-C while waiting: nobody may be sent to a turn that is dead
            self._give_up(place)
            raise

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                # Still busy: handed on, so that nobody can slip in between.
                heapq.heappop(self._waiting)[2].release()
            else:
                self._busy = False

    def _give_up(self, place: tuple[int, int, threading.Lock]) -> None:
        with self._lock:
            waiting = place in self._waiting
            if waiting:
                self._waiting.remove(place)
                heapq.heapify(self._waiting)
        if not waiting:
            self._leave()

    def _lock_file(self) -> None:
        if self._file is None:
            return
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._file, flags, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def _unlock_file(self) -> None:
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
