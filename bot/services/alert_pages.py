"""One alert in full: everything that a clinician needs before the call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.core.levels import Category, Level
from bot.errors import NotFound
from bot.services.alert_list import AlertCard, card_of
from bot.services.check_in_records import LastScore, last_scores
from bot.services.clinic import Clinic
from bot.services.notes import WrittenNote
from bot.services.patient_directory import Entry
from bot.services.planned_calls import CallLine, list_calls
from bot.services.staff_names import actor_name, names_of, owners_of
from bot.services.talk_lines import Line, inbound_line, outbound_line, writers_of
from bot.storage import alerts, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import (
    Alert,
    AlertSignal,
    AuditEvent,
    InboundMessage,
    NumberState,
    OutboundMessage,
    Page,
)

_LINES_AROUND = 12

_BEFORE, _AFTER = timedelta(days=2), timedelta(days=2)


@dataclass(frozen=True)
class Reason:
    """Why an alert was raised or lifted, once."""

    at: datetime
    level: Level
    category: Category
    layer: str
    pattern_id: str
    note: str


@dataclass(frozen=True)
class PageLine:
    """One page that went out."""

    at: datetime
    name: str
    recipient: str
    channel: str
    state: str


@dataclass(frozen=True)
class Event:
    """One line of the timeline."""

    at: datetime
    verb: str
    actor: str
    details: Mapping[str, Any]
    paged: Sequence[str] = ()


@dataclass(frozen=True)
class Speech:
    """How to speak with her: what she speaks, and which clock she lives by."""

    language: str
    zone: str

    @property
    def place(self) -> str:
        """Her zone by the name of its place: Chicago."""
        return self.zone.rsplit("/", 1)[-1].replace("_", " ")


@dataclass(frozen=True)
class FullAlert:
    """Everything that a clinician needs before the call."""

    card: AlertCard
    lines: Sequence[Line]
    reasons: Sequence[Reason]
    pages: Sequence[PageLine]
    timeline: Sequence[Event]
    notes: Sequence[WrittenNote]
    calls: Sequence[CallLine]
    sessions_blocked: bool
    scores: Sequence[LastScore] = field(default=())
    cannot_be_texted: bool = False
    speech: Speech | None = None


def look_at(
    clinic: Clinic,
    alert_id: str,
    entries: Mapping[str, Entry],
    *,
    with_scores: bool,
    by: str,
    now: datetime,
    with_number: bool = False,
) -> FullAlert:
    """One alert in full; that it was looked at goes on record.

    :param with_number: say the number of somebody who is no patient, so that it can be called.
    :raises NotFound: there is none.
    """
    with clinic.db.reading() as db:
        alert = db.get(Alert, alert_id)
        if alert is None:
            raise NotFound("no such alert")
        full = _full(clinic, db, alert, entries, with_scores=with_scores)
        is_own = by == f"staff:{full.card.about_staff_id}"
        if is_own:
            # Nobody is told to phone himself.
            full = replace(full, card=replace(full.card, number=""))
        elif with_number and alert.patient_id is None:
            number = number_that_wrote(db, alert)
            full = replace(full, card=replace(full.card, number=number))
    with clinic.db.transaction() as db:
        subject, details = f"alert:{alert.id}", {"patient": alert.patient_id}
        record(db, Audit(by, "view_alert", subject, details), now=now)
        if alert.patient_id is None and full.card.number:
            # Decrypted for this look alone.
            record(db, Audit(by, "view_number", subject), now=now)
    return full


def _full(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    entries: Mapping[str, Entry],
    *,
    with_scores: bool,
) -> FullAlert:
    names = names_of(db)
    signals = alerts.list_signals(db, alert.id)
    spans = _spans(signals)
    number = db.get(NumberState, alert.phone_index)
    patient = people.get_patient(db, alert.patient_id) if alert.patient_id else None
    return FullAlert(
        card=card_of(db, alert, entries, names, owners_of(db)),
        lines=_lines(db, alert, spans),
        reasons=[_reason(clinic, signal) for signal in signals],
        pages=[_page(db, page, names) for page in alerts.list_pages(db, alert.id)],
        timeline=_timeline(db, alert, names),
        notes=_notes(db, alert, names),
        calls=list_calls(db, alert.id),
        sessions_blocked=patient is not None and patient.sessions_blocked_at is not None,
        scores=last_scores(db, alert.patient_id) if with_scores and alert.patient_id else (),
        cannot_be_texted=number is not None
        and (number.opted_out_at is not None or number.unreachable_at is not None),
        speech=Speech(patient.language, patient.time_zone) if patient else None,
    )


def number_that_wrote(db: Session, alert: Alert) -> str:
    """The number of somebody who is no patient of ours; empty where nothing came from it."""
    query = select(InboundMessage).where(InboundMessage.phone_index == alert.phone_index)
    newest = db.scalars(query.order_by(InboundMessage.received_at.desc()).limit(1)).first()
    return sealing.get(db, newest, "phone") if newest is not None else ""


def _spans(signals: Sequence[AlertSignal]) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for signal in signals:
        if signal.inbound_id is not None:
            places = [(int(start), int(end)) for start, end in signal.spans]
            found.setdefault(signal.inbound_id, []).extend(places)
    return found


def _lines(db: Session, alert: Alert, spans: Mapping[str, list[tuple[int, int]]]) -> list[Line]:
    """The flagged texts and those around them, ours and hers, oldest first."""
    start, end = alert.raised_at - _BEFORE, alert.last_words_at + _AFTER
    hers = db.scalars(
        select(InboundMessage)
        .where(
            InboundMessage.phone_index == alert.phone_index,
            or_(
                InboundMessage.received_at.between(start, end),
                InboundMessage.id.in_(list(spans)),
            ),
        )
        .order_by(InboundMessage.received_at.desc())
        .limit(60)
    ).all()
    ours = db.scalars(
        select(OutboundMessage)
        .where(
            OutboundMessage.phone_index == alert.phone_index,
            OutboundMessage.created_at.between(start, end),
            OutboundMessage.sent_at.is_not(None),
        )
        .order_by(OutboundMessage.created_at.desc())
        .limit(60)
    ).all()
    lines = [inbound_line(db, row, spans.get(row.id, [])) for row in hers]
    writers = writers_of(db, ours)
    lines += [outbound_line(db, row, writers) for row in ours]
    lines.sort(key=lambda line: (line.at, not line.hers, line.id))
    return _around(lines, set(spans))


def _around(lines: list[Line], flagged: set[str]) -> list[Line]:
    places = [place for place, line in enumerate(lines) if line.id in flagged]
    if not places:
        return lines[-2 * _LINES_AROUND :]
    return lines[max(0, places[0] - _LINES_AROUND) : places[-1] + _LINES_AROUND + 1]


def _reason(clinic: Clinic, signal: AlertSignal) -> Reason:
    return Reason(
        at=signal.at,
        level=Level(signal.level),
        category=Category(signal.category),
        layer=signal.layer,
        pattern_id=signal.pattern_id,
        note=clinic.screener.note_of(signal.pattern_id),
    )


def _page(db: Session, page: Page, names: Mapping[str, str]) -> PageLine:
    outbound = db.scalars(
        select(OutboundMessage).where(OutboundMessage.page_id == page.id).limit(1)
    ).first()
    if page.failed_at is not None:
        state = "failed"
    elif page.delivered_at is not None:
        state = "delivered"
    else:
        state = outbound.status if outbound is not None else "on its way"
    # The practice's own phone belongs to nobody in particular.
    name = names.get(page.staff_id or "", "the practice")
    return PageLine(page.at, name, page.recipient, page.channel, str(state))


def _notes(db: Session, alert: Alert, names: Mapping[str, str]) -> list[WrittenNote]:
    return [
        WrittenNote(row.kind, row.at, names.get(row.staff_id or "", "?"), words or "", row.reached)
        for row in reversed(alerts.list_notes(db, alert.id))
        if (words := sealing.get(db, row, "note")) or row.reached is not None
    ]


def _timeline(db: Session, alert: Alert, names: Mapping[str, str]) -> list[Event]:
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject == f"alert:{alert.id}", AuditEvent.at >= alert.raised_at)
        .order_by(AuditEvent.id)
        .limit(300)
    )
    return [
        Event(
            row.at,
            row.verb,
            actor_name(row.actor, names),
            row.details,
            # The practice's own phone belongs to nobody in particular.
            paged=[names.get(one, "the practice") for one in row.details.get("paged", ())],
        )
        for row in db.scalars(query)
        if row.verb != "view_alert"
    ]
