"""The fourth reader: the side whose texts share more rare words with hers gets the votes."""

import numpy as np
import pytest

from bot.crisis.ngrams import BUCKETS, word_bucket
from bot.crisis.word_neighbours import ASKED, WordNeighbours

STONES, POCKETS, PRAM, LAMP = (word_bucket(word) for word in ("stones", "pockets", "pram", "lamp"))
HALF = 2**-0.5


def word_neighbours(
    *, page: list[list[int]], ask_only: list[list[int]], others: list[list[int]]
) -> WordNeighbours:
    """Of texts that are known by a few buckets each, which all count alike."""
    entries = sorted(
        (bucket, number, len(text) ** -0.5)
        for number, text in enumerate([*page, *ask_only, *others])
        for bucket in text
    )
    held_by = np.bincount([bucket for bucket, _, _ in entries], minlength=BUCKETS)
    return WordNeighbours(
        starts=np.concatenate([[0], np.cumsum(held_by)]).astype(np.uint32),
        texts=np.array([number for _, number, _ in entries], dtype=np.uint32),
        weights=np.array([weight for _, _, weight in entries], dtype=np.float32),
        may_page=len(page),
        danger=len(page) + len(ask_only),
        size=len(page) + len(ask_only) + len(others),
    )


def votes(reader: WordNeighbours, *buckets: int) -> tuple[float, float]:
    counted = np.full(len(buckets), len(buckets) ** -0.5, dtype=np.float32)
    ask, page = reader.votes(np.array(buckets), counted)
    return float(ask), float(page)


def test_a_text_that_shares_words_with_danger_gains_and_with_the_rest_loses():
    reader = word_neighbours(page=[[STONES]] * 10, ask_only=[], others=[[PRAM]] * 10)

    assert votes(reader, STONES) == pytest.approx((1.0, 1.0))
    assert votes(reader, PRAM) == pytest.approx((-1.0, -1.0))
    assert votes(reader, STONES, PRAM) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_words_that_stand_together_in_one_text_count_more_than_in_two():
    together = word_neighbours(page=[[STONES, POCKETS]] * 10, ask_only=[], others=[[PRAM]])
    apart = word_neighbours(page=[[STONES, LAMP], [POCKETS, LAMP]] * 10, ask_only=[], others=[])

    assert votes(together, STONES, POCKETS)[0] == pytest.approx(1.0)
    assert votes(apart, STONES, POCKETS)[0] == pytest.approx(HALF * HALF)


def test_danger_that_is_only_asked_about_gives_no_votes_for_a_page():
    reader = word_neighbours(page=[[LAMP]] * 10, ask_only=[[STONES]] * 10, others=[[PRAM]] * 10)

    assert votes(reader, STONES) == pytest.approx((1.0, 0.0))


def test_one_mislabelled_text_decides_little():
    reader = word_neighbours(page=[[PRAM]], ask_only=[], others=[[PRAM]] * 10)

    assert votes(reader, PRAM)[0] == pytest.approx(1 / ASKED - 1)


def test_a_text_that_shares_nothing_gets_no_votes():
    reader = word_neighbours(page=[[STONES]] * 3, ask_only=[], others=[])

    assert votes(reader, LAMP) == (0.0, 0.0)
    assert tuple(reader.votes(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))) == (0, 0)
