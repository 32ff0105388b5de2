"""What a mother who has lost her baby hears when she asks something: her loss is named.

The answers of data/faq are written for a mother with a baby and a treatment. The few that speak of
this line alone are fine for her, and those that have words for loss; for the others a person calls.
What she asks of us (a call, her sessions, these texts) is answered as such, and no condolence is
said twice in a row.
"""

import re

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.core.plain_words import plain
from bot.core.pleas import says_nobody_called, wants_call
from bot.services.results import Asked, TurnResult
from bot.storage import messages

QUESTION = "utter_loss_question"
_AGAIN = "utter_loss_again"
_ABOUT_CALL, _ABOUT_SESSION = "utter_loss_call", "utter_loss_session"
_ABOUT_TEXTS = "utter_loss_texts"
_SESSION = re.compile(
    r"\b(sessions?|appointments?|treatments?|visits?|sesion(es)?|citas?|tratamientos?)\b"
)
_TEXTS = re.compile(
    r"\b(stop|end|cancel|turn off|quit|no more|parar|quitar|cancelar|dejar de|no quiero)\b"
    r"(?: \w+){0,3} (these|this|them|texts?|texting|messages?|check ?ins?|reminders?|mensajes?|"
    r"textos?|recordatorios?|esto|recibir\w*)\b"
)
_FAQ = "utter_faq_"
# About the line and the practice; nothing in them takes a baby or a treatment for granted.
_FINE = frozenset(
    {
        "contact",
        "emergencies",
        "hours",
        "lonely_night",
        "privacy",
        "real_person",
        "stop_texts",
        "who_reads",
    }
)


def ask_a_person(asked: Asked) -> TurnResult:
    """She asks what no answer of ours fits: a person calls, and she is told by when."""
    asked.hand_to_support(SupportKind.CALL_BACK)
    text_id = fitting(asked.db, asked.patient.id, asked.text)
    return asked.say(text_id, time=asked.promise())


def about_her_session(asked: Asked) -> TurnResult:
    """She asks for her next session: before there is one, a person speaks with her."""
    asked.hand_to_support(SupportKind.CALL_BACK)
    return asked.say(_ABOUT_SESSION, time=asked.promise())


def fitting(db: Session, patient_id: str, words: str) -> str:
    """The text that says so, for these words; not the one that she has just had."""
    said = _about(words)
    return _AGAIN if said == QUESTION == messages.last_text_to(db, patient_id) else said


def _about(words: str) -> str:
    if says_nobody_called(words) or wants_call(words):
        return _ABOUT_CALL
    if _TEXTS.search(plain(words)):
        return _ABOUT_TEXTS
    return _ABOUT_SESSION if _SESSION.search(plain(words)) else QUESTION


def needs_person(text_id: str, *, loss_text: str | None) -> bool:
    """Is this an answer that she must not be given?

    :param loss_text: its own words for a mother whose baby has died.
    """
    if not text_id.startswith(_FAQ):
        return False
    return loss_text is None and text_id.removeprefix(_FAQ) not in _FINE
