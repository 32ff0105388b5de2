"""Long work is done by two processes, and comes back in its order."""

import os

import pytest

from bot.training import both_cores


def doubled(number: int) -> tuple[int, int]:
    return 2 * number, os.getpid()


def refused(number: int) -> int:
    raise ValueError(number)


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def test_few_texts_are_done_here():
    found = list(both_cores.each(doubled, range(3), texts=3))
    assert found == [(0, os.getpid()), (2, os.getpid()), (4, os.getpid())]


def test_many_are_done_elsewhere_and_come_back_in_order():
    found = list(both_cores.each(doubled, range(6), texts=both_cores.WORTH))
    assert [number for number, _ in found] == [0, 2, 4, 6, 8, 10]
    assert os.getpid() not in {process for _, process in found}


def test_what_fails_elsewhere_fails_here():
    with pytest.raises(ValueError, match="0"):
        list(both_cores.each(refused, range(2), texts=both_cores.WORTH))


def test_on_one_core_everything_is_done_here(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    found = list(both_cores.each(doubled, range(2), texts=both_cores.WORTH))
    assert {process for _, process in found} == {os.getpid()}


def test_where_no_process_can_be_started_everything_is_done_here(monkeypatch):
    def refuse(*_how, **_more):
        raise PermissionError

    monkeypatch.setattr(both_cores, "ProcessPoolExecutor", refuse)
    found = list(both_cores.each(doubled, range(2), texts=both_cores.WORTH))
    assert found == [(0, os.getpid()), (2, os.getpid())]
