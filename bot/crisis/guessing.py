"""What the classifier's verdict leads to: who looks, how soon, and which text she hears.

Where it cannot tell kinds of danger apart, the level is the highest that a plausible kind asks for,
staff are told each plausible kind, and she hears a text that is right for all of them: no text can
be taken back once somebody else has read it on her phone.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from bot.core.levels import Category, Level, highest
from bot.crisis.model import Guess, Label, Thresholds, Unsure, Verdict
from bot.crisis.rules import CrisisClass

type Classes = Mapping[Category, CrisisClass]


@dataclass(frozen=True)
class Guessed:
    """One kind of danger that the classifier thinks of.

    :param reply: id of the text to send; empty for the less likely kinds.
    :param name: what the signal is called, such as ``classifier.suicide.page``.
    """

    category: Category
    level: Level
    reply: str
    name: str


def guess(
    verdict: Verdict,
    thresholds: Thresholds,
    unsure: Unsure,
    classes: Classes,
    *,
    pattern_asks: Set[Category] = frozenset(),
) -> list[Guessed]:
    """Nothing; or the likeliest kind with a text, and the other plausible ones without.

    :param pattern_asks: kinds that would page, of which a pattern found a doubtful sign: where the
        classifier thinks of the same kind first, half a belief is enough.
    """
    pageable = [label for label in verdict.labels if label.guess is Guess.PAGE]
    if pageable and verdict.page >= thresholds.page:
        return _paged(verdict.labels, pageable, classes, unsure)
    # A kind that only the classifier thinks of, and only half, must not decide how fast.
    agreed = [label for label in pageable if label.category in pattern_asks]
    if agreed and agreed[0] is verdict.labels[0] and verdict.page >= thresholds.agree:
        return _paged(verdict.labels, agreed, classes, unsure)
    if verdict.ask >= thresholds.ask:
        return _asked(verdict.labels, unsure)
    return []


def _paged(
    labels: Sequence[Label], pageable: Sequence[Label], classes: Classes, unsure: Unsure
) -> list[Guessed]:
    """A person looks at once, whichever of the plausible kinds it is."""
    first = labels[0]
    levels = [classes[label.category].level for label in pageable]
    level = highest(levels) or classes[first.category].level
    if len({label.category for label in labels}) == 1:
        reply = classes[first.category].reply
    else:
        reply = _common_text(labels, unsure)
    return [
        Guessed(first.category, level, reply, f"classifier.{first.name}.page"),
        *_beside(labels),
    ]


def _common_text(labels: Sequence[Label], unsure: Unsure) -> str:
    """One soft text that fits every plausible kind; else the one that names none.

    So a thought about the baby that may be unwanted gets the soft text while a person is paged
    (facts 2.5), and no page is answered by a question.
    """
    soft = {label.soft_reply for label in labels}
    return soft.pop() if len(soft) == 1 and soft != {unsure.question} else unsure.page


def _asked(labels: Sequence[Label], unsure: Unsure) -> list[Guessed]:
    """The soft text of the plausible kind that is most harmed by a wrong one."""
    first = labels[0]
    level = highest([label.soft_level for label in labels]) or first.soft_level
    wanted = {label.soft_reply for label in labels}
    reply = next((text for text in unsure.ask if text in wanted), first.soft_reply)
    return [
        Guessed(first.category, level, reply, f"classifier.{first.name}.ask"),
        *_beside(labels),
    ]


def _beside(labels: Sequence[Label]) -> list[Guessed]:
    """The other plausible kinds, once each, so that staff see them and no text betrays one."""
    others = {label.category: label for label in reversed(labels[1:])}
    return [
        Guessed(label.category, label.soft_level, "", f"classifier.{label.name}.beside")
        for label in sorted(others.values(), key=labels.index)
        if label.category != labels[0].category
    ]
