"""One text of a conversation as staff see it, with the places that were flagged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.services.staff_names import actor_name, names_of
from bot.storage import sealing
from bot.storage.tables import AuditEvent, InboundMessage, ItemResponse, OutboundMessage

# "Nearly every day" is one; longer texts say more than their number.
_WORDS_OF_AN_ANSWER = 4
_ANSWERED = "(Her answer to a check-in. Clinicians see it.)"


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
    writer: str = ""

    @property
    def words(self) -> str:
        """The whole text."""
        return "".join(words for words, _ in self.parts)


def inbound_line(db: Session, row: InboundMessage, spans: Sequence[tuple[int, int]] = ()) -> Line:
    """Her text, with the flagged places marked."""
    return Line(
        id=row.id,
        at=row.received_at,
        hers=True,
        parts=tuple(marked(sealing.get(db, row, "body"), spans)),
        photo=row.media_count > 0,
    )


def for_support(db: Session, lines: Sequence[Line]) -> list[Line]:
    """The same texts for who sees no scores: who adds her answers up has the score."""
    answers = set(
        db.scalars(
            select(ItemResponse.inbound_id).where(
                ItemResponse.inbound_id.in_([line.id for line in lines])
            )
        )
    )
    return [_without_answer(line) if line.id in answers else line for line in lines]


def _without_answer(line: Line) -> Line:
    """Her bare answer to an item is for clinicians; what she wrote beside one is read by all."""
    is_marked = any(marked for _, marked in line.parts)
    if is_marked or len(line.words.split()) > _WORDS_OF_AN_ANSWER:
        return line
    return replace(line, parts=((_ANSWERED, False),))


def spans_of(row: InboundMessage) -> list[tuple[int, int]]:
    """The places of a text at which the screening saw something."""
    return [(int(s), int(e)) for signal in row.signals for s, e in signal.get("spans", ())]


def outbound_line(db: Session, row: OutboundMessage, writers: Mapping[str, str]) -> Line:
    """A text of ours, and how far it got.

    :param writers: see ``writers_of``.
    """
    return Line(
        id=row.id,
        at=row.sent_at or row.created_at,
        hers=False,
        parts=((sealing.get(db, row, "body"), False),),
        status=row.suppressed_because or row.status,
        by_person=row.text_id == "staff_written",
        writer=writers.get(row.id, ""),
    )


def writers_of(db: Session, rows: Sequence[OutboundMessage]) -> Mapping[str, str]:
    """Which colleague wrote each text that a person wrote; for staff, never for her."""
    written = [f"outbound:{row.id}" for row in rows if row.text_id == "staff_written"]
    if not written:
        return {}
    names = names_of(db)
    query = select(AuditEvent).where(
        AuditEvent.verb == "write_text", AuditEvent.subject.in_(written)
    )
    return {
        event.subject.removeprefix("outbound:"): actor_name(event.actor, names)
        for event in db.scalars(query)
    }


def marked(body: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
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
