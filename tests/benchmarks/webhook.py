"""How long a carrier waits for our answer, at a hundred signed texts a second.

And at twenty, which is what thousands of mothers send in their busiest minute.
"""

import random
from collections.abc import Iterator

from tests.benchmarks.corpus import corpus
from tests.benchmarks.figures import Figure, Skipped, load_average, spread
from tests.benchmarks.processes import Bench, bench, steady
from tests.benchmarks.rasa import why_no_rasa
from tests.benchmarks.seeding import Mothers, open_clinic, seed

TARGET_MS = 100.0
_PER_SECOND, _FEW_PER_SECOND = 100, 20
# Each writes about once in these thirty seconds: more often, and screening reads three earlier
# texts beside each new one, as it does for nobody in a hundred.
_NUMBERS = 3000
_IN_CHECK_IN = 600
# One mother in five is in crisis, so that new alerts and further words both happen all the time.
_IN_CRISIS = 600
_ANSWERS = ("0", "1", "2", "3", "not at all", "several days", "nearly every day")


def mixed(mothers: Mothers, count: int, *, seed: int = 1) -> list[tuple[str, str, str]]:
    """85 % ordinary texts, 10 % answers to a check-in, 5 % crisis: ``(kind, number, body)``."""
    chance, texts, known = random.Random(seed), [], corpus()
    troubled = mothers.all[-_IN_CRISIS:]
    for _ in range(count):
        dice = chance.random()
        if dice < 0.05:
            texts.append(("crisis", chance.choice(troubled), chance.choice(known.crisis)))
        elif dice < 0.15:
            number, answer = chance.choice(mothers.in_check_in), chance.choice(_ANSWERS)
            texts.append(("answer", number, answer))
        else:
            texts.append(("ordinary", chance.choice(mothers.all), chance.choice(known.ordinary)))
    return texts


# Which dialogue answers. Idle: a stub in the clinic's own process, so that Rasa's processor time is
# left to us. Stand-in: a process that computes as long as Rasa does for each turn. Rasa: itself.
# Heavy: Rasa, and others who ask it at the same time.
_VARIANTS = (
    ("sandbox", "idle", _PER_SECOND),
    ("twilio", "idle", _PER_SECOND),
    ("sandbox", "busy_stand_in", _PER_SECOND),
    ("sandbox", "busy_rasa", _PER_SECOND),
    ("sandbox", "heavy_rasa", _PER_SECOND),
    ("twilio", "busy_rasa", _FEW_PER_SECOND),
)


def run(*, quick: bool) -> Iterator[Figure | Skipped]:
    """Sandbox and Twilio signatures, the dialogue idle and busy."""
    seconds = 10 if quick else 30
    for provider, dialogue, per_second in _VARIANTS:
        name = f"webhook.{provider}.{dialogue}"
        if per_second != _PER_SECOND:
            name = f"{name}.{per_second}_a_second"
        reason = why_no_rasa() if dialogue.endswith("_rasa") else None
        if reason:
            yield Skipped(name, reason)
            continue
        with bench() as running:
            yield from _measure(
                running, name, provider, dialogue, seconds=seconds, per_second=per_second
            )


def _measure(
    running: Bench, name: str, provider: str, dialogue: str, *, seconds: int, per_second: int
) -> Iterator[Figure]:
    app = open_clinic(running.folder)
    mothers = seed(app, count=_NUMBERS, in_check_in=_IN_CHECK_IN)
    app.close()
    load = load_average()
    running.carrier()
    if dialogue == "busy_stand_in":
        running.stand_in()
    kinds = {"idle": "stub", "busy_stand_in": "stand_in"}
    running.clinic(provider=provider, dialogue=kinds.get(dialogue, "rasa"))
    if dialogue == "heavy_rasa":
        running.spawn("rasa_load", str(running.rasa_port))
    warm = steady(mixed(mothers, _PER_SECOND, seed=2), per_second=50, prefix="warm")
    running.load(warm, provider=provider).wait()
    running.wait_until_quiet(longest=20)
    texts = mixed(mothers, per_second * seconds)
    plan = steady(texts, per_second=per_second, prefix="text")
    posted = running.load(plan, provider=provider).wait()
    waits = [one["done"] - one["due"] for one in posted]
    yield from spread(name, waits, load=load, p99=TARGET_MS)
    crisis = [one["done"] - one["due"] for one in posted if one["kind"] == "crisis"]
    yield from spread(f"{name}.crisis_texts", crisis, load=load)
    errors = sum(one["status"] != 200 for one in posted)
    yield Figure(f"{name}.errors", errors, "count", len(posted), 0, load)
    # How far behind the worker was when the last text came in: explains the figures above.
    end = max(one["done"] for one in posted)
    handed = sum(one["at"] <= end for one in running.handed_over())
    yield Figure(f"{name}.handed_over_meanwhile", handed, "count", len(posted), None, load)
