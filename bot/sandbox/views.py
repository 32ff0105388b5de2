"""What the page shows: phones, clock, strip and alerts, as HTML and as live changes."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.conversations import cast
from bot.core.languages import Language
from bot.core.rota import Duty, StaffRole
from bot.sandbox import strip
from bot.sandbox.carrier import Carrier
from bot.sandbox.clock import MovableClock
from bot.sandbox.phones import PhoneMessage, Switch
from bot.sandbox.time_travel import TimeTravel
from bot.services.clinic import Clinic

HERE = Path(__file__).resolve().parent
_PATIENT_LINES = {
    "Ann": "doing well",
    "Bea": "in crisis",
    "Cat": "opted out",
    "Dee": "lost her baby",
    "Eva": "new, to be invited",
    "Luz": "writes Spanish",
}
_DUTY_LINES = {Duty.ON_CALL: "on call", Duty.BACKUP: "backup"}


@dataclass(frozen=True)
class Phone:
    """One phone of the page.

    :param slug: its name in addresses, such as ``dr-bose``.
    :param line: who its owner is, in two words.
    """

    slug: str
    name: str
    number: str
    line: str
    zone: ZoneInfo
    is_staff: bool
    language: Language = Language.ENGLISH

    @property
    def initials(self) -> str:
        """What stands in the round picture."""
        return self.name.removeprefix("Dr ")[0]

    @property
    def shown_number(self) -> str:
        """The number as people write it."""
        return re.sub(r"^\+1(\d{3})(\d{3})(\d{4})$", r"\1-\2-\3", self.number)


def cast_phones(zone: ZoneInfo) -> dict[str, Phone]:
    """The phones of everybody in the cast, by slug, in the order of the page.

    :param zone: the clinic's own.
    """
    phones = [
        Phone(
            slug=_slug(mother.name),
            name=mother.name,
            number=mother.number,
            line=_PATIENT_LINES.get(mother.name, "patient"),
            zone=ZoneInfo(mother.zone),
            is_staff=False,
            language=mother.language,
        )
        for mother in cast.MOTHERS.values()
    ]
    for colleague in cast.COLLEAGUES.values():
        line = "support" if colleague.role is StaffRole.SUPPORT else "clinician"
        if colleague.leads:
            line = "leads"
        if colleague.duty is not None:
            line = _DUTY_LINES[colleague.duty]
        phones.append(
            Phone(_slug(colleague.name), colleague.name, colleague.number, line, zone, True)
        )
    return {phone.slug: phone for phone in phones}


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def place(zone: ZoneInfo) -> str:
    """The city of a zone: New York for America/New_York."""
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")


def _at(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as a phone shows it: Mon 10:05 am."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def clock_words(moment: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Day and time as the clock bar shows them."""
    local = moment.astimezone(zone)
    hour = f"{local.hour % 12 or 12}:{local:%M}"
    return f"{local:%A, %B} {local.day}", f"{hour} {'am' if local.hour < 12 else 'pm'}"


def environment() -> Environment:
    """Templates in which everything is escaped: whoever texts chooses the words."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["at"] = _at
    made.filters["place"] = place
    return made


@dataclass(frozen=True)
class Parts:
    """Everything that is shown, and where it comes from."""

    clinic: Clinic
    carrier: Carrier
    clock: MovableClock
    travel: TimeTravel
    zone: ZoneInfo
    phones: dict[str, Phone]
    templates: Environment

    def text_html(self, phone: Phone, text: PhoneMessage) -> str:
        """One bubble."""
        return self.templates.get_template("text.html").render(phone=phone, text=text)

    def strip_html(self, happenings: Sequence[strip.Happening]) -> str:
        """The lines of the strip."""
        return self.templates.get_template("strip.html").render(lines=happenings, zone=self.zone)

    def alerts_html(self) -> str:
        """The alerts that nobody has closed."""
        return self.templates.get_template("alerts.html").render(
            alerts=strip.open_alerts(self.clinic),
            outcomes=OUTCOMES,
            zone=self.zone,
        )

    def clock_state(self) -> dict[str, object]:
        """The clock bar."""
        day, time = clock_words(self.clock.now(), self.zone)
        progress = self.travel.progress
        done, of = (progress.done, progress.of) if progress else (0, 0)
        return {"day": day, "time": time, "moving": progress is not None, "done": done, "of": of}


# The dispositions of ``bot.services.alerts``, in words.
OUTCOMES = {
    "reached_safe": "reached, safe",
    "sent_to_emergency": "sent to emergency",
    "welfare_check": "welfare check",
    "false_alarm": "false alarm",
    "other": "other",
}


class Feed:
    """What has changed since one open page last heard from us."""

    def __init__(self, parts: Parts, *, cursor: int, after: int) -> None:
        self._parts = parts
        self._cursor = cursor
        self._after = after
        self._newest = -1
        self._clock: dict[str, object] = {}
        self._switches: dict[str, str] = {}

    def changes(self) -> Iterator[tuple[str, str]]:
        """Each change as event name and JSON."""
        self._cursor, texts = self._parts.carrier.since(self._cursor)
        shown = list(self._bubbles(texts))
        if shown:
            yield "texts", json.dumps(shown)
        yield from self._changed_switches()
        newest = strip.newest_id(self._parts.clinic)
        if newest != self._newest:
            self._newest = newest
            lines = strip.happenings(self._parts.clinic, after=self._after)
            yield "strip", json.dumps({"html": self._parts.strip_html(lines)})
            yield "alerts", json.dumps({"html": self._parts.alerts_html()})
        clock = self._parts.clock_state()
        if clock != self._clock:
            self._clock = clock
            yield "clock", json.dumps(clock)

    def _bubbles(self, texts: Iterable[PhoneMessage]) -> Iterator[dict[str, str]]:
        by_number = {phone.number: phone for phone in self._parts.phones.values()}
        for text in texts:
            phone = by_number.get(text.number)
            if phone is not None:
                html = self._parts.text_html(phone, text)
                yield {"phone": phone.slug, "id": f"text-{text.id}", "html": html}

    def _changed_switches(self) -> Iterator[tuple[str, str]]:
        switches = switch_words(self._parts)
        if switches != self._switches:
            self._switches = switches
            yield "switches", json.dumps(switches)


def switch_words(parts: Parts) -> dict[str, str]:
    """The switch of every phone, by slug."""
    return {
        slug: Switch(parts.carrier.phones.switch(phone.number)).value
        for slug, phone in parts.phones.items()
    }
