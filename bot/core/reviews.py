"""Which texts staff should look at, because the bot may have misunderstood them."""

import re
from datetime import timedelta
from enum import StrEnum

from bot.core.opt_out import read_opt_out
from bot.core.plain_words import plain

# The model guesses below this; tests/nlu/README.md says how certain it is when it is right.
LOW_CONFIDENCE = 0.6
# An answer that nobody came back to counts against the bot only where it was not quite sure.
UNSURE = 0.75
PROTEST_WITHIN = timedelta(minutes=30)
CORRECTED_WITHIN = timedelta(hours=24)
SILENT_AFTER = timedelta(hours=24)
# "a", "yes 2", "no thanks".
_BARE_AT_MOST = 2
_WORD = re.compile(r"[^\W_]+")


class Reason(StrEnum):
    """Why a text is in the review queue."""

    FELL_BACK = "fell_back"
    LOW_CONFIDENCE = "low_confidence"
    NO_ANSWER = "no_answer"
    CORRECTED = "corrected"
    NOT_MEANT = "not_meant"
    SILENCE = "silence"


_PROTEST = re.compile(
    r"\b(?:not what i (?:meant|asked|mean|said|was asking)|(?:dont|don't|didnt|didn't|doesnt|"
    r"doesn't) (?:answer|understand me|get it)|wrong answer|(?:thats|that's|that is|no) not (?:it|"
    r"right)|i (?:meant|asked|said)|you (?:dont|don't|didnt|didn't) (?:understand|get|answer|"
    r"listen)|stupid bot|useless|huh|no es (?:lo que|eso)|eso no (?:es|era|pregunt\w+)|no me "
    r"(?:entiende|entendio|entendió|contesto|contestó)|no entiende|respuesta equivocada|"
    r"quise decir|pregunt[eé] otra cosa|no pregunt[eé] eso)\b",
    re.IGNORECASE,
)


def protests(text: str) -> bool:
    """Does she say that the answer before was not what she asked for?"""
    return _PROTEST.search(text) is not None


# Whole texts that answer a question of ours or press a button, in both languages. They say nothing
# that an example could teach; whether they were taken rightly is the answer reader's to know.
_BARE = re.compile(
    r"[a-dkyn]|\d+|yes|no|yep|yeah|nope|ok|okay|si|skip|saltar|omitir|call|llamar|llamame|llame|"
    r"start|stop|help|info|ayuda|link|phone|text|thanks|gracias"
)


def teaches_nothing(text: str) -> bool:
    """Is it a bare answer, a number, a keyword or only signs: nothing that anybody asks?"""
    if not any(sign.isalpha() for sign in text):
        return True
    opt_out = read_opt_out(text)
    if opt_out is not None and opt_out.exact:
        return True
    words = _WORD.findall(plain(text))
    return len(words) <= _BARE_AT_MOST and all(_BARE.fullmatch(word) for word in words)
