"""What the console shows of alerts: the list that is open now, and one alert in full."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus, SupportStatus
from bot.core.levels import Category, Level
from bot.errors import NotFound
from bot.services import escalation
from bot.services.clinic import Clinic
from bot.services.notes import WrittenNote
from bot.services.patient_directory import Entry
from bot.storage import alerts, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import (
    Administration,
    Alert,
    AlertSignal,
    AuditEvent,
    Heartbeat,
    InboundMessage,
    NumberState,
    OutboundMessage,
    Page,
)

_LINES_AROUND = 12
_BEFORE, _AFTER = timedelta(days=2), timedelta(days=2)


@dataclass(frozen=True)
class AlertCard:
    """One alert as the list shows it."""

    id: str
    code: str
    level: Level
    category: Category
    status: AlertStatus
    raised_at: datetime
    last_words_at: datetime
    next_step_at: datetime | None
    patient_id: str | None
    name: str
    number: str
    holder: str | None
    holder_id: str | None
    disposition: str | None = None

    @property
    def is_open(self) -> bool:
        """Does nobody have it?"""
        return self.status is AlertStatus.OPEN


@dataclass(frozen=True)
class Line:
    """One text, in either direction, with the places that were flagged.

    :param parts: her words in pieces; true where the screening saw something.
    """

    id: str
    at: datetime
    hers: bool
    parts: tuple[tuple[str, bool], ...]
    status: str = ""
    photo: bool = False
    by_person: bool = False

    @property
    def words(self) -> str:
        """The whole text."""
        return "".join(words for words, _ in self.parts)


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


@dataclass(frozen=True)
class CallLine:
    """A follow-up call after an alert.

    :param reason: which one, such as ``day_1``.
    """

    id: str
    reason: str
    due_at: datetime | None
    is_open: bool


@dataclass(frozen=True)
class LastScore:
    """The last complete check-in with one instrument."""

    instrument_id: str
    at: datetime
    score: int
    band: str | None


@dataclass(frozen=True)
class FullAlert:
    """Everything that a clinician needs before the call."""

    card: AlertCard
    lines: Sequence[Line]
    reasons: Sequence[Reason]
    pages: Sequence[PageLine]
    timeline: Sequence[Event]
    notes: Sequence[WrittenNote]
    awaits_outcome: bool
    calls: Sequence[CallLine]
    sessions_blocked: bool
    scores: Sequence[LastScore] = field(default=())
    cannot_be_texted: bool = False


def list_open_cards(
    clinic: Clinic, entries: Mapping[str, Entry], *, recent: timedelta, now: datetime
) -> tuple[list[AlertCard], list[AlertCard]]:
    """Alerts that no person has closed, the most pressing and then the oldest first; and those
    that were closed lately."""
    closed_since = select(Alert).where(
        Alert.status == AlertStatus.RESOLVED,
        Alert.resolved_at >= now - recent,
        Alert.is_test.is_(False),
    )
    with clinic.db.reading() as db:
        names, owners = _staff_names(db), _owners(db)
        # The daily test of paging is nobody in danger; the page on health tells of it.
        rows = [row for row in alerts.list_unresolved(db) if not row.is_test]
        unresolved = [_card(row, entries, names, owners) for row in rows]
        ended = db.scalars(closed_since.order_by(Alert.resolved_at.desc()).limit(10))
        closed = [_card(row, entries, names, owners) for row in ended]
    unresolved.sort(key=lambda card: (-card.level.rank, not card.is_open, card.raised_at))
    return unresolved, closed


def fingerprint(clinic: Clinic) -> tuple[tuple[object, ...], ...]:
    """Changes whenever the list of open alerts would look different."""
    query = select(
        Alert.id,
        Alert.status,
        Alert.level,
        Alert.acknowledged_by,
        Alert.last_words_at,
        Alert.next_step_at,
    ).where(Alert.status != AlertStatus.RESOLVED)
    with clinic.db.reading() as db:
        return tuple(tuple(row) for row in db.execute(query.order_by(Alert.id)))


def last_beat(clinic: Clinic) -> datetime | None:
    """When the worker last gave a sign of life."""
    with clinic.db.reading() as db:
        beat = db.get(Heartbeat, "worker")
        return beat.at if beat else None


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
        if with_number and alert.patient_id is None:
            number = _number_that_wrote(db, alert)
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
    names = _staff_names(db)
    signals = alerts.list_signals(db, alert.id)
    spans = _spans(signals)
    number = db.get(NumberState, alert.phone_index)
    return FullAlert(
        card=_card(alert, entries, names, _owners(db)),
        lines=_lines(db, alert, spans),
        reasons=[_reason(clinic, signal) for signal in signals],
        pages=[_page(db, page, names) for page in alerts.list_pages(db, alert.id)],
        timeline=_timeline(db, alert, names),
        notes=_notes(db, alert, names),
        awaits_outcome=alert.outcome_due_at is not None,
        calls=[
            CallLine(call.id, call.reason or "", call.due_at, call.status == SupportStatus.OPEN)
            for call in alerts.list_follow_ups(db, alert.id)
        ],
        sessions_blocked=alert.patient_id is not None
        and people.get_patient(db, alert.patient_id).sessions_blocked_at is not None,
        scores=last_scores(db, alert.patient_id) if with_scores and alert.patient_id else (),
        cannot_be_texted=number is not None
        and (number.opted_out_at is not None or number.unreachable_at is not None),
    )


def last_scores(db: Session, patient_id: str) -> list[LastScore]:
    """The last complete check-in with each instrument."""
    query = (
        select(Administration)
        .where(Administration.patient_id == patient_id, Administration.score.is_not(None))
        .order_by(Administration.ended_at.desc())
        .limit(60)
    )
    found: dict[str, LastScore] = {}
    for row in db.scalars(query):
        if row.score is not None and row.ended_at is not None:
            last = LastScore(row.instrument_id, row.ended_at, row.score, row.band)
            found.setdefault(row.instrument_id, last)
    return sorted(found.values(), key=lambda score: score.instrument_id)


def _card(
    row: Alert, entries: Mapping[str, Entry], names: Mapping[str, str], owners: Mapping[str, str]
) -> AlertCard:
    entry = entries.get(row.patient_id or "")
    return AlertCard(
        id=row.id,
        code=row.code,
        level=Level(row.level),
        category=Category(row.category),
        status=AlertStatus(row.status),
        raised_at=row.raised_at,
        last_words_at=row.last_words_at,
        next_step_at=row.next_step_at,
        patient_id=row.patient_id,
        name=entry.name if entry else owners.get(row.phone_index, "A number we do not know"),
        number=entry.number if entry else "",
        holder=names.get(row.acknowledged_by or "") or names.get(row.resolved_by or ""),
        holder_id=row.acknowledged_by,
        disposition=row.disposition,
    )


def _number_that_wrote(db: Session, alert: Alert) -> str:
    """The number of somebody who is no patient of ours; empty where nothing came from it."""
    query = select(InboundMessage).where(InboundMessage.phone_index == alert.phone_index)
    newest = db.scalars(query.order_by(InboundMessage.received_at.desc()).limit(1)).first()
    return sealing.get(db, newest, "phone") if newest is not None else ""


def _owners(db: Session) -> dict[str, str]:
    """Whose phone it is, where it is a colleague's: staff are people, and their words count."""
    return {
        staff.phone_index: f"{sealing.get(db, staff, 'name')} (staff, own phone)"
        for staff in people.list_staff(db)
        if staff.phone_index is not None
    }


def _staff_names(db: Session) -> dict[str, str]:
    return {staff.id: sealing.get(db, staff, "name") for staff in people.list_staff(db)}


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
    lines += [outbound_line(db, row) for row in ours]
    lines.sort(key=lambda line: (line.at, not line.hers, line.id))
    return _around(lines, set(spans))


def _around(lines: list[Line], flagged: set[str]) -> list[Line]:
    places = [place for place, line in enumerate(lines) if line.id in flagged]
    if not places:
        return lines[-2 * _LINES_AROUND :]
    return lines[max(0, places[0] - _LINES_AROUND) : places[-1] + _LINES_AROUND + 1]


def inbound_line(db: Session, row: InboundMessage, spans: Sequence[tuple[int, int]] = ()) -> Line:
    """Her text, with the flagged places marked."""
    return Line(
        id=row.id,
        at=row.received_at,
        hers=True,
        parts=tuple(_marked(sealing.get(db, row, "body"), spans)),
        photo=row.media_count > 0,
    )


def outbound_line(db: Session, row: OutboundMessage) -> Line:
    """A text of ours, and how far it got."""
    return Line(
        id=row.id,
        at=row.sent_at or row.created_at,
        hers=False,
        parts=((sealing.get(db, row, "body"), False),),
        status=row.suppressed_because or row.status,
        by_person=row.text_id == "staff_written",
    )


def _marked(body: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The text in pieces, marked where any span covers it. Spans outside the text are cut."""
    parts: list[tuple[str, bool]] = []
    place = 0
    for start, end in sorted(spans):
        start, end = max(start, place), min(end, len(body))
        if start >= end:
            continue
        parts += [(body[place:start], False), (body[start:end], True)]
        place = end
    parts.append((body[place:], False))
    return [part for part in parts if part[0]]


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
        WrittenNote(row.kind, row.at, names.get(row.staff_id or "", "?"), words)
        for row in reversed(alerts.list_notes(db, alert.id))
        if (words := sealing.get(db, row, "note"))
    ]


def _timeline(db: Session, alert: Alert, names: Mapping[str, str]) -> list[Event]:
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject == f"alert:{alert.id}", AuditEvent.at >= alert.raised_at)
        .order_by(AuditEvent.id)
        .limit(300)
    )
    return [
        Event(row.at, row.verb, actor_name(row.actor, names), row.details)
        for row in db.scalars(query)
        if row.verb != "view_alert"
    ]


def actor_name(actor: str, names: Mapping[str, str]) -> str:
    """Who did it, by name where it was a person of the clinic."""
    kind, _, row_id = actor.partition(":")
    return names.get(row_id, actor) if kind == "staff" else kind.replace("system", "Tend")


def stale_at(alert: Alert) -> datetime | None:
    """When an acknowledged alert pages again, unless somebody records a contact."""
    if alert.acknowledged_at is None:
        return None
    return alert.next_step_at or alert.acknowledged_at + escalation.policy_of(alert).stale_after
