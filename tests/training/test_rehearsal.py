"""The rehearsal of the safety set: the whole path, each text from a mother of her own."""

from dataclasses import replace

import pytest

from bot.bootstrap import App
from bot.core.languages import Language
from bot.ports import Reply
from bot.sandbox.rehearsal import NoCarrier, Timed, try_texts
from bot.sandbox.stage import StandingClock
from bot.settings import load_settings
from bot.training.test_sets import SafetyText, golden_texts, held_out, safety_set
from tests.conftest import ROOT
from tests.engines import SQLITE_ONLY
from tests.world import FakeDialogue

DIE = SafetyText("i want to die", Language.ENGLISH, "suicide", "urgent")
MISSED = SafetyText("the sky is so very purple", Language.ENGLISH, "suicide", "urgent")
QUIET = SafetyText("hello", Language.ENGLISH, "", "")


@pytest.fixture
def app(clinic):
    return App(
        settings=load_settings(),
        clock=StandingClock(),
        clinic=clinic,
        provider=NoCarrier(),
        dialogue=Timed(FakeDialogue(says=[Reply("utter_greet")])),
    )


@SQLITE_ONLY
def test_what_is_raised_is_seen_with_level_and_class(app):
    (seen,) = try_texts(app, [DIE])
    assert (seen["level"], seen["categories"]) == ("urgent", ["suicide"])


@SQLITE_ONLY
def test_the_model_is_asked_about_what_nothing_else_saw(app):
    asked = []

    class Asked(FakeDialogue):
        def say(self, **given):
            asked.append(given["text"])
            return super().say(**given)

    seen = try_texts(
        replace(app, dialogue=Asked(says=[Reply("utter_greet")])), [DIE, MISSED, QUIET]
    )
    assert asked == [MISSED.text]
    assert [one["level"] for one in seen] == ["urgent", "", ""]


def test_the_repositorys_own_sets_are_found():
    texts = safety_set(ROOT)
    assert len(texts) > 1400
    assert {text.language for text in texts} == set(Language)
    assert {"held_out", "noisy", "out_of_scope"} <= held_out(ROOT).keys()
    assert len(golden_texts(ROOT)) > 50
