"""The one safety question, the question whether it is safe to text, and what she answers.

Source: clinic rules, "The safety question", "Levels" (the asked band) and "Violence".
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from bot.core import violence_over
from bot.core.enrolments import QuestionKind
from bot.core.levels import Category, Level
from bot.crisis.screening import Signal
from bot.services import conversations
from bot.services.clinic import Clinic
from bot.storage import alerts
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, Conversation

# Neither a yes nor a no to the safety question.
UNCLEAR = "safety_question_unclear"
SAID_NO = "crisis_answer_b"
_ASKING = {"crisis_ask": QuestionKind.SAFETY, "crisis_violence": QuestionKind.SAFE_TO_TEXT}
# Kinds of danger about which the safety question is asked.
_DOUBTED = frozenset(
    {
        Category.SUICIDE,
        Category.SELF_HARM,
        Category.OVERDOSE,
        Category.PSYCHOSIS,
        Category.HARM_OTHERS,
        Category.ALERTING_ITEM,
    }
)
_A = re.compile(r"^\W*(a|yes|si|sí|yeah|yep|1)\b[\W]*(yes|si|sí|por\s+favor)?[\W]*$", re.IGNORECASE)
_B = re.compile(r"^\W*(b|no|nope|2)\b[\W]*(no|gracias|thanks|thank you)?[\W]*$", re.IGNORECASE)
# "no lol just tired" is a no; "no but i think about it" is none.
_PLAIN_NO = re.compile(
    r"^\W*(?:(?:lol|lmao|haha\w*|jaja\w*|omg|ay|uy|oh|god|gosh|hell|um+|uh+|well|pues)\W+)*"
    r"(?:b|no+|nop|nope+|nah+|naw|not? at all|of course not|absolutely not|para nada|"
    r"claro que no|(?:never|i(?:'| a)?m not|nunca|jam[aá]s)(?=\W*$))\b",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\?|\b(but|though|idk|not sure|maybe|kinda|sometimes|anymore|any more|point|reason|one|want|"
    r"can'?t|wish|pero|aunque|quiz[aá]s?|tal vez|no s[eé]|a veces|m[aá]s|nadie|quiero|puedo)\b",
    re.IGNORECASE,
)
_TAKING_BACK = re.compile(
    r"\b(fine|ok|okay|sorry|better|joke|joking|kidding|false alarm|never ?mind|nvm|forget it|"
    r"didn'?t mean|estoy bien|perd[oó]n|disculp\w+|broma|olv[ií]delo|no pasa nada|ya pas[oó])\b",
    re.IGNORECASE,
)


class Choice(StrEnum):
    """How a text reads as an answer to an A/B question."""

    A = "a"
    B = "b"
    UNCLEAR = "unclear"


def read_choice(text: str) -> Choice:
    """A or B, when the text is one of them, or begins with a plain no; in doubt unclear."""
    if "?" in text:
        return Choice.UNCLEAR
    if _A.match(text):
        return Choice.A
    if _PLAIN_NO.match(text) and not _DOUBT.search(text):
        return Choice.B
    return Choice.B if _B.match(text) else Choice.UNCLEAR


def sounds_like_taking_back(text: str) -> bool:
    """Does she say that she is fine after all? It changes our words, and closes nothing."""
    return bool(_TAKING_BACK.search(text))


def ask_after(
    clinic: Clinic,
    db: Session,
    conversation: Conversation,
    alert: Alert,
    signal: Signal,
    *,
    said: str,
    words: str,
    now: datetime,
) -> None:
    """Some replies end with a question; from now on her words may answer it.

    :param said: the text that she really gets. Where the safety question could not be asked, the
        doubt stays: silence, or anything but a plain no, makes it urgent. Whether it is safe to
        text is never answered unasked: the answer would name a hotline.
    :param words: hers. Where they say that the violence is over, she is asked all the same, but
        her silence then says nothing: nobody keeps her from answering.
    """
    doubt = _ASKING.get(signal.reply) == QuestionKind.SAFETY
    kind = _ASKING.get(said) or (QuestionKind.SAFETY if doubt else None)
    if kind is not None:
        conversations.open_question(db, conversation, kind, ref=alert.id, now=now)
    # Whoever does not say that it is safe may be kept from it: her silence is heard as well.
    kept = kind == QuestionKind.SAFE_TO_TEXT and not violence_over.is_over(words)
    asked = doubt or kept
    if asked and not Level(alert.level).at_least(Level.URGENT):
        alert.answer_due_at = now + waits_for(clinic)


def doubt_in(signals: Sequence[Signal]) -> Signal | None:
    """The sign among these about which the safety question is asked, if there is one."""
    return next((one for one in signals if _ASKING.get(one.reply) == QuestionKind.SAFETY), None)


def waits_for(clinic: Clinic) -> timedelta:
    """How long her silence after a question of ours about her safety stays a silence only."""
    return timedelta(minutes=clinic.protocol.safety.question_silence_minutes)


def signals(db: Session, conversation: Conversation, text: str) -> list[Signal]:
    """A yes, or anything unclear, to the safety question makes it urgent."""
    if conversation.question != QuestionKind.SAFETY or read_choice(text) == Choice.B:
        return []
    yes = read_choice(text) == Choice.A
    return [
        Signal(
            category=Category.SUICIDE,
            level=Level.URGENT,
            layer="answer",
            pattern_id="safety_question_yes" if yes else UNCLEAR,
            spans=(),
            reply="crisis_answer_a" if yes else "crisis_added",
        )
    ]


def is_doubted(db: Session, alert: Alert) -> bool:
    """May she be thinking of ending her life? That is not answered by whether texting is safe."""
    return any(one.category in _DOUBTED for one in alerts.list_signals(db, alert.id))


def reply_to(
    db: Session, conversation: Conversation, alert: Alert, text: str, *, now: datetime
) -> str | None:
    """The text id that answers her A or B, if a question of that kind is open."""
    kind = conversation.question
    if kind == QuestionKind.SAFETY and read_choice(text) == Choice.B:
        # Stays open until a person has read it.
        alert.answer_due_at = None
        conversations.close_question(db, conversation, now=now)
        record(db, Audit("system", "answered_b", f"alert:{alert.id}"), now=now)
        return SAID_NO
    if kind == QuestionKind.SAFE_TO_TEXT:
        conversations.close_question(db, conversation, now=now)
        choice = read_choice(text)
        safe = choice == Choice.A
        if choice != Choice.UNCLEAR and not is_doubted(db, alert):
            # Anything but A or B leaves the clock running: it may be another's thumb.
            alert.answer_due_at = None
        record(db, Audit("system", "safe_to_text", f"alert:{alert.id}", {"safe": safe}), now=now)
        return "crisis_violence_safe" if safe else "crisis_violence_unsafe"
    return None
