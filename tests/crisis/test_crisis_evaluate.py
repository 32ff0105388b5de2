"""The evaluation counts what matters and carries no words."""

import pytest

from bot.crisis.evaluate import Row, evaluate, table, wilson
from bot.crisis.screening import Screener


def test_pages_asks_and_misses_are_counted_for_each_kind(screener: Screener):
    rows = [
        Row("1", "i want to die", "danger"),
        Row("2", "i cant do this anymore", "danger"),
        Row("3", "see you tomorrow", "danger"),
        Row("4", "i cry all day", "sad"),
    ]

    danger, sad = evaluate(screener, rows)

    assert (danger.n, danger.paged, danger.asked, danger.misses) == (3, 1, 1, ("3",))
    assert danger.flagged == pytest.approx(2 / 3)
    assert (sad.paged, sad.asked) == (0, 0)
    assert "want" not in table([danger, sad])


def test_wilson_gives_the_published_interval():
    low, high = wilson(8, 10)  # 0.490 to 0.943: Agresti and Coull 1998, worked by hand

    assert low == pytest.approx(0.4902, abs=1e-3)
    assert high == pytest.approx(0.9433, abs=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)
