"""A mistyped word is mended towards the words of the examples; a real word is left alone."""

import pytest

from bot.nlu.spelling import Slip, Spelling, count_words, slip_between

REAL = frozenset({"cake", "hated", "noon", "weep"})
EXAMPLES = [
    "i am so tired of the treatment",
    "tired mothers and their treatment",
    "i hate that i am tired of this treatment",
    "i hate this",
    "they hate it",
    "care about the depression",
    "take care of the depression",
    "care for depression",
    "i feel soon better",
    "soon and what then",
    "see you soon what fun",
    "what hurts",
    "psicosis",
]


@pytest.fixture
def spelling() -> Spelling:
    return Spelling(count_words(EXAMPLES), lambda word: word in REAL)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("so tird of the treatmnt", "so tired of the treatment"),  # letters dropped
        ("treatmetn", "treatment"),  # two swapped
        ("depresssion", "depression"),  # one doubled
        ("deprassion", "depression"),  # a vowel for a vowel
        ("depretion", "depretion"),  # two slips: not ours to guess
        ("waht", "what"),
    ],
)
def test_one_slip_is_mended(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.mended(typed) == meant


@pytest.mark.parametrize("text", ["cake at noon", "i hated it", "weep"])
def test_a_real_word_stays_though_it_is_near_to_one_of_ours(spelling: Spelling, text: str) -> None:
    assert spelling.mended(text) == text


def test_a_word_of_the_examples_stays_however_rare(spelling: Spelling) -> None:
    assert spelling.mended("psicosis") == "psicosis"


def test_a_rare_word_is_no_model_for_others(spelling: Spelling) -> None:
    assert spelling.mended("psicosiss") == "psicosiss"


@pytest.mark.parametrize("text", ["hat", "pare", "12345", "", "!?", "ññññ"])
def test_what_is_short_or_begins_otherwise_stays(spelling: Spelling, text: str) -> None:
    assert spelling.mended(text) == text


def test_the_likeliest_slip_wins_over_the_commoner_word() -> None:
    counted = {"treat": 3, "threat": 90}
    assert Spelling(counted, lambda _: False).mended("trreat") == "treat"


@pytest.mark.parametrize(
    ("typed", "meant", "slip"),
    [
        ("tird", "tired", Slip.DROPPED_VOWEL),
        ("monts", "months", Slip.SMALL),
        ("dosctor", "doctor", Slip.OTHER),
        ("tirrd", "tired", Slip.OTHER),
        ("ired", "tired", None),
        ("tied", "red", None),
        ("ermana", "hermana", Slip.SMALL),
        ("bolver", "volver", Slip.SMALL),
        ("dermana", "hermana", None),
    ],
)
def test_slips(typed: str, meant: str, slip: Slip | None) -> None:
    assert slip_between(typed, meant) == slip
