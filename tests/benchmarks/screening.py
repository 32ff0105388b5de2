"""How long the screening of one text takes, on one core."""

import time
from collections.abc import Iterator, Sequence

from bot.core.languages import Language
from bot.crisis.screening import Context
from tests.benchmarks.corpus import corpus, long_texts, screener
from tests.benchmarks.figures import Figure, load_average, spread


def run(*, quick: bool) -> Iterator[Figure]:
    """Our own examples, alone and after two earlier texts; then texts of 1,600 characters."""
    texts = corpus().everything
    texts = texts[:: max(1, len(texts) // 400)] if quick else texts
    load = load_average()
    alone = _times(texts, Context(Language.ENGLISH))
    yield from spread("screening.160", alone, load=load, p99=10)
    yield _mean("screening.160", alone, target=4, load=load)
    # As it really runs: with what the same number wrote in the last three minutes.
    recent = Context(Language.ENGLISH, recent=("ok thank you", "the baby is finally asleep"))
    after = _times(texts, recent)
    yield from spread("screening.160_after_two", after, load=load, p99=10)
    yield _mean("screening.160_after_two", after, target=4, load=load)
    long = _times(long_texts(50 if quick else 300, length=1600), Context(Language.ENGLISH))
    yield from spread("screening.1600", long, load=load, max=50)


def _times(texts: Sequence[str], context: Context) -> list[float]:
    """Seconds for each text; the first ones, on which caches fill, are not counted."""
    for text in texts[:50]:
        screener().screen(text, context)
    times = []
    for text in texts:
        began = time.perf_counter()
        screener().screen(text, context)
        times.append(time.perf_counter() - began)
    return times


def _mean(name: str, times: Sequence[float], *, target: float, load: float) -> Figure:
    mean = sum(times) / len(times) * 1000
    return Figure(f"{name}.mean", round(mean, 3), "ms", len(times), target, load)
