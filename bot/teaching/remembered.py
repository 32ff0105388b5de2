"""Keeps what takes long to work out, for as many things as were asked about lately."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Remembered[K: Hashable, V]:
    """The answers that were used last. Threads may share one.

    :param most: how many are kept.
    """

    most: int
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: OrderedDict[K, V] = field(default_factory=OrderedDict)

    def all(self, keys: Sequence[K], work_out: Callable[[list[K]], Mapping[K, V]]) -> list[V]:
        """The answer for each key, in order; those that are not known are worked out together."""
        with self._lock:
            known = {key: self._kept[key] for key in set(keys) & self._kept.keys()}
        fresh = list(dict.fromkeys(key for key in keys if key not in known))
        if fresh:
            known |= work_out(fresh)
        with self._lock:
            for key in keys:
                self._kept[key] = known[key]
                self._kept.move_to_end(key)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return [known[key] for key in keys]
