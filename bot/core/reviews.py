"""Which texts staff should look at, because the bot may have misunderstood them."""

import re
from datetime import timedelta
from enum import StrEnum

# The model guesses below this; tests/nlu/README.md says how certain it is when it is right.
LOW_CONFIDENCE = 0.6
# An answer that nobody came back to counts against the bot only where it was not quite sure.
UNSURE = 0.75
PROTEST_WITHIN = timedelta(minutes=30)
CORRECTED_WITHIN = timedelta(hours=24)
SILENT_AFTER = timedelta(hours=24)


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
