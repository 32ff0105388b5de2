"""Remembers which texts were protested against, so that each later text is unsealed once.

Ids only. What a process has forgotten, it reads again.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# Two gateways may commit in another order than they took texts in.
_LATE = timedelta(minutes=10)

# Given a span (the end may be open): which texts of it were protested against, and when each came.
type Read = Callable[[datetime, datetime | None], Iterable[tuple[str, datetime]]]


@dataclass
class ProtestBook:
    """What one process has found so far. Threads may share one."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _from: datetime | None = None
    _until: datetime | None = None
    _found: dict[str, datetime] = field(default_factory=dict)

    def since(self, first: datetime, *, now: datetime, read: Read) -> frozenset[str]:
        """Ids of the texts since then that were protested against; reads only what is new."""
        with self._lock:
            if self._from is None or self._until is None:
                self._found.update(read(first, None))
                self._from = first
            else:
                if first < self._from:
                    self._found.update(read(first, self._from))
                    self._from = first
                self._found.update(read(self._until - _LATE, None))
            self._until = now
            return frozenset(found for found, at in self._found.items() if at >= first)
