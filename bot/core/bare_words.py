"""What a short text asks for by itself, with no question open: no model is needed to read it.

The words that our own texts offer her ("Reply CALL", "Escriba CHEQUEO") must work whatever the
dialogue model has learned, and while it is down. So must a taking back, for a guess at it once
ended her texts; and an answer to no question ("more than half the days") is about no topic.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from bot.core import taken_back
from bot.core.plain_words import plain


class Bare(StrEnum):
    """What is asked for; the name is that of the verb that does it."""

    CALL = "request_call"
    CHECK_IN = "start_check_in"
    NEXT_SESSION = "next_session"
    TAKE_BACK = "take_back"
    ANSWER = "nothing_waiting"


# In both languages whatever hers is: a text may have been forwarded, or offered in the other one.
OFFERED = {
    "call": Bare.CALL,
    "llamar": Bare.CALL,
    "check in": Bare.CHECK_IN,
    "checkin": Bare.CHECK_IN,
    "chequeo": Bare.CHECK_IN,
    "session": Bare.NEXT_SESSION,
    "cita": Bare.NEXT_SESSION,
}
_POLITE = r"(?: (?:please|pls|plz|por favor|porfa))?"
_NAMED = re.compile(rf"(?:el |la |un |mi |my |the |a )?(.+?){_POLITE}")


def read(text: str, *, labels: Iterable[str] = ()) -> Bare | None:
    """What she asks for, where that is all her text; none where the model is to read it.

    :param text: her words, English or Spanish.
    :param labels: the choices of our questions, as they are printed.
    """
    words = _words(text)
    named = _NAMED.fullmatch(words)
    if named is not None and named[1] in OFFERED:
        return OFFERED[named[1]]
    if taken_back.only(text):
        return Bare.TAKE_BACK
    return Bare.ANSWER if words and words in {_words(label) for label in labels} else None


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]+", " ", plain(text)).split())
