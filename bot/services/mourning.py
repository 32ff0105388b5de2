"""Tells the death of her baby from that of a grown-up or a pet, where both sound alike.

Only a baby's death, or the loss of a pregnancy, silences her texts (clinic rules, "Loss"). Grief
for somebody else is answered kindly, and her care team reads of it in the morning list.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.core import grief
from bot.core.levels import Category, Level
from bot.crisis.screening import Signal


def as_told(signals: Sequence[Signal], words: str) -> list[Signal]:
    """The signs in her words, with a suspicion of loss read as what she really tells of."""
    if not any(one.category == Category.LOSS for one in signals) or not grief.is_of_another(words):
        return list(signals)
    return [_grief(one) if one.category == Category.LOSS else one for one in signals]


def _grief(signal: Signal) -> Signal:
    return replace(signal, category=Category.DISTRESS, level=Level.WATCH, reply="")
