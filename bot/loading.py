"""Lets a process load without looking for garbage, of which a start makes none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """In the block nothing is looked for: that would cost half a second of a start.

    The first server that starts puts all that is there aside.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
