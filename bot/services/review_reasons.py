"""Finds out, for each text of hers, whether and why it may have been misunderstood.

A large clinic has thousands of texts a week, and hardly any was misunderstood: the database is
asked for those alone, and what it cannot know (whether she protested) is remembered by the desk.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, pairwise

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

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
from bot.storage.sealing import vault_of
from bot.storage.tables import (
    InboundMessage,
    OutboundMessage,
    SupportItem,
    Takeover,
    TurnRecord,
    Understanding,
)
from bot.teaching.protests import ProtestBook

FALLBACK = "nlu_fallback"
# Fewer than a statement may have placeholders.
_AT_ONCE = 500
_HERS = (InboundMessage.patient_id.is_not(None), InboundMessage.staff_id.is_(None))


@dataclass(frozen=True)
class Turned:
    """What became of one text.

    :param confidence: none when the dialogue was down or not asked.
    :param read_at: when the model read it; none likewise.
    """

    intent: str
    confidence: float | None
    runner_up: str
    reasons: tuple[Reason, ...]
    read_at: datetime | None = None


@dataclass(frozen=True)
class _Text:
    """One text of hers without its words.

    :param next_at: when her next one came; none when it was the last.
    """

    id: str
    received_at: datetime
    next_at: datetime | None


@dataclass(frozen=True)
class _Made:
    """What the dialogue model made of a text."""

    intent: str
    confidence: float
    runner_up: str
    at: datetime

    @property
    def is_unsure(self) -> bool:
        """Is this alone a reason to look closer?"""
        return self.intent == FALLBACK or self.confidence < max(LOW_CONFIDENCE, UNSURE)


@dataclass(frozen=True)
class _Signs:
    """What speaks for a misunderstanding, each as ids of texts."""

    fell_back: frozenset[str]
    unanswered: frozenset[str]
    corrected: frozenset[str]
    protested: frozenset[str]
    now: datetime


def of_texts(
    db: Session,
    book: ProtestBook,
    *,
    since: datetime,
    now: datetime,
    only: Collection[str] | None = None,
) -> dict[str, Turned]:
    """Every text of that time for which there is a reason to look, by id.

    :param only: no others than these are looked at.
    """
    made = _unsure(db, since=since)
    signs = _signs(db, book, since=since, now=now)
    suspects = made.keys() | signs.fell_back | signs.unanswered | signs.corrected
    suspects |= signs.protested
    if only is not None:
        suspects &= set(only)
    made |= _made(db, suspects - made.keys())
    replied = _replied(db, [one for one in suspects if one in made and made[one].is_unsure])
    found = {}
    for row in _texts(db, suspects, since=since):
        reasons = tuple(_reasons(signs, row, made.get(row.id), replied))
        if reasons:
            found[row.id] = _turned(made.get(row.id), reasons)
    return found


def _unsure(db: Session, *, since: datetime) -> dict[str, _Made]:
    guessed = or_(
        Understanding.confidence < max(LOW_CONFIDENCE, UNSURE), Understanding.intent == FALLBACK
    )
    return _all_made(db, Understanding.at >= since, guessed)


def _made(db: Session, ids: Iterable[str]) -> dict[str, _Made]:
    found: dict[str, _Made] = {}
    for some in batched(sorted(ids), _AT_ONCE):
        found |= _all_made(db, Understanding.inbound_id.in_(some))
    return found


def _all_made(db: Session, *those: ColumnElement[bool]) -> dict[str, _Made]:
    query = select(
        Understanding.inbound_id,
        Understanding.intent,
        Understanding.confidence,
        Understanding.runner_up,
        Understanding.at,
    ).where(*those)
    return {
        row_id: _Made(intent, confidence, runner_up or "", at)
        for row_id, intent, confidence, runner_up, at in db.execute(query)
    }


def _signs(db: Session, book: ProtestBook, *, since: datetime, now: datetime) -> _Signs:
    fell_back = select(TurnRecord.inbound_id).where(
        TurnRecord.verb == "not_understood", TurnRecord.at >= since
    )
    # What she wrote to a person was never asked of the bot: nobody need teach it.
    to_a_person = exists().where(
        Takeover.patient_id == InboundMessage.patient_id,
        Takeover.started_at <= InboundMessage.received_at,
        or_(Takeover.ended_at.is_(None), Takeover.ended_at >= InboundMessage.received_at),
    )
    unanswered = (
        select(SupportItem.inbound_id)
        .join(InboundMessage, InboundMessage.id == SupportItem.inbound_id)
        .where(
            SupportItem.kind == SupportKind.NO_ANSWER,
            SupportItem.created_at >= since,
            ~to_a_person,
        )
    )

    def read(first: datetime, until: datetime | None) -> Iterator[tuple[str, datetime]]:
        return _protested(db, first, until)

    return _Signs(
        fell_back=frozenset(db.scalars(fell_back)),
        unanswered=frozenset(found for found in db.scalars(unanswered) if found),
        corrected=frozenset(_corrected(db, since=since)),
        protested=book.since(since, now=now, read=read),
        now=now,
    )


def _corrected(db: Session, *, since: datetime) -> Iterator[str]:
    """The texts after which a person wrote to her before she wrote again."""
    written = select(OutboundMessage.patient_id, OutboundMessage.created_at).where(
        OutboundMessage.text_id == WRITTEN,
        OutboundMessage.created_at >= since,
        OutboundMessage.patient_id.is_not(None),
    )
    for patient_id, at in db.execute(written).all():
        last = (
            select(InboundMessage.id)
            .where(
                InboundMessage.patient_id == patient_id,
                InboundMessage.staff_id.is_(None),
                InboundMessage.received_at.between(at - CORRECTED_WITHIN, at),
            )
            .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
            .limit(1)
        )
        yield from db.scalars(last)


def _protested(
    db: Session, first: datetime, until: datetime | None
) -> Iterator[tuple[str, datetime]]:
    """The texts after which she soon said that it was not meant so. Only such words are unsealed:
    those that came soon after others."""
    query = select(InboundMessage.id, InboundMessage.patient_id, InboundMessage.received_at).where(
        *_HERS, InboundMessage.received_at >= first - PROTEST_WITHIN
    )
    if until is not None:
        query = query.where(InboundMessage.received_at < until + PROTEST_WITHIN)
    by_patient: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    # Sorted here: asked for in the order of ids, SQLite would walk through all that there are.
    for row_id, patient_id, at in sorted(db.execute(query), key=lambda row: row.id):
        by_patient[patient_id or ""].append((row_id, at))
    before = {
        following: (row_id, at)
        for rows in by_patient.values()
        for (row_id, at), (following, then) in pairwise(rows)
        if then - at <= PROTEST_WITHIN
    }
    vault, table = vault_of(db), InboundMessage.__tablename__
    for some in batched(sorted(before), _AT_ONCE):
        words = select(InboundMessage.id, InboundMessage.body_sealed)
        for row_id, body in db.execute(words.where(InboundMessage.id.in_(some))):
            if protests(vault.open(body, table=table, row=row_id, column="body_sealed")):
                yield before[row_id]


def _replied(db: Session, ids: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for some in batched(sorted(ids), _AT_ONCE):
        query = select(OutboundMessage.in_reply_to).where(OutboundMessage.in_reply_to.in_(some))
        found.update(one for one in db.scalars(query) if one)
    return frozenset(found)


def _texts(db: Session, ids: Set[str], *, since: datetime) -> Iterator[_Text]:
    later = aliased(InboundMessage)
    next_at = (
        select(func.min(later.received_at))
        .where(
            later.patient_id == InboundMessage.patient_id,
            later.staff_id.is_(None),
            later.received_at >= InboundMessage.received_at,
            later.id > InboundMessage.id,
        )
        .scalar_subquery()
    )
    query = select(InboundMessage.id, InboundMessage.received_at, next_at).where(
        *_HERS, InboundMessage.received_at >= since
    )
    for some in batched(sorted(ids), _AT_ONCE):
        for row_id, at, following in db.execute(query.where(InboundMessage.id.in_(some))):
            yield _Text(row_id, at, following)


def _reasons(signs: _Signs, row: _Text, made: _Made | None, replied: Set[str]) -> Sequence[Reason]:
    found = []
    if row.id in signs.fell_back or (made is not None and made.intent == FALLBACK):
        found.append(Reason.FELL_BACK)
    elif made is not None and made.confidence < LOW_CONFIDENCE:
        found.append(Reason.LOW_CONFIDENCE)
    if row.id in signs.unanswered:
        found.append(Reason.NO_ANSWER)
    if made is None and not found:
        return found
    if row.id in signs.corrected:
        found.append(Reason.CORRECTED)
    if row.next_at is not None and row.next_at - row.received_at <= PROTEST_WITHIN:
        if row.id in signs.protested:
            found.append(Reason.NOT_MEANT)
    elif row.id in replied and _silence(signs, row, made):
        found.append(Reason.SILENCE)
    return found


def _silence(signs: _Signs, row: _Text, made: _Made | None) -> bool:
    """Was she answered by a bot that was not sure, and never came back?"""
    if made is None or made.confidence >= UNSURE:
        return False
    return (row.next_at or signs.now) - row.received_at >= SILENT_AFTER


def _turned(made: _Made | None, reasons: tuple[Reason, ...]) -> Turned:
    return Turned(
        intent=made.intent if made else "",
        confidence=made.confidence if made else None,
        runner_up=made.runner_up if made else "",
        reasons=reasons,
        read_at=made.at if made else None,
    )
