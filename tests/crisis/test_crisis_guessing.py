"""What she hears when the classifier is sure of danger, and not of which: never the wrong text."""

from itertools import permutations
from pathlib import Path

import pytest

from bot.content.classifier import load_lesson
from bot.core.levels import Category, Level
from bot.crisis.guessing import Guessed, guess
from bot.crisis.model import Thresholds, Verdict
from bot.crisis.rules import CrisisRules

LESSON = load_lesson(Path(__file__).parents[2] / "data" / "crisis")
LABELS = {label.name: label for label in LESSON.labels}
THRESHOLDS = Thresholds(ask=0.99, page=0.97, agree=0.2)
QUESTION = "crisis_ask"


def guessed(
    rules: CrisisRules, *names: str, ask: float = 1.0, page: float = 0.0, asks: str = ""
) -> list[Guessed]:
    """What two chances and these plausible kinds lead to, by the shipped files."""
    verdict = Verdict(ask=ask, page=page, labels=tuple(LABELS[name] for name in names))
    kinds = {Category(asks)} if asks else set()
    return guess(verdict, THRESHOLDS, LESSON.unsure, rules.classes, pattern_asks=kinds)


@pytest.mark.parametrize(
    ("name", "level", "reply"),
    [
        ("suicide", Level.URGENT, "crisis_suicide"),
        ("overdose", Level.EMERGENCY, "crisis_overdose"),
        ("harm_baby", Level.URGENT, "crisis_baby"),
    ],
)
def test_sure_of_the_kind_she_hears_its_own_text(
    rules: CrisisRules, name: str, level: Level, reply: str
):
    (only,) = guessed(rules, name, page=1.0)

    assert (only.level, only.reply) == (level, reply)


def test_two_kinds_of_one_class_are_no_doubt(rules: CrisisRules):
    assert guessed(rules, "suicide", "suicide_indirect", page=1.0)[0].reply == "crisis_suicide"


@pytest.mark.parametrize("names", list(permutations(["harm_baby", "intrusive_thoughts"])))
def test_a_thought_about_the_baby_that_may_be_unwanted_pages_with_the_soft_text(
    rules: CrisisRules, names: tuple[str, ...]
):
    first, beside = guessed(rules, *names, page=1.0)

    assert (first.level, first.reply) == (Level.URGENT, "crisis_intrusive")
    assert beside.reply == ""


def test_unsure_of_the_kind_a_page_comes_with_the_text_that_names_none(rules: CrisisRules):
    for pair in permutations(LABELS, 2):
        classes = {LABELS[name].category for name in pair}
        soft = {LABELS[name].soft_reply for name in pair}
        found = guessed(rules, *pair, page=1.0)
        if len(classes) == 2 and len(soft) == 2 and found[0].name.endswith(".page"):
            assert found[0].reply == "crisis_suicide", pair


def test_no_page_is_answered_by_a_question(rules: CrisisRules):
    for pair in permutations(LABELS, 2):
        found = guessed(rules, *pair, page=1.0)[0]

        assert found.level is Level.SAME_DAY or found.reply != QUESTION, pair


def test_the_level_is_the_highest_that_a_plausible_kind_asks_for(rules: CrisisRules):
    assert guessed(rules, "suicide", "overdose", page=1.0)[0].level is Level.EMERGENCY
    assert guessed(rules, "suicide", "overdose")[0].level is Level.URGENT


def test_a_kind_that_may_only_be_asked_about_hides_no_page_of_the_next(rules: CrisisRules):
    assert guessed(rules, "suicide_indirect", "suicide", page=1.0)[0].level is Level.URGENT
    assert guessed(rules, "suicide_indirect", page=1.0)[0].level is Level.SAME_DAY


@pytest.mark.parametrize("other", [name for name in LABELS if name != "violence"])
def test_where_it_may_be_violence_nothing_betrays_it(rules: CrisisRules, other: str):
    for names in ((other, "violence"), ("violence", other)):
        found = guessed(rules, *names)

        # He may read it: short and neutral (clinic rules, "Violence").
        assert found[0].reply == "crisis_violence"
        assert Category.VIOLENCE in {one.category for one in found}


def test_staff_see_every_plausible_class_once_and_she_gets_one_text(rules: CrisisRules):
    found = guessed(rules, "suicide", "psychosis", "suicide_indirect", "self_harm", page=1.0)

    assert [one.category for one in found] == [
        Category.SUICIDE,
        Category.PSYCHOSIS,
        Category.SELF_HARM,
    ]
    assert [bool(one.reply) for one in found] == [True, False, False]


def test_below_both_thresholds_nothing_is_raised(rules: CrisisRules):
    assert guessed(rules, "suicide", ask=0.98, page=0.96) == []


def test_where_a_pattern_asks_half_a_belief_pages(rules: CrisisRules):
    assert guessed(rules, "suicide", ask=0.3, page=0.3) == []
    (only,) = guessed(rules, "suicide", ask=0.3, page=0.3, asks="suicide")
    assert only.level is Level.URGENT
    assert guessed(rules, "suicide", ask=0.3, page=0.1, asks="suicide") == []


def test_half_a_belief_in_another_kind_than_the_pattern_asks_about_pages_nobody(rules: CrisisRules):
    names = ("medical_emergency", "suicide")
    assert guessed(rules, *names, ask=0.3, page=0.3, asks="suicide") == []


def test_half_a_belief_never_pages_faster_than_the_kind_that_was_asked_about(rules: CrisisRules):
    first, *_ = guessed(rules, "suicide", "overdose", ask=0.3, page=0.3, asks="suicide")
    assert (first.category, first.level) == (Category.SUICIDE, Level.URGENT)
