"""What happened behind the phones, told from the audit events in plain words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.levels import Category, Level
from bot.services.clinic import Clinic
from bot.storage import alerts, sealing
from bot.storage.tables import (
    Administration,
    Alert,
    Appointment,
    AuditEvent,
    CheckIn,
    Conversation,
    InboundMessage,
    OutboundMessage,
    Patient,
    Staff,
    SupportItem,
)

SHOWN = 60
_UNKNOWN = "an unknown number"


@dataclass(frozen=True)
class Happening:
    """One line of the strip.

    :param tone: ``alarm``, ``care``, ``text``, ``held`` or ``note``: what the eye should find.
    """

    id: int
    at: datetime
    words: str
    tone: str


@dataclass(frozen=True)
class AlertLine:
    """An alert that no person has closed, as the page shows it."""

    code: str
    about: str
    level: str
    category: str
    status: str
    raised_at: datetime
    next_step_at: datetime | None
    holder: str | None

    @property
    def acknowledged(self) -> bool:
        """Has a named person taken it? Only then can it be resolved."""
        return self.status == AlertStatus.ACKNOWLEDGED


class Names:
    """Turns the ids of audit events into names and codes."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def person(self, row_type: type[Patient] | type[Staff], row_id: str | None) -> str:
        """A patient's or colleague's name."""
        row = self._db.get(row_type, row_id) if row_id else None
        return _UNKNOWN if row is None else str(sealing.get(self._db, row, "name"))

    def actor(self, actor: str) -> str:
        """Who did it."""
        kind, _, row_id = actor.partition(":")
        return self.person(Staff, row_id) if kind == "staff" else "the sandbox"

    def subject(self, subject: str) -> dict[str, str]:
        """What can be said of a subject: its ``name``, whom it is about (``who``), and more."""
        kind, _, row_id = subject.partition(":")
        describe = _DESCRIBE.get(kind)
        row = self._db.get(describe[0], row_id) if describe else None
        if describe is None or row is None:
            return {"name": kind.replace("_", " "), "who": _UNKNOWN}
        return describe[1](self, row)


def _whose(names: Names, row: Any) -> str:  # every row here has patient_id, some staff_id
    if getattr(row, "staff_id", None):
        return names.person(Staff, row.staff_id)
    return names.person(Patient, row.patient_id)


def _alert(names: Names, row: Alert) -> dict[str, str]:
    return {"name": row.code, "who": _whose(names, row)}


def _outbound(names: Names, row: OutboundMessage) -> dict[str, str]:
    lane = {"crisis": "crisis reply", "page": "staff text"}.get(row.lane, str(row.lane))
    later = (row.send_after - row.created_at).total_seconds() > 60
    return {
        "name": f"{lane} {row.text_id}",
        "who": _whose(names, row),
        "later": "yes" if later else "",
        "paging": "yes" if row.page_id else "",
    }


def _inbound(names: Names, row: InboundMessage) -> dict[str, str]:
    return {"name": "a text", "who": _whose(names, row)}


def _instrument(names: Names, row: Administration | CheckIn) -> dict[str, str]:
    return {"name": instrument_name(row.instrument_id), "who": _whose(names, row)}


def _plain(names: Names, row: Any) -> dict[str, str]:  # any row with patient_id
    return {"name": "session", "who": _whose(names, row)}


def _person(names: Names, row: Patient | Staff) -> dict[str, str]:
    return {"name": names.person(type(row), row.id), "who": names.person(type(row), row.id)}


_DESCRIBE: Mapping[str, tuple[type[Any], Callable[[Names, Any], dict[str, str]]]] = {
    "alert": (Alert, _alert),
    "outbound": (OutboundMessage, _outbound),
    "inbound": (InboundMessage, _inbound),
    "administration": (Administration, _instrument),
    "check_in": (CheckIn, _instrument),
    "appointment": (Appointment, _plain),
    "conversation": (Conversation, _plain),
    "support": (SupportItem, _plain),
    "patient": (Patient, _person),
    "staff": (Staff, _person),
}


def instrument_name(instrument_id: str) -> str:
    """How an instrument is called: PHQ-9 for ``phq9``."""
    if instrument_id == "mood":
        return "mood check-in"
    return re.sub(r"([A-Z])(\d)", r"\1-\2", instrument_id.upper())


# Verb → tone and sentence. An empty sentence is bookkeeping that nobody wants to read.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "receive": ("text", "{who} texted{photo}"),
    "raise": ("alarm", "alert {name} raised: {level} ({category}), about {who}"),
    "signal": ("note", "{name}: seen by {patterns}"),
    "lift": ("alarm", "alert {name} lifted from {from} to {to}"),
    "page": ("alarm", "page {step} for {name} to {paged}"),
    "page_failed": ("held", "page for {name} failed: {because}"),
    "no_one_on_duty": ("alarm", "{name}: nobody has the duty {duty}, so everybody is paged"),
    "acknowledge": ("care", "{name} acknowledged by {actor}"),
    "hand_back": ("alarm", "{name} is open again{back}"),
    "resolve": ("care", "{name} resolved by {actor}: {disposition}"),
    "add_to_alert": ("note", "{who} wrote more; it is added to {name}"),
    "answered_b": ("note", "{who} answered the safety question with B"),
    "safe_to_text": ("note", "{who} answered whether texting is safe"),
    "send": ("text", "{name} sent to {who}"),
    "fail": ("held", "{name} to {who} failed: {error}"),
    "defer": ("held", "{name} to {who} waits, the carrier says {error}"),
    "suppress": ("held", "suppressed: {because} ({name} to {who})"),
    "requeue": ("held", "{name} to {who} is sent again"),
    "no_receipt": ("held", "no receipt for {name} to {who}"),
    "opt_out": ("held", "{who} opted out"),
    "stop_loop": ("held", "replies to {who} stopped: too many texts"),
    "left_to_people": ("note", "{who} is left to people; the dialogue was not asked"),
    "consent": ("note", "consent of {who}: {kind}"),
    "plan_check_in": ("note", "{name} planned for {who}"),
    "cancel_check_in": ("held", "{name} for {who} not opened: {because}"),
    "start": ("note", "{name} begins for {who}"),
    "answer": ("note", "{who} {answered} item {item} of {name}"),
    "complete": ("note", "{name} of {who} complete"),
    "abandon": ("held", "{name} of {who} ended unfinished"),
    "expire": ("held", "{name} of {who} expired"),
    "schedule": ("note", "session of {who} in the diary"),
    "move": ("note", "session of {who} moved"),
    "cancel": ("note", "session of {who} cancelled"),
    "confirm": ("note", "{who} will come to her session"),
    "request_move": ("note", "{who} asks for another time"),
    "open_support_item": ("care", "task for support: {kind} ({who})"),
    "close_support_item": ("care", "task of support closed ({who})"),
    "hand_to_people": ("care", "people take over with {who}; the bot rests"),
    "give_back_to_bot": ("care", "the bot may speak with {who} again"),
    "mark_loss": ("care", "loss noted for {who}"),
    "set_language": ("note", "language of {who} is now {to}"),
    **dict.fromkeys(
        (
            "add_patient",
            "add_staff",
            "add_shift",
            "ack_text",
            "ack_in_words",
            "close_question",
            "converse",
            "deliver",
            "early_receipt",
            "nod",
            "open_question",
            "turn",
        ),
        ("note", ""),
    ),
}


def tell(names: Names, row: AuditEvent) -> Happening | None:
    """One audit event in plain words; none for bookkeeping."""
    subject = names.subject(row.subject)
    if row.verb == "queue":
        if not subject.get("later"):
            return None  # its sending follows at once
        return Happening(row.id, row.at, f"{subject['name']} to {subject['who']} planned", "note")
    if row.verb == "send" and subject.get("paging"):
        return None  # the page itself has its line
    fallback = f"{row.verb.replace('_', ' ')}: {{name}} ({{who}})"
    tone, sentence = _SENTENCES.get(row.verb, ("note", fallback))
    if not sentence:
        return None
    details = {key: _word(names, key, value) for key, value in row.details.items()}
    details["photo"] = " a photo" if row.details.get("media") else ""
    details["answered"] = "skipped" if row.details.get("skipped") else "answered"
    by_name = row.actor.startswith("staff:")
    details["back"] = f", handed back by {names.actor(row.actor)}" if by_name else ""
    words = sentence.format_map(_Blanks(subject | details | {"actor": names.actor(row.actor)}))
    return Happening(row.id, row.at, words, tone)


def _word(names: Names, key: str, value: Any) -> str:  # whatever JSON the details hold
    if key == "paged":
        return ", ".join(names.person(Staff, staff_id) for staff_id in value)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    # These are codes that people look up as they are; the rest are words.
    return str(value) if key in ("because", "error", "code") else str(value).replace("_", " ")


class _Blanks(dict[str, str]):
    """A detail that a verb does not carry is left out, rather than breaking the page."""

    def __missing__(self, key: str) -> str:
        return "…"


def newest_id(clinic: Clinic) -> int:
    """The number of the newest audit event."""
    with clinic.db.reading() as db:
        return db.scalar(select(func.max(AuditEvent.id))) or 0


def happenings(clinic: Clinic, *, after: int = 0) -> list[Happening]:
    """The newest lines of the strip, newest first.

    :param after: events up to this number belong to the seed data and are left out.
    """
    query = (
        select(AuditEvent)
        .where(AuditEvent.id > after)
        .order_by(AuditEvent.id.desc())
        # Half of all events are bookkeeping.
        .limit(SHOWN * 3)
    )
    with clinic.db.reading() as db:
        names = Names(db)
        told = (tell(names, row) for row in db.scalars(query).all())
        return [line for line in told if line is not None][:SHOWN]


def open_alerts(clinic: Clinic) -> list[AlertLine]:
    """Every alert that no person has closed, the most pressing first."""
    with clinic.db.reading() as db:
        names = Names(db)
        rows = sorted(alerts.list_unresolved(db), key=lambda row: -Level(row.level).rank)
        return [
            AlertLine(
                code=row.code,
                about=_whose(names, row),
                level=Level(row.level).value,
                category=Category(row.category).value.replace("_", " "),
                status=AlertStatus(row.status).value,
                raised_at=row.raised_at,
                next_step_at=row.next_step_at,
                holder=names.person(Staff, row.acknowledged_by) if row.acknowledged_by else None,
            )
            for row in rows
        ]
