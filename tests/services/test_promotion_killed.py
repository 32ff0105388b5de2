"""Worker or Rasa ends at any point of a change of models: it comes right afterwards."""

from datetime import timedelta

import pytest

from bot.content.live_model import live_name
from bot.errors import DialogueUnavailable
from bot.services import promotion
from tests.services.test_promotion import (
    NEW,
    OLD,
    FakeRasas,
    Killed,
    carry_out,
    models,
    promote,
    rasas,
    ready,
)

__all__ = ["models", "rasas", "ready"]
POINTS = ["before 0", "before 1", "after loading", "after pointing"]


class Dying(FakeRasas):
    """Rasas of which some are dead: they answer nothing, whatever they are told."""

    def __init__(self, loaded: list[str], dead: set[int]) -> None:
        super().__init__(loaded)
        self.dead = dead

    def _load(self, number: int, model) -> None:
        if number in self.dead:
            raise DialogueUnavailable("ConnectError")
        super()._load(number, model)


def later(world) -> None:
    world.clock.time += promotion.LEASE + timedelta(seconds=1)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_on_the_way_back_leaves_a_swap_that_another_finishes(
    ready, rasas, models, point
):
    promote(ready)
    carry_out(ready, rasas, models)
    promotion.roll_back(ready.clinic, by="staff:sam", now=ready.now)
    rasas.killed_at = point
    with pytest.raises(Killed):
        carry_out(ready, rasas, models)
    rasas.killed_at = ""
    assert promotion.look_at(ready.clinic).model == NEW
    later(ready)
    assert carry_out(ready, rasas, models, worker="w2")
    assert rasas.loaded == [OLD, OLD]
    assert live_name(models) == OLD
    assert promotion.look_at(ready.clinic).model == OLD


@pytest.mark.parametrize("dead", [{0}, {1}, {0, 1}], ids=["first", "second", "both"])
def test_a_rasa_that_dies_on_the_way_leaves_the_live_model_and_follows_when_it_is_back(
    ready, models, dead
):
    rasas = Dying([OLD, OLD], dead)
    promote(ready)
    carry_out(ready, rasas, models)
    seen = promotion.look_at(ready.clinic)
    assert (seen.model, seen.swapping) == (OLD, None)
    assert "The model that was live still is" in seen.problem
    # It is started again, and loads what the pointer says.
    for number in dead:
        rasas.loaded[number] = live_name(models)
    rasas.dead = set()
    promotion.follow(ready.clinic, rasas, models)
    assert rasas.loaded == [OLD, OLD]
    promote(ready)
    carry_out(ready, rasas, models)
    assert promotion.look_at(ready.clinic).model == NEW


def test_a_worker_killed_while_it_takes_everything_back_leaves_the_rest_to_another(
    ready, rasas, models
):
    """The second Rasa refuses; the worker is gone before the first has the old model again."""
    promote(ready)
    rasas.refuses = {(1, NEW)}
    taken_back = rasas.load_where_missing

    def killed(_model):
        raise Killed

    rasas.load_where_missing = killed
    with pytest.raises(Killed):
        carry_out(ready, rasas, models)
    assert rasas.loaded == [NEW, OLD]
    assert promotion.look_at(ready.clinic).model == OLD
    rasas.load_where_missing = taken_back
    assert promotion.follow(ready.clinic, rasas, models)
    assert rasas.loaded == [OLD, OLD]
    assert live_name(models) == OLD


def test_her_texts_are_answered_though_nobody_finishes_the_swap(ready, models):
    """Every worker is gone for a while: after some seconds texts wait for no model any more."""
    promote(ready)
    ready.text("Ann", "hello", settle=False)
    assert not ready.worker.converse_with_all()
    ready.clock.time += promotion.PAUSE
    ready.settle()
    assert ready.to("Ann") == ["utter_greet"]


def test_a_candidate_whose_file_is_gone_leaves_the_live_model(ready, rasas, models):
    promote(ready)
    (models / f"{NEW}.tar.gz").unlink()
    rasas.refuses = {(0, NEW), (1, NEW)}
    carry_out(ready, rasas, models)
    assert rasas.loaded == [OLD, OLD]
    assert promotion.look_at(ready.clinic).model == OLD
