"""Scoring, alerting and asking, on the scales that are shipped."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.instruments import load_instruments
from bot.core.instruments import (
    Answer,
    Instrument,
    Item,
    Score,
    Wording,
    follow_up,
    is_alerting,
    is_positive,
    is_watch,
    next_item,
    prompt,
    score,
    with_cut_off,
)
from bot.core.languages import Language
from bot.errors import ConfigError, InvalidAnswer, NotFound

SHIPPED = load_instruments(Path(__file__).parents[2] / "data")
PHQ9, PHQ2, GAD7, MOOD = (SHIPPED[name] for name in ("phq9", "phq2", "gad7", "mood"))
BANDS = {
    "phq9": {4: "minimal", 5: "mild", 10: "moderate", 15: "moderately severe", 20: "severe"},
    "gad7": {4: "minimal", 5: "mild", 10: "moderate", 15: "severe"},
}


def vector(instrument: Instrument, total: int) -> dict[int, int | None]:
    """Complete responses that add up to this total."""
    responses: dict[int, int | None] = {}
    for item in instrument.scored_items:
        responses[item.number] = min(total, item.scores[-1])
        total -= min(total, item.scores[-1])
    return responses


@pytest.mark.parametrize(
    ("name", "total", "band"),
    [(name, total, band) for name, bands in BANDS.items() for total, band in bands.items()],
)
def test_band_begins_where_it_was_published(name: str, total: int, band: str) -> None:
    assert score(SHIPPED[name], vector(SHIPPED[name], total)) == Score(total, band)


def test_every_total_of_a_banded_scale_has_exactly_one_band() -> None:
    for name in BANDS:
        low, high = SHIPPED[name].range
        for total in range(low, high + 1):
            found = score(SHIPPED[name], vector(SHIPPED[name], total))
            assert found is not None
            assert found.total == total
            assert found.band is not None


def test_every_phq2_vector_is_the_sum_of_its_answers() -> None:
    for first, second in product(range(4), range(4)):
        assert score(PHQ2, {1: first, 2: second}) == Score(first + second)


def test_skip_is_never_a_zero() -> None:
    for number in range(1, 10):
        assert score(PHQ9, {**vector(PHQ9, 0), number: None}) is None


def test_missing_item_gives_no_score() -> None:
    for number in range(1, 10):
        responses = vector(PHQ9, 12)
        del responses[number]
        assert score(PHQ9, responses) is None
    assert score(PHQ9, {}) is None


def test_difficulty_does_not_change_the_score() -> None:
    assert score(PHQ9, {**vector(PHQ9, 12), 10: 3}) == score(PHQ9, vector(PHQ9, 12))
    assert score(PHQ9, {**vector(PHQ9, 12), 10: None}) == score(PHQ9, vector(PHQ9, 12))


@pytest.mark.parametrize("wrong", [4, -1, 10])
def test_impossible_score_is_refused(wrong: int) -> None:
    with pytest.raises(InvalidAnswer):
        score(PHQ2, {1: 0, 2: wrong})


def test_unknown_item_is_refused() -> None:
    with pytest.raises(NotFound):
        score(PHQ2, {1: 0, 2: 0, 3: 0})


@given(st.dictionaries(st.integers(1, 9), st.one_of(st.none(), st.integers(0, 3))))
def test_score_is_the_sum_when_complete_and_none_otherwise(
    responses: dict[int, int | None],
) -> None:
    given_scores = [value for value in responses.values() if value is not None]
    found = score(PHQ9, responses)
    if len(given_scores) == 9:
        assert found is not None
        assert found.total == sum(given_scores)
    else:
        assert found is None


def test_item_nine_alerts_from_one_whatever_the_total() -> None:
    assert [is_alerting(PHQ9.item(9), answer) for answer in range(4)] == [False, True, True, True]


def test_skipped_alerting_item_is_not_an_alerting_answer() -> None:
    assert not is_alerting(PHQ9.item(9), None)


def test_no_other_item_alerts() -> None:
    for number in (*range(1, 9), 10):
        assert not any(is_alerting(PHQ9.item(number), answer) for answer in range(4))


def test_positive_phq2_leads_to_an_offer_of_the_phq9() -> None:
    assert [follow_up(PHQ2, total) for total in (2, 3, 6)] == [None, "phq9", "phq9"]
    assert follow_up(PHQ9, 27) is None


def test_clinic_may_lower_the_cut_off_to_a_published_one_only() -> None:
    assert follow_up(with_cut_off(PHQ2, at_or_above=2), 2) == "phq9"
    assert not is_positive(PHQ2, 2)
    with pytest.raises(ConfigError, match="Choose from: 2, 3"):
        with_cut_off(PHQ2, at_or_above=1)
    with pytest.raises(ConfigError, match="Choose from: none"):
        with_cut_off(MOOD, at_or_above=2)


def test_low_mood_goes_on_the_watch_list() -> None:
    assert [is_watch(MOOD, total) for total in range(11)] == [True] * 3 + [False] * 8
    assert not is_watch(PHQ9, 0)


def test_items_are_asked_in_order_and_a_skipped_one_is_not_asked_again() -> None:
    asked: dict[int, int | None] = {}
    while (item := next_item(PHQ9, asked)) is not None:
        asked[item.number] = None if item.number == 3 else 1
    assert list(asked) == list(range(1, 10))


def test_first_unanswered_item_is_next_when_an_earlier_one_was_left_out() -> None:
    item = next_item(PHQ9, {1, 3})
    assert item is not None
    assert item.number == 2


def test_mood_is_asked_in_one_line_without_a_list_of_numbers() -> None:
    text = prompt(MOOD, 1, Language.ENGLISH)
    assert text == "How are you today, 0 low to 10 good? SKIP is fine."


def test_prompt_says_how_far_she_is() -> None:
    assert prompt(PHQ9, 3, Language.ENGLISH).startswith("3/9 Over the last 2 weeks, how often have")
    assert prompt(PHQ9, 3, Language.SPANISH).startswith("3/9 Durante las últimas 2 semanas")


def test_choices_stand_on_lines_of_their_own_with_the_score_first() -> None:
    assert prompt(PHQ9, 9, Language.ENGLISH).splitlines()[1:] == [
        "Thoughts that you would be better off dead, or of hurting yourself in some way",
        "0 Not at all",
        "1 Several days",
        "2 More than half the days",
        "3 Nearly every day",
        "SKIP is fine.",
    ]


def test_wording_is_kept_whole_when_nothing_fits() -> None:
    long = "Placeholder words that go on and on. " * 20
    item = Item(1, Wording(long), (Answer(0, Wording("None")), Answer(1, Wording("Some"))))
    instrument = Instrument(
        **dict.fromkeys(("id", "version", "approver", "title", "citation", "source"), "x"),
        licence_notice="x",
        items=(item,),
        skip_hints=(Wording("SKIP is fine."), Wording("SKIP")),
    )
    assert prompt(instrument, 1, Language.ENGLISH) == f"{long}\n0 None\n1 Some\nSKIP"


def test_unknown_item_has_no_prompt() -> None:
    with pytest.raises(NotFound):
        prompt(PHQ2, 3, Language.ENGLISH)
