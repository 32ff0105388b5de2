"""What she hears while an alert of hers is open and people have taken over.

The fixed sentence comes at most every ten minutes (clinic rules). Between two of them a call for
help or a new sign of danger is not met by silence, nor is a third text in a row: decision 0017, for
the clinic's signature.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.core.pleas import calls_out
from bot.core.spoken_language import languages_of
from bot.crisis.screening import Signal
from bot.services import read_along, safety_answers, waiting
from bot.services.clinic import Clinic
from bot.storage import promises
from bot.storage.tables import Alert, OutboundMessage

# Between two of these texts to one mother.
_BREATH = timedelta(minutes=1)
# Answers to her calls in the time of one fixed sentence; signs of danger are not counted.
_MOST_ANSWERS = 3
_WHAT_HAPPENS = frozenset({"crisis_question", "crisis_question_held"})
_ANSWERS = waiting.ANSWERS | _WHAT_HAPPENS
# These are answered however much she has asked before, but not over and over.
_ANSWERED_EACH = frozenset({waiting.Plea.WAITS, waiting.Plea.SEEN, waiting.Plea.REAL})
_SAME_ANSWER_AFTER = timedelta(minutes=5)
# So many texts in a row are not left without a word.
_UNANSWERED = 3


@dataclass(frozen=True)
class Said:
    """A text for her, and when it may go: a minute after the one before."""

    text_id: str
    send_after: datetime


def reply(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    words: str,
    *,
    danger: Signal | None,
    now: datetime,
) -> Said | None:
    """What to answer to her further words; none when she has been answered already.

    :param danger: what the screening saw in these very words, if anything.
    """
    plea = waiting.heard(alert, words) if danger is None else None
    truth = waiting.answer(clinic, db, alert, plea) if plea else ""
    every = timedelta(minutes=clinic.protocol.safety.added_repeat_minutes)
    last = alert.last_added_reply_at
    if last is None or now - last >= every:
        alert.last_added_reply_at = now
        first = _own(danger) or truth or _fixed(alert, words, danger=danger)
        return Said(_discreet(db, alert, first, danger=danger), now)
    lately = promises.texts_about_alert(db, alert, since=now - every)
    text_id = truth or _between(alert, words, danger=danger)
    if danger is None and _said_enough(text_id, plea, words, lately, now=now):
        text_id = None
    text_id = text_id or _what_happens(db, alert, lately)
    if text_id is None:
        return None
    newest = max((row.send_after for row in lately), default=None)
    if newest is not None and newest > now:
        # Something is on its way to her within the minute.
        return None
    text_id = _discreet(db, alert, text_id, danger=danger)
    return Said(text_id, now if newest is None else max(now, newest + _BREATH))


def back_again(
    clinic: Clinic, db: Session, alert: Alert, *, danger: Signal | None, now: datetime
) -> Said:
    """She turned the texts on again: what she was told meanwhile may never have reached her.

    So the numbers come now, whenever the last ones went. Where a life is at risk they are those of
    its own kind, whoever has the alert: after an overdose 911 comes first, and Poison Control.
    """
    alert.last_added_reply_at = now
    text_id = _own(danger) or _own_of(clinic, alert)
    if not text_id:
        wished_only = alert.category == Category.OPT_OUT and danger is None
        general = wished_only or _is_held(alert)
        text_id = _fixed(alert, "", danger=danger) if general else "crisis_danger_again"
    return Said(_discreet(db, alert, text_id, danger=danger), now)


def _own_of(clinic: Clinic, alert: Alert) -> str:
    """What this kind of danger is answered with, where a life is at risk now."""
    if alert.level != Level.EMERGENCY:
        return ""
    return clinic.screener.text_for(Category(alert.category))


def _said_enough(
    text_id: str | None,
    plea: waiting.Plea | None,
    words: str,
    lately: Sequence[OutboundMessage],
    *,
    now: datetime,
) -> bool:
    """Has she had this very answer just now, in the language of these words, or enough of them?"""
    if plea in _ANSWERED_EACH:
        just_now = [row for row in lately if now - row.created_at < _SAME_ANSWER_AFTER]
        return any(row.text_id == text_id and _is_in_language_of(words, row) for row in just_now)
    return len([row for row in lately if row.text_id in _ANSWERS]) >= _MOST_ANSWERS


def _is_in_language_of(words: str, row: OutboundMessage) -> bool:
    language = Language(row.language)
    return language in languages_of(words, own=language)


def _what_happens(db: Session, alert: Alert, lately: Sequence[OutboundMessage]) -> str | None:
    """After her third text in a row without an answer: who knows of it, and who answers now."""
    if any(row.text_id in _WHAT_HAPPENS for row in lately):
        return None
    # The one that is being read is not stored yet.
    if promises.count_unanswered(db, alert) + 1 < _UNANSWERED:
        return None
    return "crisis_question_held" if _is_held(alert) else "crisis_question"


def _discreet(db: Session, alert: Alert, text_id: str, *, danger: Signal | None) -> str:
    """Another danger than violence brings its numbers all the same, once it pages."""
    return text_id if read_along.outweighs(danger) else read_along.answer(db, alert, text_id)


def _fixed(alert: Alert, words: str, *, danger: Signal | None) -> str:
    if danger is None and safety_answers.sounds_like_taking_back(words):
        return "crisis_still_calling"
    return "crisis_added_held" if _is_held(alert) else "crisis_added"


def _between(alert: Alert, words: str, *, danger: Signal | None) -> str | None:
    if danger is not None:
        return _own(danger) or "crisis_danger_again"
    if not calls_out(words):
        return None
    return "crisis_question_held" if _is_held(alert) else "crisis_question"


def _own(danger: Signal | None) -> str:
    """Where a life is at risk now, its own numbers say more than a general sentence."""
    if danger is None or danger.level != Level.EMERGENCY:
        return ""
    return danger.reply


def _is_held(alert: Alert) -> bool:
    return alert.status == AlertStatus.ACKNOWLEDGED
