"""Reads a golden conversation, strictly: anything unknown is an error with line and cure.

The format is described in ``docs/reference/golden-conversations.md``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.content.yaml_files import line_of, plain, read
from bot.conversations import cast
from bot.conversations.steps import (
    AlertIs,
    AnyStep,
    BotSays,
    CarrierDoes,
    CheckInGiven,
    ClockAt,
    ContactMade,
    Conversation,
    FollowUpMade,
    Given,
    NoAlert,
    NoBot,
    NoPage,
    OutcomeKnown,
    PageGoes,
    PatientTexts,
    PhoneRings,
    RasaDoes,
    RasaState,
    Receipts,
    Refusal,
    Resolve,
    SessionsReleased,
    StaffTexts,
    SupportIs,
    Suppressed,
    Wait,
)
from bot.core.alerts import AlertStatus, Disposition, Outcome, SupportKind, Verdict
from bot.core.escalation import PageChannel, Recipient
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.core.messages import OptOutType
from bot.errors import ConfigError

# A number that is nobody's, for ``unknown: true``; from the range kept for fiction.
STRANGER = "+12025550188"
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_NUMBER = re.compile(r"\+\d{8,15}")

type _Reader = Callable[[Any], Any]


class _Wrong(Exception):
    """A value does not fit; the sentence is the cure. ``loc`` leads to the place."""

    def __init__(self, cure: str, *loc: str | int) -> None:
        super().__init__(cure)
        self.loc = loc


def load_conversation(path: Path) -> Conversation:
    """One golden conversation.

    :raises ConfigError: names file, line and cure.
    """
    content = read(path)
    try:
        return _conversation(plain(content), content, path)
    except _Wrong as wrong:
        line = line_of(content, wrong.loc)
        raise ConfigError(f"{path}:{line}: {wrong}") from None


def parse_span(written: Any) -> timedelta:
    """A length of time: ``90s``, ``5m``, ``+26h``, ``1d2h``.

    :raises ValueError: it is none.
    """
    text = str(written).removeprefix("+").replace(" ", "")
    found = _SPAN.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"'{written}' is no length of time. Write 90s, 5m, 2h, 1d or 1d2h.")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def parse_moment(written: Any) -> datetime:
    """A moment on a place's own clock: ``2026-01-05 23:40 America/New_York``.

    :raises ValueError: it is none.
    """
    cure = f"'{written}' is no moment. Write it as 2026-01-05 23:40 America/New_York."
    wall, _, zone = str(written).rpartition(" ")
    try:
        local = datetime.strptime(wall, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError, IsADirectoryError):
        raise ValueError(cure) from None
    return local.astimezone(UTC)


# --- single values ----------------------------------------------------------------------------


def _words(value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        raise ValueError("A text is needed here; put it in quotes.")
    return str(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"'{value}' is no number of photos. Write 0, 1, 2…")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"'{value}' is neither true nor false.")
    return value


def _one_of[E: StrEnum](kind: type[E]) -> Callable[[Any], E]:
    def reader(value: Any) -> E:
        try:
            return kind(str(value))
        except ValueError:
            raise ValueError(f"'{value}' is none of: {', '.join(kind)}.") from None

    return reader


def _person(value: Any) -> str:
    known = (*cast.MOTHERS, *cast.COLLEAGUES, "Mallory")
    if value not in known and not _NUMBER.fullmatch(str(value)):
        raise ValueError(f"'{value}' is not in the cast. Use {', '.join(known)} or a +number.")
    return str(value)


def _paged(value: Any) -> str:
    return str(value) if value in list(Recipient) else _person(value)


def _answers(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("answered is a list, such as [0, 1, skip].")
    return tuple(_words(answer) for answer in value)


def _phone_of(value: Any) -> str:
    return str(value) if value == "practice" else _person(value)


def _key(value: Any) -> str:
    if str(value) not in {*"0123456789"}:
        raise ValueError(f"'{value}' is no key of a phone. Write a digit.")
    return str(value)


def _answerer(value: Any) -> str:
    if value not in ("machine", "nobody"):
        raise ValueError(f"'{value}' answers no phone. Write machine or nobody.")
    return str(value)


# --- maps -------------------------------------------------------------------------------------


def _fields(value: Any, readers: Mapping[str, _Reader], *, needed: Sequence[str] = ()) -> Any:
    """A map's values, each read by its own reader; unknown and missing keys are errors."""
    if not isinstance(value, dict):
        raise _Wrong(f"A map is needed here, with {', '.join(readers)}.")
    for key in value:
        if key not in readers:
            raise _Wrong(f"'{key}' is unknown here. Use {', '.join(readers)}.", key)
    for key in needed:
        if key not in value:
            raise _Wrong(f"'{key}' is missing. Add it.")
    found = {}
    for key, given in value.items():
        try:
            found[key] = readers[key](given)
        except ValueError as error:
            raise _Wrong(str(error), key) from None
        except _Wrong as wrong:
            raise _Wrong(str(wrong), key, *wrong.loc) from None
    return found


def _check_in(value: Any) -> CheckInGiven:
    if isinstance(value, str):
        return CheckInGiven(value)
    readers = {"instrument": _words, "answered": _answers}
    return CheckInGiven(**_fields(value, readers, needed=("instrument",)))


_GIVEN: Mapping[str, _Reader] = {
    "patient": _person,
    "unknown": _flag,
    "number": _person,
    "clock": parse_moment,
    "rasa": _one_of(RasaState),
    "check_in": _check_in,
    "session": parse_span,
    "planned": _words,
    "invited": _flag,
    "no_one_on_call": _flag,
    "shift_ends": parse_span,
    "second_alert": _person,
}


def _given(value: Any) -> Given:
    found = _fields(value, _GIVEN, needed=("clock",))
    who = [key for key in ("patient", "unknown", "number") if key in found]
    if len(who) != 1:
        raise _Wrong("Say who texts, once: patient: Ann, unknown: true, or number: +1202…")
    patient = found.pop(who[0])
    return Given(patient=STRANGER if patient is True else patient, **found)


# --- steps ------------------------------------------------------------------------------------

_STEPS: Mapping[str, tuple[type, Mapping[str, _Reader], tuple[str, ...]]] = {
    "patient": (
        PatientTexts,
        {
            "text": _words,
            "media": _count,
            "id": _words,
            "opt_out": _one_of(OptOutType),
            "from": _person,
        },
        ("text",),
    ),
    "staff": (StaffTexts, {"name": _person, "texts": _words}, ("name", "texts")),
    "carrier": (
        CarrierDoes,
        {
            "refuses": _person,
            "accepts": _person,
            "because": _one_of(Refusal),
            "receipts": _one_of(Receipts),
        },
        (),
    ),
    "resolve": (
        Resolve,
        {"by": _person, "disposition": _one_of(Disposition), "verdict": _one_of(Verdict)},
        ("by",),
    ),
    "contact": (ContactMade, {"by": _person, "reached": _flag}, ("by",)),
    "outcome": (OutcomeKnown, {"by": _person, "outcome": _one_of(Outcome)}, ("by", "outcome")),
    "follow_up": (FollowUpMade, {"by": _person, "reached": _flag}, ("by",)),
    "release": (SessionsReleased, {"by": _person}, ("by",)),
    "phone": (
        PhoneRings,
        {"name": _phone_of, "presses": _key, "answers": _answerer},
        ("name",),
    ),
    "support": (SupportIs, {"kind": _one_of(SupportKind), "reason": _words}, ("kind",)),
    "bot": (
        BotSays,
        {
            "text": _words,
            "within": parse_span,
            "contains": _words,
            "lacks": _words,
            "language": _one_of(Language),
            "to": _person,
        },
        (),
    ),
    "alert": (
        AlertIs,
        {
            "level": _one_of(Level),
            "category": _one_of(Category),
            "status": _one_of(AlertStatus),
            "by": _person,
            "about": _person,
        },
        (),
    ),
    "page": (
        PageGoes,
        {
            "to": _paged,
            "channel": _one_of(PageChannel),
            "within": parse_span,
            "about": _person,
        },
        (),
    ),
    "suppressed": (Suppressed, {"text": _words, "because": _words}, ()),
}
# Steps whose value is one word: the step, its field, how the word is read.
_PLAIN: Mapping[str, tuple[type, str, _Reader]] = {
    "patient": (PatientTexts, "text", _words),
    "bot": (BotSays, "text", _words),
    "page": (PageGoes, "to", _paged),
    "resolve": (Resolve, "by", _person),
    "wait": (Wait, "by", parse_span),
    "clock": (ClockAt, "moment", parse_moment),
    "rasa": (RasaDoes, "state", _one_of(RasaState)),
    "support": (SupportIs, "kind", _one_of(SupportKind)),
}
_BARE: Mapping[str, type] = {"no_bot": NoBot, "no_alert": NoAlert, "no_page": NoPage}
_KINDS = tuple(dict.fromkeys((*_STEPS, *_PLAIN, *_BARE)))
_RENAMED = {"from": "sender"}


def _step(value: Any, line: int) -> AnyStep:
    kind, content = _kind(value)
    step: AnyStep
    if kind in _BARE:
        if content is not True:
            raise _Wrong(f"Write it as {kind}: true.", kind)
        step = _BARE[kind](line)
    elif kind in _STEPS and isinstance(content, dict):
        made, readers, needed = _STEPS[kind]
        try:
            fields = _fields(content, readers, needed=needed)
        except _Wrong as wrong:
            raise _Wrong(str(wrong), kind, *wrong.loc) from None
        step = made(line, **{_RENAMED.get(key, key): found for key, found in fields.items()})
    elif kind in _PLAIN:
        made, name, reader = _PLAIN[kind]
        try:
            step = made(line, **{name: reader(content)})
        except ValueError as error:
            raise _Wrong(str(error), kind) from None
    else:
        raise _Wrong(f"{kind} needs a map with {', '.join(_STEPS[kind][1])}.", kind)
    return step


def _kind(value: Any) -> tuple[str, Any]:
    """What sort of step it is; a bare word such as ``no_bot`` is that word with *true*."""
    if isinstance(value, str) and value in _BARE:
        return value, True
    if not isinstance(value, dict) or len(value) != 1:
        raise _Wrong(f"A step is one of: {', '.join(_KINDS)}; begin each with its own dash.")
    kind, content = next(iter(value.items()))
    if kind not in _KINDS:
        raise _Wrong(f"'{kind}' is no step. Use {', '.join(_KINDS)}.", kind)
    return kind, content


_TOP: Mapping[str, _Reader] = {
    "about": _words,
    "needs": _words,
    "given": _given,
    "steps": lambda value: value,
}


def _conversation(content: Any, marked: Any, path: Path) -> Conversation:
    found = _fields(content, _TOP, needed=("given", "steps"))
    if found.get("needs", "rasa") != "rasa":
        raise _Wrong("Only 'rasa' can be needed.", "needs")
    if not isinstance(found["steps"], list) or not found["steps"]:
        raise _Wrong("steps is a list with at least one step.", "steps")
    steps: list[AnyStep] = []
    for place, value in enumerate(found["steps"]):
        try:
            steps.append(_step(value, line_of(marked, ("steps", place))))
        except _Wrong as wrong:
            raise _Wrong(str(wrong), "steps", place, *wrong.loc) from None
    return Conversation(
        path=path,
        given=found["given"],
        steps=tuple(steps),
        about=found.get("about", ""),
        needs_rasa="needs" in found,
    )
