"""Better, same or worse: by more than chance, and the same figure as everywhere else."""

import random

import pytest

from bot.core.languages import Language
from bot.training.compare import (
    Comparison,
    Read,
    changed_texts,
    compare_area,
    compare_intents,
    confusion_counts,
)
from bot.training.scores import Reading, macro_f1

INTENTS = ["greet", "thank", "faq_cost", "faq_hours", "out_of_scope"]


def read(expected: str, before: str, after: str, text: str = "x") -> Read:
    was, now = (Reading(expected, found, 0.9, Language.ENGLISH) for found in (before, after))
    return Read(text, "set", was, now)


def some(count: int, *, wrong_before: float, wrong_after: float) -> list[Read]:
    draw = random.Random(3)

    def found(expected: str, wrong: float) -> str:
        return draw.choice([*INTENTS, "nlu_fallback"]) if draw.random() < wrong else expected

    return [
        read(one, found(one, wrong_before), found(one, wrong_after), f"text {number}")
        for number in range(count)
        for one in [INTENTS[number % len(INTENTS)]]
    ]


def test_the_figure_is_that_of_every_other_report():
    reads = some(400, wrong_before=0.2, wrong_after=0.3)
    area = compare_area("set", reads)
    assert area.before == pytest.approx(macro_f1(one.before for one in reads), abs=1e-4)
    assert area.after == pytest.approx(macro_f1(one.after for one in reads), abs=1e-4)


def test_equally_good_models_differ_by_chance_only():
    reads = some(600, wrong_before=0.15, wrong_after=0.15)
    assert compare_area("set", reads).verdict is Comparison.SAME


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [(0.1, 0.3, Comparison.WORSE), (0.3, 0.1, Comparison.BETTER)],
)
def test_a_real_difference_is_more_than_chance(before, after, verdict):
    reads = some(600, wrong_before=before, wrong_after=after)
    assert compare_area("set", reads).verdict is verdict


def test_the_same_readings_wander_by_nothing_much():
    area = compare_area("set", [read("greet", "greet", "greet")] * 30)
    assert (area.before, area.after, area.verdict) == (1.0, 1.0, Comparison.SAME)


def test_both_ways_of_not_understanding_are_one():
    assert changed_texts([read("greet", "nlu_fallback", "out_of_scope")]) == []


def test_what_it_gets_wrong_now_stands_first():
    reads = [read("greet", "thank", "greet", "b"), read("greet", "greet", "thank", "a")]
    assert [one.text for one in changed_texts(reads)] == ["a", "b"]


def test_the_worst_intents_stand_first_with_their_texts():
    reads = [read("greet", "greet", "greet")] * 5 + [read("thank", "thank", "greet", "ta")] * 5
    first = compare_intents(reads)[0]
    assert (first.intent, first.verdict, len(first.changed)) == ("thank", Comparison.WORSE, 5)


def test_confusions_are_counted_for_both_models():
    reads = [read("greet", "greet", "thank")] * 2 + [read("greet", "thank", "thank")]
    assert confusion_counts(reads, most=5) == [
        {"expected": "greet", "found": "thank", "after": 3, "before": 1}
    ]
