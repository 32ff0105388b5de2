"""What the classifier sees of a text's wording: groups of words and letters, by numbers."""

import re
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.crisis.ngrams import BUCKETS, LETTERS_IN_A_GROUP, Buckets, Weights, ngrams


def seen_letters(text: str) -> tuple[Buckets, Weights]:
    """What is seen of a text's letters; of no words, only the borders of the text are seen."""
    buckets, weights = ngrams(text, [])
    borders = len(ngrams("", [])[0])
    return buckets[borders:], weights[borders:]


def letter_groups(text: str) -> Counter[str]:
    """The same, as one would write it down: each word by itself, with its two ends."""
    found: Counter[str] = Counter()
    for word in re.findall(r"[a-z0-9'!?:;()]+", text):
        around = f"_{word}_"
        for size in LETTERS_IN_A_GROUP:
            found.update(around[at : at + size] for at in range(len(around) - size + 1))
    return found


@given(st.text(alphabet="abcdeimnost'!? .-", max_size=60))
def test_every_group_of_letters_of_each_word_is_counted_and_none_across_words(text: str):
    buckets, weights = seen_letters(text)

    counts = letter_groups(text)
    # Two groups may share a bucket by chance, rarely.
    assert len(counts) - 2 <= len(buckets) <= len(counts)
    if len(buckets) == len(counts):
        expected = np.sort(1 + np.log(np.array([*counts.values()], dtype=np.float64)))
        assert np.allclose(np.sort(weights), expected / (np.linalg.norm(expected) or 1), atol=1e-5)


def test_buckets_are_spread_over_all_that_there_are():
    words = " ".join(f"{first}{second}ark" for first in "abcdefgh" for second in "ilmnorst")

    buckets, _ = seen_letters(words)

    assert buckets.min() >= 0
    assert buckets.max() < BUCKETS
    assert (buckets > BUCKETS // 2).mean() > 0.4
    assert (buckets < BUCKETS // 2).mean() > 0.4


def test_a_text_without_a_letter_has_no_group_of_letters():
    for text in ("", "...", "   ", "🙂"):
        buckets, weights = seen_letters(text)
        assert (len(buckets), len(weights)) == (0, 0)
