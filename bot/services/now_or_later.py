"""No hour of tomorrow stands in a text where "now" has to stand.

While a life may be at risk and nobody is at the practice, "a person will call you by Fri 11 am"
reads as "wait until then". She is given the numbers that answer now instead, and people are paged.
"""

from datetime import datetime, timedelta

from bot.content.protocol import Protocol
from bot.core.levels import Level
from bot.services.clinic import Clinic
from bot.storage.tables import Alert

_SUFFIX = "_now"


def fitting(clinic: Clinic, alert: Alert | None, text_id: str, *, now: datetime) -> str:
    """The text to send about this alert; not one with an hour that would be too late.

    :param text_id: it has a second wording in the catalogue where its id with ``_now`` stands.
    """
    if alert is None or not Level(alert.level).at_least(Level.URGENT):
        return text_id
    # In an emergency two hours are as wrong as tomorrow.
    may_wait = alert.level != Level.EMERGENCY and is_soon(clinic.protocol, now=now)
    if may_wait or text_id + _SUFFIX not in clinic.texts:
        return text_id
    return text_id + _SUFFIX


def is_soon(protocol: Protocol, *, now: datetime) -> bool:
    """Would a person be promised within the time that the practice promises when it is open?"""
    rules = protocol.call_back
    return protocol.promise_time(now) - now <= timedelta(
        minutes=rules.within_minutes + rules.round_up_minutes
    )
