"""The list of open alerts, and whether it would look different by now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.levels import Category, Level
from bot.services import awaited
from bot.services.awaited import Awaited
from bot.services.clinic import Clinic
from bot.services.patient_directory import Entry
from bot.services.staff_names import Owner, names_of, owners_of
from bot.storage import alerts
from bot.storage.tables import Alert, Heartbeat


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
    awaited: Awaited | None = None
    # What else she has spoken of that pages by itself.
    also: tuple[Category, ...] = ()
    # The colleague whose own phone it is about, who neither takes nor closes it.
    about_staff_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Does nobody have it?"""
        return self.status is AlertStatus.OPEN


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
        names, owners = names_of(db), owners_of(db)
        # The daily test of paging is nobody in danger; the page on health tells of it.
        rows = [row for row in alerts.list_unresolved(db) if not row.is_test]
        unresolved = [card_of(db, row, entries, names, owners) for row in rows]
        ended = db.scalars(closed_since.order_by(Alert.resolved_at.desc()).limit(10))
        closed = [card_of(db, row, entries, names, owners) for row in ended]
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
        Alert.disposition,
        Alert.outcome,
    ).where(Alert.status != AlertStatus.RESOLVED)
    with clinic.db.reading() as db:
        return tuple(tuple(row) for row in db.execute(query.order_by(Alert.id)))


def last_beat(clinic: Clinic) -> datetime | None:
    """When the worker last gave a sign of life."""
    with clinic.db.reading() as db:
        beat = db.get(Heartbeat, "worker")
        return beat.at if beat else None


def card_of(
    db: Session,
    row: Alert,
    entries: Mapping[str, Entry],
    names: Mapping[str, str],
    owners: Mapping[str, Owner],
) -> AlertCard:
    """One alert as the list shows it."""
    entry = entries.get(row.patient_id or "")
    owner = owners.get(row.phone_index)
    stranger = owner.words if owner else "A number we do not know"
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
        name=entry.name if entry else stranger,
        number=entry.number if entry else "",
        holder=names.get(row.acknowledged_by or "") or names.get(row.resolved_by or ""),
        holder_id=row.acknowledged_by,
        disposition=row.disposition,
        awaited=awaited.find(db, row, names),
        also=_also(db, row),
        about_staff_id=owner.staff_id if owner else None,
    )


def _also(db: Session, row: Alert) -> tuple[Category, ...]:
    """The other dangers of this alert, in the order in which she told of them."""
    said = [
        Category(signal.category)
        for signal in alerts.list_signals(db, row.id)
        if Level(signal.level).at_least(Level.URGENT) and signal.category != row.category
    ]
    return tuple(dict.fromkeys(said))
