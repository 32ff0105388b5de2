"""Where intents lead that staff have added: to support, or to an alert."""

from bot.core.alerts import SupportKind
from bot.core.levels import Category, Level
from bot.crisis.screening import Signal
from bot.services import alerts
from bot.services.results import Asked, TurnResult


def pass_on(asked: Asked) -> TurnResult:
    """Support reads it and answers."""
    asked.hand_to_support(SupportKind.NO_ANSWER)
    return asked.say("utter_passed_on", time=asked.promise())


def pass_on_same_day(asked: Asked) -> TurnResult:
    """A person calls her today, or as soon as somebody is there."""
    return _alert(asked, Level.SAME_DAY)


def pass_on_watch(asked: Asked) -> TurnResult:
    """The care team reads it in the next morning's list."""
    return _alert(asked, Level.WATCH)


def _alert(asked: Asked, level: Level) -> TurnResult:
    signal = Signal(Category.DISTRESS, level, "intent", asked.intent, (), "")
    about = alerts.About(asked.patient.phone_index, asked.patient.id)
    inbound_id = asked.inbound_id if asked.known_inbound else None
    alerts.raise_alert(
        asked.clinic, asked.db, about, [signal], inbound_id=inbound_id, now=asked.now
    )
    return asked.say("utter_passed_on", time=asked.promise())
