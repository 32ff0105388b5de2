"""What a mother who has lost her baby hears when she asks something: her loss is named.

The answers of data/faq are written for a mother with a baby and a treatment. The few that speak of
this line alone are fine for her, and those that have words for loss; for the others a person calls.
"""

from bot.core.alerts import SupportKind
from bot.services.results import Asked, TurnResult

QUESTION = "utter_loss_question"
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
    return asked.say(QUESTION, time=asked.promise())


def needs_person(text_id: str, *, loss_text: str | None) -> bool:
    """Is this an answer that she must not be given?

    :param loss_text: its own words for a mother whose baby has died.
    """
    if not text_id.startswith(_FAQ):
        return False
    return loss_text is None and text_id.removeprefix(_FAQ) not in _FINE
