"""Screening stays far below the time in which a carrier wants its answer."""

import gc
import statistics
import time

import pytest

from bot.core.languages import Language
from bot.crisis.screening import Context, Screener
from tests.crisis.safety_set import safety_texts

# A busy machine or a coverage tracer says nothing about the code: `make bench` runs these.
pytestmark = pytest.mark.timing

ENGLISH = Context(Language.ENGLISH)
SHORT = [t.text for t in safety_texts()]
LONG = [" ".join(SHORT[i : i + 60])[:1600] for i in range(0, len(SHORT) - 60, 60)]
# What could make a matcher slow: near misses, runs of letters, signs, words run together.
NASTY = [
    (piece * 400)[:1600]
    for piece in (
        "i want to ", "i do not want to be ", "my baby is not ", "k i l l m y s ", "k1ll5e1f ",
        "k*l*l* ", "a", "killmyselfiwanttodie", "😭🔫", "he she i me my ", "d̴i̶e̵ ", ". ", "💊",
    )
]  # fmt: skip


def milliseconds(screener: Screener, text: str) -> float:
    """The best of three, in time of one core: other work on the machine does not count."""
    times = []
    for _ in range(3):
        started = time.thread_time()
        screener.screen(text, ENGLISH)
        times.append((time.thread_time() - started) * 1000)
    return min(times)


def test_a_short_text_takes_3_ms_and_rarely_8(screener: Screener):
    gc.collect()
    times = sorted(milliseconds(screener, text) for text in SHORT)

    assert statistics.mean(times) <= 3
    assert times[int(len(times) * 0.99)] <= 8


@pytest.mark.parametrize("texts", [LONG, NASTY], ids=["long", "nasty"])
def test_the_longest_text_takes_at_most_40_ms(screener: Screener, texts: list[str]):
    gc.collect()

    assert max(milliseconds(screener, text) for text in texts) <= 40
