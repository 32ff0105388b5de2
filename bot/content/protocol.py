"""The clinic's own numbers, and the promises that follow from its staffed hours.

A text promises only what a person can keep: no "today", no time outside staffed hours (clinic
rules, "Promises"). A number that nobody has signed keeps its flow switched off.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.content import yaml_files
from bot.content.yaml_files import Strict
from bot.core.languages import Language
from bot.core.levels import Level
from bot.errors import ConfigError

DEMO = "demo"
_FARTHEST = timedelta(days=60)
_WEEK = timedelta(days=6)
# Saturday carries an á and would make a whole text cost double: Spanish says its date instead.
_DAYS_ES = ("lunes", "martes", "miércoles", "jueves", "viernes", "", "domingo")
_MONTHS_ES = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
    *("septiembre", "octubre", "noviembre", "diciembre"),
)
# Not strftime: its words follow the machine's locale.
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Weekday(StrEnum):
    """A day of the week; in order, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @classmethod
    def of(cls, day: date) -> "Weekday":
        """The weekday of a date."""
        return tuple(cls)[day.weekday()]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("not a time zone; write it as America/New_York") from None
    return name


def _span(written: object) -> object:
    if not isinstance(written, str):
        return written
    start, _, end = written.partition("-")
    return {"opens": start.strip(), "closes": end.strip()}


class Span(Strict):
    """Hours from opening to closing on one day, wall clock."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if not self.opens < self.closes:
            raise ValueError("opens must be before closes; write it as 09:00-17:00")
        return self


class _Signed(Strict):
    source: str = Field(min_length=1)
    approver: str = Field(min_length=1)


class Practice(_Signed):
    """Who the texts come from. The name must not give the condition away (facts 6)."""

    name: dict[Language, str]
    phone: str = Field(pattern=r"^\+1[2-9]\d{9}$")
    clinician: str

    @model_validator(mode="after")
    def _named_in_each_language(self) -> "Practice":
        if set(self.name) != set(Language):
            raise ValueError("name needs a wording in each language (en, es)")
        return self

    @property
    def shown_phone(self) -> str:
        """The number as a person writes it: 202-555-0100."""
        return f"{self.phone[2:5]}-{self.phone[5:8]}-{self.phone[8:]}"


class StaffedHours(_Signed):
    """When a person reads and calls."""

    zone: Annotated[str, AfterValidator(_known_zone)]
    days: dict[Weekday, tuple[Annotated[Span, BeforeValidator(_span)], ...]]
    closed_on: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> "StaffedHours":
        if set(self.days) != set(Weekday):
            raise ValueError("name every day of the week, with [] for a closed one")
        if not any(self.days.values()):
            raise ValueError("no day is staffed, so nothing could be promised")
        return self

    def spans_from(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Opening and closing moments, in order, from this date (in the practice's zone) on."""
        zone = ZoneInfo(self.zone)
        for later in range(_FARTHEST.days):
            on = day + timedelta(days=later)
            if on not in self.closed_on:
                for span in sorted(self.days[Weekday.of(on)], key=lambda span: span.opens):
                    yield (
                        datetime.combine(on, span.opens, tzinfo=zone),
                        datetime.combine(on, span.closes, tzinfo=zone),
                    )


class CallBack(_Signed):
    """How long a person may take. All in minutes."""

    within_minutes: int = Field(ge=1)
    needs_minutes: int = Field(ge=0)
    round_up_minutes: int = Field(ge=1, le=60)


class QuietHours(_Signed):
    """The window for routine texts, in her own zone."""

    texts_from: time
    texts_until: time


class Sessions(_Signed):
    """When she is reminded of a session."""

    reminder_hours_before: tuple[int, ...]


class CheckIns(_Signed):
    """When she is asked, and from which PHQ-2 total on the PHQ-9 is offered."""

    days: tuple[Weekday, ...] = Field(min_length=1)
    texts_from: time
    texts_until: time
    phq2_cut_off: int = Field(ge=1, le=6)


class Safety(_Signed):
    """Clocks around an alert. All in minutes."""

    question_silence_minutes: int = Field(ge=1)
    added_repeat_minutes: int = Field(ge=1)
    unacknowledged_minutes: dict[Level, int]
    # "Dr Lund from your care team will call you", when a clinician takes her alert.
    say_who_calls: bool = False


class BearableLoad(Strict):
    """What a clinic's people can bear in a week; above it the plan is reviewed.

    Source: clinic rules, "Closing": for 200 mothers about 10 pages, 3 of them out of hours, and
    25 same-day calls.
    """

    pages_per_week: int = Field(10, ge=0)
    pages_out_of_hours_per_week: int = Field(3, ge=0)
    same_day_calls_per_week: int = Field(25, ge=0)


class LimitsPerNumber(_Signed):
    """Brakes against loops with other machines; screening and crisis replies have none."""

    inbound_per_minute: int = Field(ge=1)
    replies_per_hour: int = Field(ge=1)
    reminders_per_day: int = Field(ge=1)
    holding_replies_per_hour: int = Field(ge=1)


class Console(_Signed):
    """What staff see in the console beyond what their role needs."""

    support_sees_scores: bool = False


_CAREFUL_CONSOLE = Console(source="Tend's careful default", approver="Tend")


class ClinicalNumber(Strict):
    """A number that only a physician may set."""

    value: float | None
    unit: str
    source: str = Field(min_length=1)
    approver: str | None

    @property
    def signed(self) -> bool:
        """Has a named person set it?"""
        return self.value is not None and self.approver not in (None, "", DEMO)


class Protocol(Strict):
    """One clinic's protocol file."""

    id: str
    version: int = Field(ge=1)
    approver: str = Field(min_length=1)
    practice: Practice
    staffed_hours: StaffedHours
    call_back: CallBack
    quiet_hours: QuietHours
    sessions: Sessions
    check_ins: CheckIns
    safety: Safety
    limits_per_number: LimitsPerNumber
    console: Console = _CAREFUL_CONSOLE
    clinical_numbers: dict[str, ClinicalNumber]
    bearable_load: BearableLoad = Field(default_factory=lambda: BearableLoad())

    @property
    def session_flow_signed(self) -> bool:
        """May the flows around a session run? Only when every clinical number is signed."""
        return bool(self.clinical_numbers) and all(
            number.signed for number in self.clinical_numbers.values()
        )

    def approved(self, *, production: bool) -> None:
        """Make sure that a clinic has signed every part; only production insists.

        :raises ConfigError: in production, when a part still has the approver *demo*.
        """
        parts: Mapping[str, object] = dict(self)
        demo = [name for name, part in parts.items() if getattr(part, "approver", "") == DEMO]
        if production and (demo or self.approver == DEMO):
            named = ", ".join(demo) or "approver"
            raise ConfigError(
                f"protocol {self.id}: these parts are the demo's: {named}. "
                "A physician of the clinic signs them in a protocol file of its own."
            )

    def promise_time(self, now: datetime) -> datetime:
        """The moment by which staffed hours make it true that a person has read or called.

        Open now: in two hours (``call_back.within_minutes``) or at closing, whichever is first.
        Closed, or closing in a few minutes: the same from the next opening.

        :param now: aware, UTC; the answer is aware, UTC.
        :raises ConfigError: nobody is there in the next 60 days.
        """
        zone = ZoneInfo(self.staffed_hours.zone)
        needs = timedelta(minutes=self.call_back.needs_minutes)
        within = timedelta(minutes=self.call_back.within_minutes)
        for opens, closes in self.staffed_hours.spans_from(now.astimezone(zone).date()):
            # In UTC, so that two hours are two hours on the night the clocks change.
            start, end = max(now, opens.astimezone(now.tzinfo)), closes.astimezone(now.tzinfo)
            if end - start >= max(needs, timedelta(minutes=1)):
                return min(_round_up(start + within, self.call_back.round_up_minutes), end)
        raise ConfigError(
            f"protocol {self.id}: nobody is there for 60 days. Mend days and closed_on."
        )

    def values(
        self, *, now: datetime, zone: ZoneInfo, language: Language, clinician: str | None = None
    ) -> dict[str, str]:
        """What fills the blanks that stand in many texts: practice, phone, clinician, time.

        :param zone: her zone, in which the promised time is said.
        :param clinician: her own clinician; none for the practice's.
        """
        promised = self.promise_time(now)
        return {
            "practice": self.practice.name[language],
            "practice_phone": self.practice.shown_phone,
            "clinician": clinician or self.practice.clinician,
            "time": say_by(promised, now=now, zone=zone, language=language),
        }


def load_protocol(path: Path) -> Protocol:
    """Read one clinic's protocol file.

    :raises ConfigError: names file, line, field and what is expected there.
    """
    return yaml_files.load(path, Protocol)


def say_by(moment: datetime, *, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """A promised moment in words: "by 11:30 am", "by Mon 11 am", "antes del lunes a las 11 am".

    The day is left out only when it is her own date; "today" and "tomorrow" are never said.
    """
    local, here = moment.astimezone(zone), now.astimezone(zone)
    same_day, near = local.date() == here.date(), local.date() - here.date() <= _WEEK
    if language is Language.SPANISH:
        hour = _hour_es(local)
        return f"antes de {hour}" if same_day else f"antes del {_day_es(local, near)} a {hour}"
    if same_day:
        return f"by {_clock(local)}"
    day = _DAYS_EN[local.weekday()]
    return f"by {day} {_clock(local)}" if near else f"by {_date_en(local)}, {_clock(local)}"


def say_when(moment: datetime, *, zone: ZoneInfo, language: Language) -> str:
    """A session's moment: "Tue Mar 10 at 2 pm", "el martes 10 de marzo a las 2 pm"."""
    local = moment.astimezone(zone)
    if language is Language.SPANISH:
        day = f"{_DAYS_ES[local.weekday()]} {_date_es(local)}".strip()
        return f"el {day} a {_hour_es(local)}"
    return f"{_date_en(local)} at {_clock(local)}"


def say_at(moment: datetime, *, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """A moment that has passed: "at 11:30 am", "a las 11:30 am"; with its day when not hers."""
    local = moment.astimezone(zone)
    if local.date() != now.astimezone(zone).date():
        said = say_when(moment, zone=zone, language=language)
        return said if language is Language.SPANISH else f"on {said}"
    return f"a {_hour_es(local)}" if language is Language.SPANISH else f"at {_clock(local)}"


def _round_up(moment: datetime, minutes: int) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    over = whole.minute % minutes
    if whole == moment and not over:
        return moment
    return whole + timedelta(minutes=minutes - over)


def _clock(local: datetime) -> str:
    half = "am" if local.hour < 12 else "pm"
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes} {half}"


def _date_en(local: datetime) -> str:
    return f"{_DAYS_EN[local.weekday()]} {_MONTHS_EN[local.month - 1]} {local.day}"


def _hour_es(local: datetime) -> str:
    return f"{'la' if local.hour % 12 == 1 else 'las'} {_clock(local)}"


def _day_es(local: datetime, near: bool) -> str:
    return (near and _DAYS_ES[local.weekday()]) or _date_es(local)


def _date_es(local: datetime) -> str:
    return f"{local.day} de {_MONTHS_ES[local.month - 1]}"
