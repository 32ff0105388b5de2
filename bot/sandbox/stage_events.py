"""Reads what happened on the stage from the audit events, in the order in which it happened."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations import cast
from bot.conversations.format import STRANGER
from bot.conversations.stage import AlertSeen, Event, Noted, NotSent, Paged, Sent, Tasked
from bot.core.alerts import AlertStatus
from bot.core.escalation import PageChannel, Recipient
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.services.clinic import Clinic
from bot.storage import alerts, people, sealing
from bot.storage.tables import Alert, AuditEvent, OutboundMessage, Page

# Too many of these happen, or they are shown as something else.
_NOT_TOLD = frozenset(
    {
        "queue",
        "receive",
        "converse",
        "deliver",
        "page",
        "add_shift",
        "add_staff",
        "early_receipt",
    }
)
_NAMES = {
    **{mother.number: mother.name for mother in cast.MOTHERS.values()},
    **{colleague.number: colleague.name for colleague in cast.COLLEAGUES.values()},
    cast.MALLORY: "Mallory",
}

_SOMEBODY = "somebody else"


def number_of(name: str) -> str:
    """A cast member's number; a bare number is its own."""
    if name in cast.MOTHERS:
        return cast.MOTHERS[name].number
    if name in cast.COLLEAGUES:
        return cast.COLLEAGUES[name].number
    return cast.MALLORY if name == "Mallory" else name


class Ledger:
    """Everything that has happened in one conversation's database; read on, never again."""

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._told: list[Event] = []
        self._last = 0

    def events(self) -> Sequence[Event]:
        """What happened so far, in order."""
        with self._clinic.db.reading() as db:
            query = select(AuditEvent).where(AuditEvent.id > self._last).order_by(AuditEvent.id)
            for row in db.scalars(query):
                self._last = row.id
                self._told.extend(_told(db, row))
        return self._told

    def alerts(self) -> Sequence[AlertSeen]:
        """Every unresolved alert, oldest first."""
        with self._clinic.db.reading() as db:
            names = _names(db)
            return [_seen(db, alert, names) for alert in alerts.list_unresolved(db)]


def _told(db: Session, row: AuditEvent) -> list[Event]:
    reader = _READERS.get(row.verb)
    if reader is not None and row.subject.startswith("outbound:"):
        return [reader(db, row, db.get_one(OutboundMessage, _id(row)))]
    if row.verb == "open_support_item":
        return [Tasked(row.at, str(row.details["kind"]), row.details.get("reason"))]
    if row.verb in _NOT_TOLD:
        return []
    details = ", ".join(f"{key} {value}" for key, value in row.details.items())
    kind = row.subject.partition(":")[0]
    who = row.actor.partition(":")[0]
    return [Noted(row.at, f"({who} {row.verb} {kind}{': ' + details if details else ''})")]


def _sent(db: Session, row: AuditEvent, text: OutboundMessage) -> Event:
    to = _name(sealing.get(db, text, "phone"))
    if text.page_id is None:
        body = sealing.get(db, text, "body")
        return Sent(row.at, to, text.text_id, body, Language(text.language))
    page = db.get_one(Page, text.page_id)
    alert = db.get_one(Alert, page.alert_id)
    about = _about(db, alert)
    recipient, channel = Recipient(page.recipient), PageChannel(page.channel)
    return Paged(row.at, to, recipient, channel, alert.code, about)


def _not_sent(db: Session, row: AuditEvent, text: OutboundMessage) -> Event:
    to = _name(sealing.get(db, text, "phone"))
    return NotSent(row.at, to, text.text_id, str(row.details["because"]))


def _refused(db: Session, row: AuditEvent, text: OutboundMessage) -> Event:
    to = _name(sealing.get(db, text, "phone"))
    what = f"page {text.text_id}" if text.page_id else text.text_id
    return Noted(row.at, f"(carrier {row.verb} {what} to {to}: {row.details.get('error')})")


_READERS: Mapping[str, Callable[[Session, AuditEvent, OutboundMessage], Event]] = {
    "send": _sent,
    "suppress": _not_sent,
    "fail": _refused,
    "defer": _refused,
}


def _seen(db: Session, alert: Alert, names: Mapping[str, str]) -> AlertSeen:
    holder = None
    if alert.acknowledged_by is not None:
        holder = sealing.get(db, people.get_staff(db, alert.acknowledged_by), "name")
    return AlertSeen(
        code=alert.code,
        about=names.get(alert.phone_index, _SOMEBODY),
        level=Level(alert.level),
        category=Category(alert.category),
        status=AlertStatus(alert.status),
        by=holder,
    )


def _about(db: Session, alert: Alert) -> str:
    return _names(db).get(alert.phone_index, _SOMEBODY)


def _names(db: Session) -> dict[str, str]:
    numbers = {**_NAMES, STRANGER: STRANGER}
    return {people.index_of(db, number): name for number, name in numbers.items()}


def _name(number: str) -> str:
    return _NAMES.get(number, number)


def _id(row: AuditEvent) -> str:
    return row.subject.partition(":")[2]
