"""Finds out, for each text of hers, whether and why it may have been misunderstood."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, pairwise

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
# Fewer than a statement may have placeholders.
_AT_ONCE = 500


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
class _Text:
    """One text of hers without its words: months of them are looked through for a page."""

    id: str
    received_at: datetime


@dataclass(frozen=True)
class _Made:
    """What the dialogue model made of a text."""

    intent: str
    confidence: float
    runner_up: str


@dataclass(frozen=True)
class _Window:
    """Everything of some weeks, read once."""

    understood: dict[str, _Made]
    fell_back: frozenset[str]
    unanswered: frozenset[str]
    written: dict[str, list[datetime]]
    replied: frozenset[str]
    protests: frozenset[str]
    now: datetime


def of_texts(db: Session, *, since: datetime, now: datetime) -> dict[str, Turned]:
    """Every text of that time for which there is a reason to look, by id."""
    by_patient = _texts(db, since=since)
    window = _window(db, by_patient.values(), since=since, now=now)
    found = {}
    for patient_id, rows in by_patient.items():
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            reasons = tuple(_reasons(window, patient_id, row, following))
            if reasons:
                found[row.id] = _turned(window, row, reasons)
    return found


def _texts(db: Session, *, since: datetime) -> dict[str, list[_Text]]:
    """The texts of each patient in the order in which they came."""
    query = (
        select(InboundMessage.id, InboundMessage.patient_id, InboundMessage.received_at)
        .where(
            InboundMessage.received_at >= since,
            InboundMessage.patient_id.is_not(None),
            InboundMessage.staff_id.is_(None),
        )
        .order_by(InboundMessage.id)
    )
    found: dict[str, list[_Text]] = defaultdict(list)
    for row_id, patient_id, at in db.execute(query):
        found[patient_id or ""].append(_Text(row_id, at))
    return found


def _window(
    db: Session, texts: Iterable[Sequence[_Text]], *, since: datetime, now: datetime
) -> _Window:
    made = select(
        Understanding.inbound_id,
        Understanding.intent,
        Understanding.confidence,
        Understanding.runner_up,
    ).where(Understanding.at >= since)
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
    understood = {row_id: _Made(i, c, r or "") for row_id, i, c, r in db.execute(made)}
    fallen = frozenset(db.scalars(fell_back))
    waited = frozenset(found for found in db.scalars(unanswered) if found)
    # Nothing was misunderstood before what was not read at all: those words stay sealed.
    read = understood.keys() | fallen | waited
    return _Window(
        understood=understood,
        fell_back=fallen,
        unanswered=waited,
        written=written,
        replied=frozenset(found for found in db.scalars(replied) if found),
        protests=_protests(db, texts, read),
        now=now,
    )


def _protests(db: Session, texts: Iterable[Sequence[_Text]], read: Set[str]) -> frozenset[str]:
    """The texts that say soon after another one that it was not meant so."""
    soon = {
        following.id
        for rows in texts
        for row, following in pairwise(rows)
        if row.id in read and following.received_at - row.received_at <= PROTEST_WITHIN
    }
    found = set()
    for some in batched(sorted(soon), _AT_ONCE):
        for row in db.scalars(select(InboundMessage).where(InboundMessage.id.in_(some))):
            if protests(sealing.get(db, row, "body")):
                found.add(row.id)
    return frozenset(found)


def _reasons(
    window: _Window, patient_id: str, row: _Text, following: _Text | None
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
    if _corrected(window, patient_id, row, following):
        found.append(Reason.CORRECTED)
    if following is not None and following.received_at - row.received_at <= PROTEST_WITHIN:
        if following.id in window.protests:
            found.append(Reason.NOT_MEANT)
    elif _silence(window, row, following, made):
        found.append(Reason.SILENCE)
    return found


def _corrected(window: _Window, patient_id: str, row: _Text, following: _Text | None) -> bool:
    """Did a person write to her before she wrote again?"""
    until = row.received_at + CORRECTED_WITHIN
    if following is not None:
        until = min(until, following.received_at)
    written = window.written.get(patient_id, ())
    return any(row.received_at <= at <= until for at in written)


def _silence(
    window: _Window,
    row: _Text,
    following: _Text | None,
    made: _Made | None,
) -> bool:
    """Was she answered by a bot that was not sure, and never came back?"""
    if made is None or made.confidence >= UNSURE or row.id not in window.replied:
        return False
    until = following.received_at if following is not None else window.now
    return until - row.received_at >= SILENT_AFTER


def _turned(window: _Window, row: _Text, reasons: tuple[Reason, ...]) -> Turned:
    made = window.understood.get(row.id)
    return Turned(
        intent=made.intent if made else "",
        confidence=made.confidence if made else None,
        runner_up=made.runner_up if made else "",
        reasons=reasons,
    )
