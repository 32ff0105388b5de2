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
_ABOUT_MILK, _GRIEF = "utter_loss_milk", "utter_loss_grief"
_SESSION = re.compile(
    r"\b(sessions?|appointments?|treatments?|visits?|sesion(es)?|citas?|tratamientos?)\b"
)
_TEXTS = re.compile(
    r"\b(stop|end|cancel|turn off|quit|no more|parar|quitar|cancelar|dejar de|no quiero)\b"
    r"(?: \w+){0,3} (these|this|them|texts?|texting|messages?|check ?ins?|reminders?|mensajes?|"
    r"textos?|recordatorios?|esto|recibir\w*)\b"
)
# Her milk comes all the same, and hurts.
_MILK = re.compile(
    r"\b(milk|engorg\w*|leak(ing|s|ed)?|lactat\w*|pump(ing|ed)?|boobs?|breasts?|nipples?|leche|"
    r"pechos?|chichis?|senos?|sacaleches)\b"
)
# What is left of him: she looks at it, and misses him.
_PICTURES = re.compile(
    r"\b(?:look\w*|star(?:e|ing)|scroll\w*|watch\w*|ver|veo|viendo|mir\w+) (?:\w+ ){0,3}"
    r"(?:pictures?|pics?|photos?|videos?|fotos?|fotitos|retratos?)\b(?! (?:in|en) (?:my|mi))|"
    r"\b(?:pictures?|pics|photos?|videos?|fotos?) (?:of|de) (?:him|her|my|our|el|ella|mi)\b"
)
_MISSES = re.compile(
    r"\bmiss(?:ing)? (?:him|her|my|our)\b|\bhold (?:him|her|my \w+) again\b|"
    r"\b(?:l[oa] extrano|extrano (?:a|tanto|mucho)|me hace (?:tanta |mucha )?falta)\b"
)
# Beside these, pictures are no longer only that.
_MORE = re.compile(
    r"\b(hear\w*|voices?|talk\w*|says?|tells?|want\w*|die|dead|kill\w*|hurt\w*|mov(?:es?|ing)|"
    r"alive|breath\w*|real|eyes|oigo|voz|voces|habla\w*|dice\w*|quiero|morir\w*|matar\w*|viv[oa]|"
    r"muev\w*|respira\w*|ojos)\b"
)
_FEW_WORDS = 14
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
    once = said in (QUESTION, _ABOUT_MILK, _GRIEF)
    return _AGAIN if once and said == messages.last_text_to(db, patient_id) else said


def _about(words: str) -> str:
    if says_nobody_called(words) or wants_call(words):
        return _ABOUT_CALL
    if _TEXTS.search(plain(words)):
        return _ABOUT_TEXTS
    if _SESSION.search(plain(words)):
        return _ABOUT_SESSION
    if _MILK.search(plain(words)):
        return _ABOUT_MILK
    is_grief = _PICTURES.search(plain(words)) or _MISSES.search(plain(words))
    return _GRIEF if is_grief else QUESTION


def only_looks_back(words: str) -> bool:
    """Does she tell of looking at pictures of the one who died, and of nothing else?

    The model takes "pictures of my newborn all day" for pictures in her mind.
    """
    said = plain(words)
    if len(said.split()) > _FEW_WORDS or _MORE.search(said):
        return False
    return bool(_PICTURES.search(said))


def needs_person(text_id: str, *, loss_text: str | None) -> bool:
    """Is this an answer that she must not be given?

    :param loss_text: its own words for a mother whose baby has died.
    """
    if not text_id.startswith(_FAQ):
        return False
    return loss_text is None and text_id.removeprefix(_FAQ) not in _FINE
