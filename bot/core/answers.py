"""Reads what a mother texts in answer to an item: a score, a skip, a refusal, or a doubt.

One deterministic reader serves the gateway and the dialogue, so that both always agree. It would
rather ask again than guess: a text is *answered* only when all of it, up to a break, is an answer.
How it works: the text becomes tokens; the longest known wordings among them become marks (a
number, a label, a hedge …); breaks cut the marks into clauses; the clauses are weighed together.
Wordings of one scale stand in ``data/instruments/phrases``; those of every scale in
``answer_words``, and refusals in ``answer_refusals``.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.core.answer_clauses import Clause, clauses_of
from bot.core.answer_lexicon import marks_of
from bot.core.answer_marks import SCORING, Kind, Mark
from bot.core.answer_readings import (
    Ambiguous,
    Answered,
    Declined,
    Doubt,
    Reading,
    Skipped,
    Unreadable,
)
from bot.core.answer_words import ALONE, MEASURES, OPENERS, QUESTIONS, REACTION
from bot.core.instruments import Item, is_alerting
from bot.core.languages import Language
from bot.core.plain_words import plain

__all__ = [
    "Ambiguous",
    "Answered",
    "Declined",
    "Doubt",
    "Reading",
    "Skipped",
    "Unreadable",
    "asks_besides",
    "read_answer",
]


def read_answer(item: Item, text: str, language: Language) -> Reading:
    """What she answered to this item.

    Both languages are understood whatever hers is; hers wins where the same words differ.
    The number that she texts is always the *score* printed before the choice, never its place.
    Crisis screening is done elsewhere, on every text: here "3. id rather be dead" is a 3.

    :param text: her whole text, untouched.
    """
    words = plain(text)
    if REACTION.match(words):
        return Unreadable()
    words = ALONE.get(words.strip(" .!,\n"), words)
    clauses = clauses_of(marks_of(_out_of(item).sub(r"\1 ", words), item, language))
    if not clauses:
        return Unreadable()
    clean = [clause for clause in clauses if not clause.is_other]
    if clauses[0].is_other or _runs_on(clauses):
        return _among_other_words(clauses, clean, item)
    return _weigh(clauses, clean, item)


def asks_besides(item: Item, text: str, language: Language) -> bool:
    """Is there a question beside her answer, as in "2. can i drive tomorrow?"?"""
    clauses = clauses_of(marks_of(_out_of(item).sub(r"\1 ", plain(text)), item, language))
    return any(_is_question(clause) for clause in clauses if clause.is_other)


def _is_question(clause: Clause) -> bool:
    first = next(iter(clause.content), None)
    begins = first is not None and bool(QUESTIONS.intersection(first.words[:1]))
    return clause.asked or begins


@lru_cache(maxsize=64)
def _out_of(item: Item) -> re.Pattern[str]:
    """ "7/10", "7 out of 10". On a short scale "2/3" is two answers, "2 out of 3" is one."""
    top = item.scores[-1]
    signs = "out of|sobre|de" + ("|/|of" if top >= 10 else "")
    return re.compile(rf"\b(\d+) ?(?:{signs}) ?{top}(?![\w/])")


def _runs_on(clauses: list[Clause]) -> bool:
    """ "2 or so hours", "2 and a half bottles": the number belongs to what follows."""
    return any(
        clause.is_other
        and (
            clause.before is Kind.OR
            or (clause.before is Kind.AND and clause.marks[0].words[0] not in OPENERS)
        )
        for clause in clauses[1:2]
    )


def _ambiguous(item: Item, reason: Doubt, could_mean: Iterable[int]) -> Ambiguous:
    scores = tuple(sorted(set(could_mean)))
    return Ambiguous(reason, scores, any(is_alerting(item, score) for score in scores))


def _among_other_words(clauses: list[Clause], clean: list[Clause], item: Item) -> Reading:
    """Her text begins with something else. Is there nevertheless an answer to ask about?"""
    if any(clause.declines for clause in clean):
        return Declined()
    first = clauses[0].marks[0]
    if any(clause.asked for clause in clauses) or QUESTIONS.intersection(first.words[:1]):
        return Unreadable()
    last = clauses[-1]
    scores = {score for mark in last.content for score in mark.could_mean}
    alone = all(mark.kind in SCORING - {Kind.NO} for mark in last.content)
    if last in clean and last.before is Kind.STOP and alone and len(scores) == 1:
        return _ambiguous(item, Doubt.AMONG_OTHER_WORDS, scores)
    hints = {score for clause in clauses for score in _hints(clause)}
    if any(is_alerting(item, score) for score in hints):
        return _ambiguous(item, Doubt.AMONG_OTHER_WORDS, hints)
    return Unreadable()


def _hints(clause: Clause) -> Iterator[int]:
    """Scores in a sentence: its labels, and a number that opens it and counts nothing."""
    for at, mark in enumerate(clause.marks):
        follows = clause.marks[at + 1].words[:1] if at + 1 < len(clause.marks) else ()
        counts = MEASURES.intersection(follows)
        if mark.kind is Kind.LABEL or (mark.kind is Kind.NUMBER and at == 0 and not counts):
            yield from mark.could_mean


def _weigh(clauses: list[Clause], clean: list[Clause], item: Item) -> Reading:
    """Her text begins with an answer: do all of its clear parts agree?"""
    marks = [mark for clause in clean for mark in clause.content]
    kinds = {mark.kind for mark in marks}
    scoring = [mark for mark in marks if mark.kind in SCORING]
    vague = [mark for mark in marks if mark.kind in {Kind.UNCLEAR, Kind.BETWEEN}]
    mentioned = {score for mark in (*scoring, *vague) for score in mark.could_mean}
    strong = kinds & {Kind.NUMBER, Kind.LABEL, Kind.OUTSIDE, Kind.BETWEEN}
    declines = any(clause.declines for clause in clean)
    # "stop asking me this every day" gives no answer; "stop asking me. 3" does.
    only_declines = clauses[0].declines and not any(clause.before for clause in clean[1:])
    if declines and (only_declines or not scoring):
        doubtful = Kind.YES in kinds or any(is_alerting(item, score) for score in mentioned)
        if not (doubtful and item.alerting_from is not None):
            return Declined()
    if Kind.SKIP in kinds:
        return _skip(clauses, item, mentioned, said_more=bool(scoring or vague or strong))
    if Kind.OUTSIDE in kinds:
        return _ambiguous(item, Doubt.OUT_OF_RANGE, item.scores)
    if not strong and len(clean) < len(clauses):
        return _weak_then_story(clauses, marks, item)
    if scoring:
        return _one_score(clauses, clean, item)
    return _no_score(kinds, vague, item)


def _skip(clauses: list[Clause], item: Item, mentioned: set[int], *, said_more: bool) -> Reading:
    if said_more:
        return _ambiguous(item, Doubt.TWO_ANSWERS, mentioned or item.scores)
    # "skip my session" is about a session; "skip, im busy" skips.
    runs_on = any(clause.is_other and clause.before is None for clause in clauses)
    return Unreadable() if runs_on else Skipped()


def _weak_then_story(clauses: list[Clause], marks: list[Mark], item: Item) -> Reading:
    """ "no i cant sleep", "sometimes i wonder if …": too thin to score what follows."""
    if item.alerting_from is None:
        return Unreadable()
    could_mean = {score for mark in marks for score in mark.could_mean}
    turned = any(clause.before is Kind.BUT for clause in clauses)
    return _ambiguous(item, Doubt.AMONG_OTHER_WORDS, item.scores if turned else could_mean)


def _one_score(clauses: list[Clause], clean: list[Clause], item: Item) -> Reading:
    marks = [mark for clause in clean for mark in clause.content]
    kinds = {mark.kind for mark in marks}
    said = [
        mark.could_mean for mark in marks if mark.kind in {*SCORING, Kind.UNCLEAR, Kind.BETWEEN}
    ]
    scores = {score for mark in marks if mark.kind in SCORING for score in mark.could_mean}
    mixed = Kind.NUMBER in kinds and kinds & {Kind.LABEL, Kind.NO, Kind.UNCLEAR}
    differ = Doubt.NUMBER_AND_WORDS_DIFFER if mixed else Doubt.TWO_ANSWERS
    if len(scores) > 1 or Kind.BETWEEN in kinds or not frozenset(item.scores).intersection(*said):
        reason = Doubt.BETWEEN if Kind.BETWEEN in kinds else differ
        return _ambiguous(item, reason, frozenset().union(*said))
    score = scores.pop()
    if Kind.YES in kinds and score == item.scores[0]:
        return _ambiguous(item, Doubt.TWO_ANSWERS, item.scores)
    if any(clause.asked for clause in clean):
        return _ambiguous(item, Doubt.ASKS_BACK, item.scores)
    turned = any(clause.before is Kind.BUT for clause in clauses)
    hinted = {hint for clause in clauses if clause.is_other for hint in _hints(clause)}
    hinted |= {hint for mark in marks if mark.kind is Kind.UNCLEAR for hint in mark.could_mean}
    unsure = Kind.HEDGE in kinds or turned or any(is_alerting(item, hint) for hint in hinted)
    if unsure and item.alerting_from is not None and not is_alerting(item, score):
        # Doubt goes up: "0 but …", "probably 0" to an alerting item is no clear zero.
        return _ambiguous(item, Doubt.HEDGED, item.scores)
    return Answered(score)


def _no_score(kinds: set[Kind], vague: list[Mark], item: Item) -> Reading:
    could_mean = {score for mark in vague for score in mark.could_mean}
    if Kind.BETWEEN in kinds:
        return _ambiguous(item, Doubt.BETWEEN, could_mean)
    if vague:
        return _ambiguous(item, Doubt.VAGUE, could_mean)
    if Kind.YES in kinds:
        return _ambiguous(item, Doubt.BARE_YES, item.scores[1:])
    if Kind.HEDGE in kinds:
        return _ambiguous(item, Doubt.DOES_NOT_KNOW, item.scores)
    return Unreadable()
