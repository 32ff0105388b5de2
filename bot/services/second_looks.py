"""Guards after the dialogue model's guess: what it may not do to a mother on a guess alone.

A guess ends no texts, answers no last goodbye with cheer, and takes no dark hint for a yes. What
she takes back is answered so that she can go on; where it follows on words of hers that nobody may
have understood, a person reads both.
"""

import re
from datetime import timedelta

from bot.core import erasure, farewells, taken_back
from bot.core.alerts import SupportKind
from bot.core.levels import Category, Level
from bot.core.plain_words import plain
from bot.crisis.screening import Signal
from bot.services import alerts
from bot.services.results import Asked, TurnResult
from bot.storage import messages
from bot.storage.tables import OutboundMessage

# What she takes back within these minutes belongs to what was said before.
_WITHIN = timedelta(minutes=30)
# We did not understand her, were not sure, or answered softly: what she takes back may matter.
_UNSURE = (
    "utter_not_understood",
    "holding_",
    "crisis_",
    "utter_safety",
    "utter_joke",
    "utter_report",
)
# Below this a wish to end the texts must stand in her words.
_SURE = 0.8
_ENDS_TEXTS = re.compile(
    r"\b(?:s+t+o+p+\w*|quit\w*|end|ends|off|out|unsub\w*|cancel\w*|no more|enough|done|text\w*|"
    r"txt\w*|messag\w*|msg\w*|sms|contact\w*|list|number|remov\w*|bother\w*|spam\w*|remind\w*|"
    r"notif\w*|hear\w* from|reach\w*|check ?ins?|par(?:a|e|ar|en)|dej\w+|mensaj\w*|msj\w*|"
    r"escrib\w*|mand\w*|envi\w*|baja|basta|numero|molest\w*|record\w*|avis\w*|suspend\w*|"
    r"suscri\w*|chequeos?)\b"
)
# Said of everybody else, a yes or another day is not about a session.
_OTHERS = re.compile(
    r"\b(?:every(?:one|body)|any(?:one|body)|no ?(?:one|body)|they|them|the kids|tod[oa]s|nadie|"
    r"ell[oa]s|los ninos)\b"
)
_SESSION = re.compile(
    r"\b(?:sessions?|appointments?|appts?|visits?|treatments?|doses?|time|move|resched\w*|change|"
    r"sitter|come|there|sesion(?:es)?|citas?|tratamientos?|dosis|hora|cambi\w+|mover\w*|ahi|alli|"
    r"ven(?:ir|go|drem\w+)|a las|at \d+|\d+ ?(?:am|pm))\b"
)


def wants_erasure(asked: Asked) -> bool:
    """Does she ask for it in her words? The model's guess alone ends nothing."""
    return erasure.is_asked(asked.text)


def wants_no_texts(asked: Asked) -> bool:
    """Is the model sure of it, or do her words speak of texts or of an end to them?"""
    return asked.confidence >= _SURE or bool(_ENDS_TEXTS.search(plain(asked.text)))


def is_about_a_session(asked: Asked) -> bool:
    """Not so where she speaks of everybody else, and names nothing of a session."""
    words = plain(asked.text)
    return not _OTHERS.search(words) or bool(_SESSION.search(words))


def texts_stay_on(asked: Asked) -> TurnResult:
    """The model guessed that she wants to end the texts: they stay on, and a person reads her."""
    asked.hand_to_support(SupportKind.NOT_UNDERSTOOD)
    return asked.say("utter_taken_back_read", time=asked.promise())


def take_back(asked: Asked) -> TurnResult:
    """She takes back what she said; where we may not have understood it, a person reads both."""
    before = messages.newest_to(asked.db, asked.patient.id)
    unsure = _is_unsure(asked, before)
    if not unsure and not taken_back.may_mean_her_data(asked.text):
        return asked.say("utter_taken_back")
    if unsure and before is not None and before.in_reply_to is not None:
        asked.hand_to_support(SupportKind.NOT_UNDERSTOOD, inbound_id=before.in_reply_to)
    return texts_stay_on(asked)


def _is_unsure(asked: Asked, before: OutboundMessage | None) -> bool:
    if before is None or asked.now - before.created_at > _WITHIN:
        return False
    return before.text_id.startswith(_UNSURE)


def goodbye(asked: Asked) -> TurnResult:
    """She says goodbye; where it may be for good she gets the numbers, and people read it."""
    if not farewells.is_for_good(asked.text):
        return asked.say("utter_goodbye")
    about = alerts.About(asked.patient.phone_index, asked.patient.id)
    signal = Signal(Category.SUICIDE, Level.WATCH, "intent", "goodbye_for_good:guess", (), "")
    inbound_id = asked.inbound_id if asked.known_inbound else None
    alerts.raise_alert(
        asked.clinic, asked.db, about, [signal], inbound_id=inbound_id, now=asked.now
    )
    return asked.say("utter_safety")


def is_yes_or_no(asked: Asked) -> bool:
    """Is the model sure that she only says yes or no? "i cant" is neither."""
    return asked.confidence >= _SURE
