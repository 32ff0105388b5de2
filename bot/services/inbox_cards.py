"""The tasks of support as cards: what one mother wrote and waits for is one of them.

A mother who writes twenty times while a person speaks with her makes twenty tasks, and one card.
Each task stays a task, with an end of its own on record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind, SupportStatus
from bot.services import read_along
from bot.services.patient_directory import Entry
from bot.services.talk_lines import Line, for_support, inbound_line, spans_of
from bot.storage import alerts, people, sealing
from bot.storage.tables import Conversation, InboundMessage, SupportAssignment, SupportItem

_SHOWN = 200
# One answer settles all of these that she has sent.
_WAITS = frozenset({SupportKind.NOT_UNDERSTOOD, SupportKind.NO_ANSWER, SupportKind.MEDIA})
# And one call, one look at her wishes, one apology all of the same kind. Everything else is about
# a session, a planned call or a person, and is dealt with by itself.
_ALIKE = frozenset({SupportKind.CALL_BACK, SupportKind.PREFERENCES, SupportKind.COMPLAINT})


@dataclass(frozen=True)
class Task:
    """One task of support.

    :param line: the text that made it, if one did.
    :param trouble: what is wrong, where it is about paging; ``colleague`` says with whom.
    """

    id: str
    kind: SupportKind
    entry: Entry | None
    created_at: datetime
    due_at: datetime | None
    assigned_to: str | None
    assigned_id: str | None
    line: Line | None
    human: bool
    read_along: bool = False
    alert_id: str | None = None
    trouble: str = ""
    colleague: str | None = None


@dataclass(frozen=True)
class Card:
    """Tasks that are dealt with together; nearly always one.

    :param tasks: the newest first: what she wrote last is what is answered.
    """

    tasks: Sequence[Task]

    @property
    def newest(self) -> Task:
        """The one that the card goes by: what comes after it was shown is not dealt with."""
        return self.tasks[0]

    @property
    def kinds(self) -> Sequence[SupportKind]:
        """What it is about, each kind once."""
        return list(dict.fromkeys(task.kind for task in self.tasks))

    @property
    def due_at(self) -> datetime | None:
        """What she was promised first."""
        return min((task.due_at for task in self.tasks if task.due_at), default=None)

    @property
    def oldest_at(self) -> datetime:
        """Since when she waits."""
        return min(task.created_at for task in self.tasks)

    @property
    def holders(self) -> Mapping[str, str]:
        """Who deals with a part of it, by id."""
        return {one.assigned_id: one.assigned_to or "?" for one in self.tasks if one.assigned_id}

    @property
    def is_call(self) -> bool:
        """Is it a follow-up call? That one ends with a note on how she is."""
        return self.newest.kind is SupportKind.FOLLOW_UP

    def is_all_of(self, staff_id: str) -> bool:
        """Does this person deal with all of it?"""
        return all(task.assigned_id == staff_id for task in self.tasks)


def list_cards(
    db: Session, entries: Mapping[str, Entry], *, with_words: bool, with_scores: bool
) -> list[Card]:
    """Every card, what was promised first first.

    :param with_words: show what she wrote; the paper list does not.
    :param with_scores: show what she answered to items too, to whoever may see her scores.
    """
    items = list(alerts.list_support_items(db))[:_SHOWN]
    tasks = _tasks(db, items, entries, with_words=with_words, with_scores=with_scores)
    together: dict[str, list[Task]] = {}
    for item, task in zip(items, tasks, strict=True):
        together.setdefault(_name(item), []).append(task)
    return [
        Card(sorted(found, key=lambda task: (task.created_at, task.id), reverse=True))
        for found in together.values()
    ]


def on_card(db: Session, item: SupportItem) -> Sequence[SupportItem]:
    """This task, and what stood on its card with it: the earlier ones that are open.

    What she wrote after the card was shown is newer than the task that it goes by.
    """
    return _with_earlier(db, item, SupportItem.status == SupportStatus.OPEN)


def closed_with(db: Session, item: SupportItem) -> Sequence[SupportItem]:
    """This task, and what was closed with it in one go."""
    if item.closed_at is None:
        return [item]
    return _with_earlier(db, item, SupportItem.closed_at == item.closed_at)


def _with_earlier(
    db: Session, item: SupportItem, which: ColumnElement[bool]
) -> Sequence[SupportItem]:
    kinds = _kinds_beside(SupportKind(item.kind))
    if item.patient_id is None or not kinds:
        return [item]
    query = select(SupportItem).where(
        SupportItem.patient_id == item.patient_id,
        SupportItem.kind.in_(kinds),
        SupportItem.id < item.id,
        which,
    )
    return [item, *db.scalars(query.order_by(SupportItem.id.desc()))]


def _kinds_beside(kind: SupportKind) -> frozenset[SupportKind]:
    """Which kinds stand on a card with this one; none where it stands alone."""
    if kind in _WAITS:
        return _WAITS
    return frozenset({kind}) if kind in _ALIKE else frozenset()


def _name(item: SupportItem) -> str:
    kinds = _kinds_beside(SupportKind(item.kind))
    if item.patient_id is None or not kinds:
        return item.id
    return f"{item.patient_id}:{min(kinds)}"


def _tasks(
    db: Session,
    items: Sequence[SupportItem],
    entries: Mapping[str, Entry],
    *,
    with_words: bool,
    with_scores: bool,
) -> list[Task]:
    ids = [item.id for item in items]
    taken = {
        row.item_id: row.staff_id
        for row in db.scalars(select(SupportAssignment).where(SupportAssignment.item_id.in_(ids)))
    }
    names = {staff.id: sealing.get(db, staff, "name") for staff in people.list_staff(db)}
    texts = {item.inbound_id for item in items if item.inbound_id} if with_words else set()
    lines = _lines(db, texts, with_scores=with_scores)
    patients = {item.patient_id for item in items if item.patient_id}
    modes = select(Conversation.patient_id).where(
        Conversation.patient_id.in_(patients), Conversation.mode == "human"
    )
    human = set(db.scalars(modes))
    marked = read_along.phones(db, patients)
    return [
        Task(
            id=item.id,
            kind=SupportKind(item.kind),
            entry=entries.get(item.patient_id or ""),
            created_at=item.created_at,
            due_at=item.due_at,
            assigned_to=names.get(taken.get(item.id, "")),
            assigned_id=taken.get(item.id),
            line=lines.get(item.inbound_id or ""),
            human=item.patient_id in human,
            read_along=item.patient_id in marked,
            alert_id=item.alert_id,
            trouble=item.reason or "" if item.kind == SupportKind.STAFF else "",
            colleague=names.get(item.staff_id or ""),
        )
        for item in items
    ]


def _lines(db: Session, texts: set[str], *, with_scores: bool) -> Mapping[str, Line]:
    rows = db.scalars(select(InboundMessage).where(InboundMessage.id.in_(texts))).all()
    lines = [inbound_line(db, row, spans_of(row)) for row in rows]
    return {line.id: line for line in (lines if with_scores else for_support(db, lines))}
