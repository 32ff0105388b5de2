"""What she is written while somebody at home may read along (clinic rules, "Violence").

Her alert, her care team and a crisis line must not stand on a phone that he checks. The one
neutral sentence reads like a notice that everyone gets.
"""

from bot.core.levels import Category
from bot.storage.tables import Alert

NEUTRAL = "crisis_violence_unsafe"


def may_be_read(alert: Alert) -> bool:
    """Is violence at home what her alert is about?"""
    return alert.category == Category.VIOLENCE


def discreet(alert: Alert, text_id: str) -> str:
    """The text that may go to her phone about this alert."""
    return NEUTRAL if may_be_read(alert) else text_id
