"""The review queue: what the bot may have misunderstood, grouped so that one decision serves many.

Staff see texts without names, numbers, dates, places and ages. A mother with an open alert is not
here at all: her texts belong to whoever has the alert.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.content.examples import language_of
from bot.core.alerts import UNRESOLVED
from bot.core.languages import Language
from bot.core.reviews import Reason, teaches_nothing
from bot.crisis.encoder import Vectors
from bot.errors import NotAllowed, NotFound
from bot.services import review_reasons
from bot.services.clinic import Clinic
from bot.services.naming import names_in_use, parts
from bot.services.patient_directory import Entry
from bot.services.review_reasons import Turned
from bot.storage import sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, InboundMessage, ItemResponse, Patient, Review
from bot.teaching.example_book import ExampleBook, Neighbour
from bot.teaching.identifiers import Known
from bot.teaching.words import cleaned
from bot.teaching.workshop import Workshop

# Most texts that one look goes through; older ones come up when these are done.
MOST = 400
# Measured on the repository's examples: of two texts of one intent half are more alike than 0.85,
# of two different ones one in ten is.
_ALIKE = 0.72
_A_YEAR = timedelta(days=365)
_BLOCKED_LEVELS = ("same-day", "urgent", "emergency")


@dataclass(frozen=True)
class Filters:
    """What part of the queue is wanted.

    :param below: only texts of which the bot was less sure than this.
    """

    days: int = 30
    reason: Reason | None = None
    intent: str = ""
    language: Language | None = None
    below: float = 1.0


@dataclass(frozen=True)
class ReviewText:
    """One text as staff may see it.

    :param shown: without anything that names somebody.
    :param intent: what the bot took it for; empty when it was not asked.
    """

    id: str
    at: datetime
    shown: str
    language: Language
    intent: str
    confidence: float | None
    runner_up: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Group:
    """Texts that mean much the same.

    :param nearest: the examples nearest to them: what they may belong to.
    """

    texts: Sequence[ReviewText]
    nearest: Sequence[Neighbour] = ()

    @property
    def id(self) -> str:
        """The group goes by its newest text."""
        return self.texts[0].id

    @property
    def distinct(self) -> list[tuple[ReviewText, int]]:
        """Each wording once, with how often it came."""
        times = Counter(text.shown for text in self.texts)
        first = {text.shown: text for text in reversed(self.texts)}
        return [(first[shown], count) for shown, count in times.most_common()]

    @property
    def reasons(self) -> list[Reason]:
        """Why they are here, each reason once."""
        return sorted({reason for text in self.texts for reason in text.reasons})


@dataclass(frozen=True)
class _Candidate:
    row: InboundMessage
    words: str
    turned: Turned


def look_at(
    clinic: Clinic,
    workshop: Workshop,
    entries: Mapping[str, Entry],
    filters: Filters,
    *,
    by: str,
    now: datetime,
) -> list[Group]:
    """The queue, the largest groups first; that it was looked at goes on record."""
    candidates = [
        one
        for one in _candidates(clinic, workshop, since=now - timedelta(days=filters.days), now=now)
        if _wanted(one, filters)
    ]
    groups = _grouped(clinic, workshop, entries, candidates)
    details = {"texts": len(candidates), "groups": len(groups)}
    with clinic.db.transaction() as db:
        record(db, Audit(by, "view_review_queue", "teaching", details), now=now)
    return groups


def look_at_group(
    clinic: Clinic,
    workshop: Workshop,
    entries: Mapping[str, Entry],
    inbound_ids: Sequence[str],
    *,
    by: str,
    now: datetime,
) -> Group:
    """The texts of one decision.

    :raises NotFound: none of them is in the queue (any more).
    """
    wanted = set(inbound_ids)
    found = _candidates(clinic, workshop, since=now - _A_YEAR, now=now, only=wanted)
    if not found:
        raise NotFound("no such texts in the queue")
    rows = workshop.meanings([one.words for one in found])
    known = workshop.known(names=names_in_use(clinic, entries))
    group = _group(workshop, workshop.book(), entries, known, found, rows)
    with clinic.db.transaction() as db:
        details = {"texts": len(found)}
        record(db, Audit(by, "view_review_group", f"inbound:{group.id}", details), now=now)
    return group


def originals(clinic: Clinic, inbound_ids: Sequence[str]) -> dict[str, list[str]]:
    """What these mothers really wrote, by patient: to compare with, never to show or keep.

    :raises NotAllowed: one of them has an open alert, or a text is not for the desk.
    """
    with clinic.db.reading() as db:
        query = select(InboundMessage).where(InboundMessage.id.in_(inbound_ids))
        rows = [row for row in db.scalars(query) if row.patient_id]
        blocked = _blocked(db)
        if len(rows) < len(set(inbound_ids)) or any(_is_blocked(row, blocked) for row in rows):
            raise NotAllowed("One of these texts is no longer for the desk: an alert is open.")
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row.patient_id or "", []).append(sealing.get(db, row, "body"))
        return found


def set_aside(clinic: Clinic, inbound_ids: Sequence[str], *, staff_id: str, now: datetime) -> None:
    """There is nothing to teach: these leave the queue."""
    with clinic.db.transaction() as db:
        mark(db, inbound_ids, "set_aside", staff_id=staff_id, change_id=None, now=now)
        details = {"texts": list(inbound_ids)}
        record(db, Audit(f"staff:{staff_id}", "set_aside", "teaching", details), now=now)


def bring_back(clinic: Clinic, inbound_ids: Sequence[str], *, staff_id: str, now: datetime) -> None:
    """They were set aside by mistake."""
    with clinic.db.transaction() as db:
        for inbound_id in inbound_ids:
            review = db.get(Review, inbound_id)
            if review is not None and review.outcome == "set_aside":
                db.delete(review)
        details = {"texts": list(inbound_ids)}
        record(db, Audit(f"staff:{staff_id}", "bring_back", "teaching", details), now=now)


def mark(
    db: Session,
    inbound_ids: Iterable[str],
    outcome: str,
    *,
    staff_id: str,
    change_id: str | None,
    now: datetime,
) -> None:
    """Note that staff have dealt with these texts; part of the caller's transaction."""
    for inbound_id in inbound_ids:
        if db.get(InboundMessage, inbound_id) is None:
            raise NotFound("no such text")
        db.merge(
            Review(
                inbound_id=inbound_id,
                outcome=outcome,
                staff_id=staff_id,
                change_id=change_id,
                at=now,
            )
        )


def release(db: Session, change_id: str) -> None:
    """Nothing came of a change: its texts wait again; part of the caller's transaction."""
    for review in db.scalars(select(Review).where(Review.change_id == change_id)):
        db.delete(review)


def _candidates(
    clinic: Clinic,
    workshop: Workshop,
    *,
    since: datetime,
    now: datetime,
    only: set[str] | None = None,
) -> list[_Candidate]:
    with clinic.db.reading() as db:
        if only is not None:
            # No further back than these texts: a year of others is nothing to this page.
            since = max(since, _oldest(db, only) or now)
        reviewed = set(db.scalars(select(Review.inbound_id).where(Review.at >= since)))
        turned = review_reasons.of_texts(db, workshop.protests, since=since, now=now, only=only)
        wanted = [i for i in turned if i not in reviewed]
        newest = sorted(wanted, reverse=True)[:MOST]
        rows = db.scalars(select(InboundMessage).where(InboundMessage.id.in_(newest)))
        blocked = _blocked(db)
        found = [
            _Candidate(row, cleaned(sealing.get(db, row, "body")), turned[row.id])
            for row in sorted(rows, key=lambda row: row.id, reverse=True)
            if not _is_blocked(row, blocked)
        ]
        answers = _answers(db, newest)
    return [one for one in found if one.row.id not in answers and not teaches_nothing(one.words)]


def _answers(db: Session, ids: Sequence[str]) -> set[str]:
    """Those that were taken as the answer to an item of a check-in."""
    return set(db.scalars(select(ItemResponse.inbound_id).where(ItemResponse.inbound_id.in_(ids))))


def _oldest(db: Session, ids: Iterable[str]) -> datetime | None:
    query = select(func.min(InboundMessage.received_at))
    return db.scalar(query.where(InboundMessage.id.in_(ids)))


def _blocked(db: Session) -> frozenset[str]:
    """Patients and numbers whose texts are nobody's lesson now."""
    alerts = db.execute(
        select(Alert.patient_id, Alert.phone_index).where(Alert.status.in_(UNRESOLVED))
    )
    found = {part for pair in alerts for part in pair if part}
    query = select(Patient.id).where(
        or_(Patient.is_test.is_(True), Patient.forget_asked_at.is_not(None))
    )
    return frozenset(found | set(db.scalars(query)))


def _is_blocked(row: InboundMessage, blocked: frozenset[str]) -> bool:
    if row.patient_id is None or row.patient_id in blocked or row.phone_index in blocked:
        return True
    # Where the screening saw danger there was nothing to misunderstand.
    return any(signal.get("level") in _BLOCKED_LEVELS for signal in row.signals)


def _wanted(one: _Candidate, filters: Filters) -> bool:
    turned = one.turned
    if filters.reason and filters.reason not in turned.reasons:
        return False
    if filters.intent and filters.intent not in (turned.intent, turned.runner_up):
        return False
    if filters.language and language_of(one.words) is not filters.language:
        return False
    return filters.below >= 1.0 or (
        turned.confidence is not None and turned.confidence < filters.below
    )


def _grouped(
    clinic: Clinic,
    workshop: Workshop,
    entries: Mapping[str, Entry],
    candidates: Sequence[_Candidate],
) -> list[Group]:
    rows = workshop.meanings([one.words for one in candidates])
    # Once for all groups: there are thousands of names.
    known = workshop.known(names=names_in_use(clinic, entries))
    book = workshop.book()
    groups = [
        _group(workshop, book, entries, known, [candidates[n] for n in members], rows[members])
        for members in alike(rows)
    ]
    return sorted(groups, key=lambda group: (-len(group.texts), group.id))


def alike(rows: Vectors) -> list[list[int]]:
    """Places of texts that mean much the same: each joins the first group that it is near to."""
    centres = np.zeros_like(rows)
    lengths = np.ones(len(rows))
    groups: list[list[int]] = []
    for place, row in enumerate(rows):
        count = len(groups)
        near = centres[:count] @ row / lengths[:count]
        best = int(np.argmax(near)) if count else -1
        if best >= 0 and near[best] >= _ALIKE:
            groups[best].append(place)
            centres[best] += row
        else:
            best = count
            groups.append([place])
            centres[best] = row
        lengths[best] = np.linalg.norm(centres[best])
    return groups


def _group(
    workshop: Workshop,
    book: ExampleBook,
    entries: Mapping[str, Entry],
    known: Known,
    members: Sequence[_Candidate],
    rows: Vectors,
) -> Group:
    texts = []
    for one in members:
        entry = entries.get(one.row.patient_id or "")
        hers = parts([entry.name]) if entry else frozenset[str]()
        texts.append(
            ReviewText(
                id=one.row.id,
                at=one.row.received_at,
                shown=workshop.shown(one.words, replace(known, hers=hers)),
                language=language_of(one.words),
                intent=one.turned.intent,
                confidence=one.turned.confidence,
                runner_up=one.turned.runner_up,
                reasons=one.turned.reasons,
            )
        )
    centre = rows.sum(axis=0)
    return Group(texts, book.nearest(book.likeness(centre / np.linalg.norm(centre)), most=3))
