"""Long work in pieces that two processes do side by side, since Python computes on one core each.

Threads would not do: what wins a second in the solvers is lost between them.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from threadpoolctl import (  # type: ignore[import-untyped]  # comes with scikit-learn, no types
    threadpool_limits,
)

_PROCESSES = 2
# For fewer texts it is not worth starting two processes.
WORTH = 4_000


def each[P, R](work: Callable[[P], R], pieces: Sequence[P], *, texts: int) -> Iterator[R]:
    """What the work makes of each piece, in their order.

    :param work: a function of a module, so that another process finds it.
    :param texts: how many are in all pieces together; of few, each piece is done here.
    """
    if texts < WORTH or (os.cpu_count() or 1) < _PROCESSES:
        yield from map(work, pieces)
        return
    # Begun afresh, not as copies of this process: it has threads, whose locks a copy would keep.
    fresh = get_context("spawn")
    try:
        pool = ProcessPoolExecutor(_PROCESSES, mp_context=fresh)
    except (OSError, NotImplementedError):
        # A locked-down container without shared memory: it takes longer, and is the same.
        yield from map(work, pieces)
        return
    with pool:
        yield from pool.map(partial(_on_one_core, work), pieces)


def _on_one_core[P, R](work: Callable[[P], R], piece: P) -> R:
    # More threads would spin against the other process's. Said for each piece: only now are the
    # libraries loaded to which it is said.
    with threadpool_limits(limits=1, user_api="blas"):
        return work(piece)
