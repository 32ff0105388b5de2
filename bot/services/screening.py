"""Screens a text with what was said just before it, and notes what was found."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.languages import Language
from bot.crisis.screening import Context, Screening, Signal
from bot.services.clinic import Clinic
from bot.storage import messages, sealing
from bot.storage.tables import InboundMessage

# A sentence is sometimes sent in pieces: "i want" / "to die".
_CONTEXT_FOR = timedelta(minutes=3)
_CONTEXT_TEXTS = 3


def screen(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    body: str,
    *,
    language: Language,
    now: datetime,
) -> Screening:
    """Look for danger in her words; always, whoever she is and whatever else is going on."""
    earlier = messages.recent_inbound(
        db, row.phone_index, since=now - _CONTEXT_FOR, limit=_CONTEXT_TEXTS + 1
    )
    recent = tuple(sealing.get(db, text, "body") for text in earlier if text.id != row.id)
    return clinic.screener.screen(body, Context(language=language, recent=recent))


def note(row: InboundMessage, signals: Sequence[Signal]) -> None:
    """Keep beside the text why it was flagged: ids and levels, never words."""
    row.signals = [
        {
            "category": signal.category.value,
            "level": signal.level.value,
            "layer": signal.layer,
            "pattern": signal.pattern_id,
            "spans": [list(span) for span in signal.spans],
        }
        for signal in signals
    ]
