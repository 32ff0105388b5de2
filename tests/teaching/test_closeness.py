"""What is taught is said in other words than hers."""

import pytest

from bot.teaching.closeness import too_close

HERS = "the nurse never called me back about the insurance card and its been days"


@pytest.mark.parametrize(
    "copy",
    [
        HERS,
        HERS.upper() + "!!",
        "The nurse never caaaalled me back about the insurance card and its been days",
        "hi " + HERS + " thanks",
        "the nurse hasnt called me back about my insurance card",
        "never called me back about the insurance card",
    ],
)
def test_her_own_words_with_little_changed_are_too_close(copy):
    assert too_close(copy, [HERS])


@pytest.mark.parametrize(
    "meaning", ["still waiting to hear about my coverage", "did anybody look at my insurance"]
)
def test_the_meaning_in_other_words_is_not(meaning):
    assert not too_close(meaning, [HERS])


def test_of_a_short_question_only_the_very_words_are_too_close():
    assert too_close("can i swim?", ["Can I swim"])
    assert not too_close("is swimming ok", ["can i swim"])
    assert not too_close("when may i go and swim in the pool", ["can i swim"])


def test_every_text_of_the_group_counts():
    assert too_close(
        "is the pool ok after the treatment day",
        ["hello", "is the pool ok after the treatment day"],
    )
