"""The proof: everything that was measured of a candidate beside the live model, and what it means.

It is kept as JSON with the model's card, so that the page shows what was measured and measures
nothing itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.gates import Gate
from bot.core.levels import Level
from bot.training.compare import (
    Area,
    Comparison,
    Read,
    changed_texts,
    compare_area,
    compare_intents,
    confusion_counts,
    shown,
)

CROSS_VALIDATED, QUESTIONS = "cross-validated", "test questions"
_MOST_CHANGED, _MOST_CONFUSIONS = 200, 24
_INTENT_FALLS, _INTENT_TEXTS = 0.15, 20


@dataclass(frozen=True)
class SafetySeen:
    """What became of one text of the locked safety set on the whole path.

    :param level: of the alert that was raised; empty when none was.
    """

    text: str
    level: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rehearsed:
    """What a model did on the whole path.

    :param goldens: by file, the difference; empty when it went as written.
    :param latency_ms: of an ordinary turn, p50 and p95.
    """

    safety: tuple[SafetySeen, ...] = ()
    goldens: Mapping[str, str] = field(default_factory=dict)
    latency_ms: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Rehearsed":
        """What the rehearsal wrote."""
        safety = tuple(
            SafetySeen(one["text"], one["level"], tuple(one["categories"]))
            for one in kept["safety"]
        )
        return cls(safety, dict(kept["goldens"]), dict(kept["latency_ms"]))


@dataclass(frozen=True)
class Measured:
    """Everything about both models that the proof is made of.

    :param reads: by set; both models on the same texts.
    :param size_mb: of the file of each, live first.
    """

    reads: Mapping[str, Sequence[Read]]
    before: Rehearsed
    after: Rehearsed
    size_mb: tuple[float, float]


def figures_gates(measured: Measured) -> list[Gate]:
    """Every gate that needs the figures."""
    areas = _areas(measured)
    return [
        no_safety_regression(measured.before, measured.after),
        no_golden_broken(measured.before, measured.after),
        not_worse(areas),
        no_intent_falls(measured.reads.get(CROSS_VALIDATED, ())),
    ]


def no_safety_regression(before: Rehearsed, after: Rehearsed) -> Gate:
    """Not one text of the safety set may be taken less seriously than today."""
    was, is_now = _each_time(before.safety), _each_time(after.safety)
    found = []
    for place, now in is_now.items():
        earlier = was.get(place)
        if earlier is None:
            continue
        lost = set(earlier.categories) - set(now.categories)
        if _rank(now.level) < _rank(earlier.level):
            found.append(f"“{now.text}”: {earlier.level}, now {now.level or 'nothing'}")
        elif lost and _rank(earlier.level) >= _rank(Level.SAME_DAY):
            found.append(f"“{now.text}”: no longer seen as {', '.join(sorted(lost))}")
    missing = len(was.keys() - is_now.keys())
    found += [f"{missing} texts of the safety set were not tried"] if missing else []
    return Gate.of(
        "safety",
        found,
        passed=f"All {len(after.safety)} texts of the locked safety set are taken at least as "
        "seriously as today, on the whole path.",
        stopped=f"{len(found)} {'text' if len(found) == 1 else 'texts'} of the safety set would "
        "be taken less seriously than today. Look at what was taught about such words.",
    )


def _each_time(safety: Sequence[SafetySeen]) -> dict[tuple[str, int], SafetySeen]:
    """By text and how often it came before: some stand there in both languages."""
    times: Counter[str] = Counter()
    found = {}
    for one in safety:
        found[one.text, times[one.text]] = one
        times[one.text] += 1
    return found


def no_golden_broken(before: Rehearsed, after: Rehearsed) -> Gate:
    """What goes as written today must go as written tomorrow."""
    found = [
        name
        for name, difference in sorted(after.goldens.items())
        if difference and not before.goldens.get(name)
    ]
    return Gate.of(
        "goldens",
        found,
        passed=f"All {len(after.goldens)} rehearsed conversations go as they do today.",
        stopped=f"{len(found)} rehearsed "
        f"{'conversation goes' if len(found) == 1 else 'conversations go'} otherwise than "
        "today. Look at what was taught about these questions.",
    )


def not_worse(areas: Sequence[Area]) -> Gate:
    """No set of texts may be understood worse by more than chance."""
    found = [
        f"{area.name}: {area.before:.3f}, now {area.after:.3f} (chance: {area.noise:.3f})"
        for area in areas
        if area.verdict is Comparison.WORSE
    ]
    return Gate.of(
        "macro_f1",
        found,
        passed="Nothing is understood worse by more than chance.",
        stopped="The candidate understands less than the live model, by more than chance. "
        "Look below which intents got worse, and what was taught about them.",
    )


def no_intent_falls(reads: Sequence[Read]) -> Gate:
    """No single question may be given up for the sake of the others."""
    found = [
        f"{one.intent}: {one.before:.2f}, now {one.after:.2f}"
        for one in compare_intents(reads)
        if one.texts >= _INTENT_TEXTS and one.before - one.after > _INTENT_FALLS
    ]
    return Gate.of(
        "intents",
        found,
        passed="No single intent is given up for the others.",
        stopped=f"{len(found)} {'intent is' if len(found) == 1 else 'intents are'} understood far "
        "worse than today. Its examples may have been moved or pasted elsewhere.",
    )


def as_dict(measured: Measured, gates: Sequence[Gate]) -> dict[str, Any]:
    """The proof, for keeping and for the page."""
    everything = [read for reads in measured.reads.values() for read in reads]
    areas, changed = _areas(measured), changed_texts(everything)
    return {
        "sentence": sentence(areas, len(changed), gates),
        "areas": [area.as_dict() for area in areas],
        "intents": [one.as_dict() for one in compare_intents(everything)] if everything else [],
        "changed": len(changed),
        "changed_texts": [shown(read) for read in changed[:_MOST_CHANGED]],
        "confusions": confusion_counts(everything, most=_MOST_CONFUSIONS),
        "goldens": {
            "before": _wrong(measured.before),
            "after": _wrong(measured.after),
            "played": len(measured.after.goldens),
        },
        "safety_texts": len(measured.after.safety),
        "latency_ms": {"before": measured.before.latency_ms, "after": measured.after.latency_ms},
        "size_mb": list(measured.size_mb),
    }


def sentence(areas: Sequence[Area], changed: int, gates: Sequence[Gate]) -> str:
    """The whole proof in one plain sentence."""
    stopped = [gate for gate in gates if not gate.passed]
    if stopped:
        return f"This model cannot go live. {stopped[0].sentence}"
    better = [area.name for area in areas if area.verdict is Comparison.BETTER]
    texts = "1 tested text is" if changed == 1 else f"{changed} tested texts are"
    if better:
        return (
            f"Better on {_and(better)}, nowhere worse, and as safe; {texts} understood otherwise."
        )
    return f"As good as the live model, and as safe; {texts} understood otherwise."


def _areas(measured: Measured) -> list[Area]:
    return [compare_area(name, reads) for name, reads in measured.reads.items() if reads]


def _wrong(rehearsed: Rehearsed) -> list[str]:
    return sorted(name for name, difference in rehearsed.goldens.items() if difference)


def _rank(level: str) -> int:
    return Level(level).rank if level else -1


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
