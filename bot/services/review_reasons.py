"""Finds out, for each text of hers, whether and why it may have been misunderstood."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.core.reviews import (
    CORRECTED_WITHIN,
    LOW_CONFIDENCE,
    PROTEST_WITHIN,
    SILENT_AFTER,
    UNSURE,
    Reason,
    protests,
)
from bot.services.outbox import WRITTEN
from bot.storage import sealing
from bot.storage.tables import (
    InboundMessage,
    OutboundMessage,
    SupportItem,
    TurnRecord,
    Understanding,
)

FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Turned:
    """What became of one text.

    :param confidence: none when the dialogue was down or not asked.
    """

    intent: str
    confidence: float | None
    runner_up: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class _Window:
    """Everything of some weeks, read once."""

    understood: dict[str, Understanding]
    fell_back: frozenset[str]
    unanswered: frozenset[str]
    written: dict[str, list[datetime]]
    replied: frozenset[str]
    now: datetime


def of_texts(db: Session, *, since: datetime, now: datetime) -> dict[str, Turned]:
    """Every text of that time for which there is a reason to look, by id."""
    window = _window(db, since=since, now=now)
    query = (
        select(InboundMessage)
        .where(
            InboundMessage.received_at >= since,
            InboundMessage.patient_id.is_not(None),
            InboundMessage.staff_id.is_(None),
        )
        .order_by(InboundMessage.id)
    )
    by_patient: dict[str, list[InboundMessage]] = defaultdict(list)
    for row in db.scalars(query):
        by_patient[row.patient_id or ""].append(row)
    found = {}
    for rows in by_patient.values():
        for place, row in enumerate(rows):
            following = rows[place + 1] if place + 1 < len(rows) else None
            reasons = tuple(_reasons(db, window, row, following))
            if reasons:
                found[row.id] = _turned(window, row, reasons)
    return found


def _window(db: Session, *, since: datetime, now: datetime) -> _Window:
    made = db.scalars(select(Understanding).where(Understanding.at >= since))
    fell_back = select(TurnRecord.inbound_id).where(
        TurnRecord.verb == "not_understood", TurnRecord.at >= since
    )
    unanswered = select(SupportItem.inbound_id).where(
        SupportItem.kind == SupportKind.NO_ANSWER, SupportItem.created_at >= since
    )
    written: dict[str, list[datetime]] = defaultdict(list)
    rows = select(OutboundMessage.patient_id, OutboundMessage.created_at).where(
        OutboundMessage.text_id == WRITTEN, OutboundMessage.created_at >= since
    )
    for patient_id, at in db.execute(rows):
        written[patient_id or ""].append(at)
    replied = select(OutboundMessage.in_reply_to).where(
        OutboundMessage.in_reply_to.is_not(None), OutboundMessage.created_at >= since
    )
    return _Window(
        understood={row.inbound_id: row for row in made},
        fell_back=frozenset(db.scalars(fell_back)),
        unanswered=frozenset(found for found in db.scalars(unanswered) if found),
        written=written,
        replied=frozenset(found for found in db.scalars(replied) if found),
        now=now,
    )


def _reasons(
    db: Session, window: _Window, row: InboundMessage, following: InboundMessage | None
) -> Sequence[Reason]:
    found = []
    made = window.understood.get(row.id)
    if row.id in window.fell_back or (made is not None and made.intent == FALLBACK):
        found.append(Reason.FELL_BACK)
    elif made is not None and made.confidence < LOW_CONFIDENCE:
        found.append(Reason.LOW_CONFIDENCE)
    if row.id in window.unanswered:
        found.append(Reason.NO_ANSWER)
    if made is None and not found:
        return found
    if _corrected(window, row, following):
        found.append(Reason.CORRECTED)
    if following is not None and following.received_at - row.received_at <= PROTEST_WITHIN:
        if protests(sealing.get(db, following, "body")):
            found.append(Reason.NOT_MEANT)
    elif _silence(window, row, following, made):
        found.append(Reason.SILENCE)
    return found


def _corrected(window: _Window, row: InboundMessage, following: InboundMessage | None) -> bool:
    """Did a person write to her before she wrote again?"""
    until = row.received_at + CORRECTED_WITHIN
    if following is not None:
        until = min(until, following.received_at)
    written = window.written.get(row.patient_id or "", ())
    return any(row.received_at <= at <= until for at in written)


def _silence(
    window: _Window,
    row: InboundMessage,
    following: InboundMessage | None,
    made: Understanding | None,
) -> bool:
    """Was she answered by a bot that was not sure, and never came back?"""
    if made is None or made.confidence >= UNSURE or row.id not in window.replied:
        return False
    until = following.received_at if following is not None else window.now
    return until - row.received_at >= SILENT_AFTER


def _turned(window: _Window, row: InboundMessage, reasons: tuple[Reason, ...]) -> Turned:
    made = window.understood.get(row.id)
    return Turned(
        intent=made.intent if made else "",
        confidence=made.confidence if made else None,
        runner_up=(made.runner_up or "") if made else "",
        reasons=reasons,
    )
