"""What the practice's signed numbers mean at this moment, and in her words."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.content.protocol import Protocol, Weekday, say_by, say_when
from bot.content.texts import Catalogue
from bot.core.languages import Language
from bot.storage.tables import Patient


def is_staffed(protocol: Protocol, now: datetime) -> bool:
    """Is somebody at the practice now?"""
    return next_staffed(protocol, now) == now


def next_staffed(protocol: Protocol, now: datetime) -> datetime:
    """The first moment at or after now at which somebody is there."""
    hours = protocol.staffed_hours
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    for opens, closes in hours.spans_from(today):
        if closes > now:
            return max(now, opens.astimezone(now.tzinfo))
    return now  # a protocol without staffed days cannot be loaded


def next_list(protocol: Protocol, now: datetime) -> datetime:
    """The next morning list: ten o'clock of the next staffed day (clinic rules, *watch*)."""
    hours = protocol.staffed_hours
    zone = ZoneInfo(hours.zone)
    local = now.astimezone(zone)
    tomorrow = local.date() + timedelta(days=1)
    for opens, _closes in hours.spans_from(tomorrow):
        return datetime.combine(opens.date(), time(10), tzinfo=zone).astimezone(now.tzinfo)
    return now  # pragma: no cover - a protocol without staffed days cannot be loaded


def promise(
    protocol: Protocol, patient: Patient, *, now: datetime, language: Language | None = None
) -> str:
    """By when a person will have read her, in her zone and language: "by 11:30 am".

    :param language: of the text that it stands in, where that is not hers.
    """
    return say_by(
        protocol.promise_time(now),
        now=now,
        zone=ZoneInfo(patient.time_zone),
        language=language or Language(patient.language),
    )


def say_moment(patient: Patient, moment: datetime, *, language: Language | None = None) -> str:
    """A session's moment, in her zone and language: "Tue Mar 10 at 2 pm".

    :param language: of the text that it stands in, where that is not hers.
    """
    zone = ZoneInfo(patient.time_zone)
    return say_when(moment, zone=zone, language=language or Language(patient.language))


def blanks(protocol: Protocol, language: Language) -> dict[str, str]:
    """What fills the blanks that stand in many texts."""
    return {
        "practice": protocol.practice.name[language],
        "practice_phone": protocol.practice.shown_phone,
        "clinician": protocol.practice.clinician,
    }


def help_answer(texts: Catalogue, protocol: Protocol, language: Language) -> str:
    """What the carrier is set up to answer to HELP for us (docs/how-to/twilio.md)."""
    return texts.render("help_reply", language, blanks(protocol, language)).body


def may_check_in(protocol: Protocol, zone: ZoneInfo, *, daily: bool, now: datetime) -> bool:
    """May a check-in go out now, in her zone?

    :param daily: a short one that may come on any day of the week, in the same hours.
    """
    rules = protocol.check_ins
    local = now.astimezone(zone)
    if not daily and Weekday.of(local.date()) not in rules.days:
        return False
    return rules.texts_from <= local.time() < rules.texts_until
