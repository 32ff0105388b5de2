"""The third reader: the side whose texts lie nearer to hers gets the votes."""

import numpy as np
import pytest

from bot.crisis.encoder import WIDTH
from bot.crisis.model import Trust
from bot.crisis.neighbours import ASKED, Neighbours, Numbers, shortened

AXES = np.eye(WIDTH, 3, dtype=np.float32)
EAST, NORTH, UP = np.eye(3, WIDTH, dtype=np.float32)


def rows(*directions: Numbers) -> Numbers:
    centre = np.zeros(WIDTH, dtype=np.float32)
    return shortened(np.vstack(directions), centre, AXES)


def neighbours(
    *, page: list[Numbers], ask_only: list[Numbers], others: list[Numbers]
) -> Neighbours:
    return Neighbours(
        centre=np.zeros(WIDTH, dtype=np.float32),
        axes=AXES,
        danger=rows(*page, *ask_only),
        may_page=len(page),
        others=rows(*others),
    )


def test_a_text_like_danger_gains_and_a_text_like_the_rest_loses():
    reader = neighbours(page=[EAST] * 30, ask_only=[], others=[NORTH] * 30)

    votes = reader.votes(np.vstack([EAST, NORTH]))

    assert votes[0] == pytest.approx([1.0, 1.0])
    assert votes[1] == pytest.approx([-1.0, -1.0])


def test_danger_that_is_only_asked_about_gives_no_votes_for_a_page():
    reader = neighbours(page=[UP] * 30, ask_only=[EAST] * 30, others=[NORTH] * 30)

    ask, page = reader.votes(EAST[np.newaxis])[0]

    assert ask == pytest.approx(1.0)
    assert page == pytest.approx(0.0)


def test_one_mislabelled_text_decides_nothing():
    reader = neighbours(page=[EAST, *[UP] * 30], ask_only=[], others=[EAST] * 30)

    ask, _ = reader.votes(EAST[np.newaxis])[0]

    assert ask == pytest.approx(1 / ASKED - 1)


def test_few_texts_or_none_of_a_side_are_no_error():
    reader = neighbours(page=[], ask_only=[EAST] * 3, others=[NORTH])

    ask, page = reader.votes(EAST[np.newaxis])[0]

    assert (ask, page) == pytest.approx((1.0, 0.0))


def test_many_texts_read_together_get_what_each_gets_alone():
    many = np.random.default_rng(1).normal(size=(2500, WIDTH)).astype(np.float32)
    reader = neighbours(page=list(many[:40]), ask_only=list(many[40:60]), others=list(many[60:120]))

    together = reader.votes(many)

    assert together[2345] == pytest.approx(reader.votes(many[2345:2346])[0], abs=1e-5)


def test_the_two_readers_of_meaning_are_weighed_apart():
    trust = Trust(ask=0.5, page=0.25, kinds=2.0, neighbours=10.0, word_neighbours=0.0)
    linear = np.array([[2.0, 4.0, 1.0]], dtype=np.float32)
    near = np.array([[0.1, 0.2]], dtype=np.float32)

    assert trust.added(linear, near)[0] == pytest.approx([2.0, 3.0, 2.0])
