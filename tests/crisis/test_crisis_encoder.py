"""Texts that come at the same time are encoded together."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bot.crisis.encoder import Together, Vectors


class Unreadable(Exception):
    """The encoder meets a text that it cannot read."""


class SlowEncoder:
    """Notes what it is given; the first call waits until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.busy, self.go_on = threading.Event(), threading.Event()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(list(texts))
        if len(self.batches) == 1:
            self.busy.set()
            assert self.go_on.wait(10)
        if "unreadable" in texts:
            raise Unreadable
        return np.array([[len(text)] for text in texts], dtype=np.float32)


def gathered(slow: SlowEncoder, later: Sequence[str]) -> list[Vectors | BaseException]:
    """What each of these is answered, all having come while the first text was read."""
    together = Together(slow)
    with ThreadPoolExecutor(len(later) + 1) as pool:
        first = pool.submit(together.vector, "a")
        assert slow.busy.wait(10)
        rest = [pool.submit(together.vector, text) for text in later]
        while len(together._waiting) < len(later):
            threading.Event().wait(0.01)
        slow.go_on.set()
        assert first.result().tolist() == [[1]]
        return [one.exception() or one.result() for one in rest]


def test_texts_that_came_meanwhile_are_one_batch_and_each_gets_its_own():
    slow = SlowEncoder()
    found = gathered(slow, ["bb", "ccc", "dddd"])

    assert [sorted(batch) for batch in slow.batches] == [["a"], ["bb", "ccc", "dddd"]]
    assert [np.asarray(one).tolist() for one in found] == [[[2]], [[3]], [[4]]]


def test_a_text_that_cannot_be_read_takes_no_other_with_it():
    found = gathered(SlowEncoder(), ["bb", "unreadable"])

    assert np.asarray(found[0]).tolist() == [[2]]
    assert isinstance(found[1], Unreadable)


def test_a_text_alone_is_read_at_once():
    slow = SlowEncoder()
    slow.go_on.set()
    together = Together(slow)

    assert together.vector("abc").tolist() == [[3]]
    with pytest.raises(Unreadable):
        together.vector("unreadable")
