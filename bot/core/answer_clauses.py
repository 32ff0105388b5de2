"""From marks to clauses: what stands between two breaks is weighed as one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.core.answer_marks import ANSWERING, BREAKS, Kind, Mark
from bot.core.answer_refusals import BEFORE_DECLINE
from bot.core.answer_words import OPENERS


@dataclass
class Clause:
    """Marks between two breaks.

    :param before: the break that it follows; none at the start or before an opener ("3 im …").
    :param asked: a question mark ends it.
    """

    before: Kind | None = None
    marks: list[Mark] = field(default_factory=list)
    asked: bool = False

    @property
    def content(self) -> list[Mark]:
        """The marks that say something."""
        return [mark for mark in self.marks if mark.kind is not Kind.FILLER]

    @property
    def is_other(self) -> bool:
        """Does it say something that no answer says?"""
        if self.declines:
            return False
        return any(mark.kind is Kind.OTHER for mark in self.marks)

    @property
    def declines(self) -> bool:
        """Does it ask for no more items, whatever else follows those words?"""
        for mark in self.marks:
            if mark.kind is Kind.DECLINE:
                return mark.words[0] == "" or all(
                    other.kind is not Kind.OTHER for other in self.marks
                )
            mild = mark.kind in {Kind.FILLER, Kind.YES, Kind.NO, Kind.HEDGE}
            if not mild and not BEFORE_DECLINE.issuperset(mark.words):
                return False
        return False


def clauses_of(marks: Iterable[Mark]) -> list[Clause]:
    """The marks between breaks, in order, without empty ones."""
    clauses = [Clause()]
    before: Kind | None = None
    for mark in marks:
        if mark.kind is Kind.ASK:
            clauses[-1].asked = True
        if mark.kind is Kind.OR and before not in ANSWERING:
            mark = Mark(Kind.OTHER, words=mark.words)  # "i want you to stop asking me"
        before = mark.kind
        opens = OPENERS.intersection(mark.words[:1]) and clauses[-1].content
        if mark.kind in BREAKS:
            clauses.append(Clause(before=mark.kind))
        elif opens and not clauses[-1].is_other:
            clauses.append(Clause(marks=[mark]))
        else:
            clauses[-1].marks.append(mark)
    return _joined(clauses)


def _joined(clauses: list[Clause]) -> list[Clause]:
    """Without the empty ones; the strongest break before an empty one counts for the next."""
    kept: list[Clause] = []
    breaks: list[Kind] = []
    for clause in clauses:
        breaks += [clause.before] if clause.before else []
        if clause.asked and not clause.content and kept:
            kept[-1].asked = True
        if clause.content:
            order = (Kind.BUT, Kind.STOP, Kind.ASK, Kind.COMMA, Kind.OR, Kind.AND)
            clause.before = next((kind for kind in order if kind in breaks), None)
            kept.append(clause)
            breaks = []
    return kept
