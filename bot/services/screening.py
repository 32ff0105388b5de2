"""Screens a text with what was said just before it, and notes what was found."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.languages import Language
from bot.core.messages import InboundText
from bot.crisis.screening import Context, Screening, Signal
from bot.services.clinic import Clinic
from bot.storage import arrivals
from bot.storage.arrivals import Earlier
from bot.storage.tables import InboundMessage

# A sentence is sometimes sent in pieces: "i want" / "to die".
_CONTEXT_FOR = timedelta(minutes=3)
_CONTEXT_TEXTS = 3
# Python computes one thing at a time, and threads that read texts at once take turns every 5 ms, so
# that all of them are late. Nobody who writes waits for it: the gate must not be held meanwhile.
_ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True)
class Screened:
    """What was found in a text before its transaction began, and beside which earlier ones.

    :param recent: ids of the texts that were read with it.
    """

    phone_index: str
    language: Language
    recent: tuple[str, ...]
    screening: Screening


def ahead(clinic: Clinic, text: InboundText, *, now: datetime) -> Screened:
    """Look for danger in her words, always, while anybody else may write.

    What is looked up here may be out of date when it counts: ``confirmed`` makes sure.
    """
    phone_index = clinic.db.vault.index(text.from_number)
    with clinic.db.looking() as connection:
        found, earlier = arrivals.look_ahead(connection, clinic.db.vault, phone_index, now=now)
    language, recent = found or Language.ENGLISH, context(earlier, now=now)
    with _ONE_AT_A_TIME:
        screening = _screen(clinic, text.body, language, recent)
    return Screened(phone_index, language, tuple(before.id for before in recent), screening)


def context(texts: Sequence[Earlier], *, now: datetime) -> Sequence[Earlier]:
    """Those that may be the first half of what she writes now."""
    return arrivals.recent(texts, since=now - _CONTEXT_FOR, most=_CONTEXT_TEXTS)


def confirmed(
    clinic: Clinic,
    screened: Screened,
    body: str,
    *,
    language: Language,
    recent: Sequence[Earlier],
) -> Screening:
    """What was found, read again if another text of hers has come in between."""
    if screened.language == language and screened.recent == tuple(one.id for one in recent):
        return screened.screening
    return _screen(clinic, body, language, recent)


def _screen(clinic: Clinic, body: str, language: Language, recent: Sequence[Earlier]) -> Screening:
    words = tuple(text.body for text in recent)
    return clinic.screener.screen(body, Context(language=language, recent=words))


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
