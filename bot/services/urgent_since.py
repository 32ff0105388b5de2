"""Since when an alert is urgent, and how soon people were paged about that and took it.

An alert may begin as a same-day one and become urgent later: what was done before that moment, and
the time until it, say nothing about how quickly danger is answered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.levels import Level
from bot.storage.tables import Alert, AlertSignal, AuditEvent, OutboundMessage, Page


@dataclass(frozen=True)
class UrgentSince:
    """The moments that count; none while it has not got there."""

    at: datetime
    paged_at: datetime | None
    acknowledged_at: datetime | None

    @property
    def paged_after(self) -> float | None:
        """Seconds until the first page about it left."""
        return self._seconds(self.paged_at)

    @property
    def acknowledged_after(self) -> float | None:
        """Seconds until somebody took it."""
        return self._seconds(self.acknowledged_at)

    def _seconds(self, moment: datetime | None) -> float | None:
        return max(0.0, (moment - self.at).total_seconds()) if moment else None


def find(db: Session, alerts: Iterable[Alert]) -> Mapping[str, UrgentSince]:
    """Of each of these alerts that is urgent or was lifted to it; by id."""
    urgent = [alert for alert in alerts if Level(alert.level).at_least(Level.URGENT)]
    since = _first_urgent_sign(db, [alert.id for alert in urgent])
    return {alert.id: _moments(db, alert, since.get(alert.id, alert.raised_at)) for alert in urgent}


def _moments(db: Session, alert: Alert, since: datetime) -> UrgentSince:
    if since <= alert.raised_at:
        return UrgentSince(alert.raised_at, alert.first_paged_at, alert.first_acknowledged_at)
    return UrgentSince(since, _paged(db, alert, since), _acknowledged(db, alert, since))


def _first_urgent_sign(db: Session, alert_ids: Sequence[str]) -> Mapping[str, datetime]:
    pressing = [level for level in Level if level.at_least(Level.URGENT)]
    query = select(AlertSignal.alert_id, AlertSignal.at).where(
        AlertSignal.alert_id.in_(alert_ids), AlertSignal.level.in_(pressing)
    )
    found: dict[str, datetime] = {}
    for alert_id, at in db.execute(query.order_by(AlertSignal.at)):
        found.setdefault(alert_id, at)
    return found


def _paged(db: Session, alert: Alert, since: datetime) -> datetime | None:
    query = (
        select(OutboundMessage.sent_at)
        .join(Page, Page.id == OutboundMessage.page_id)
        .where(
            Page.alert_id == alert.id,
            Page.at >= since,
            OutboundMessage.sent_at.is_not(None),
        )
    )
    return db.scalars(query.order_by(OutboundMessage.sent_at).limit(1)).first()


def _acknowledged(db: Session, alert: Alert, since: datetime) -> datetime | None:
    query = select(AuditEvent.at).where(
        AuditEvent.subject == f"alert:{alert.id}",
        AuditEvent.verb == "acknowledge",
        AuditEvent.at >= since,
    )
    return db.scalars(query.order_by(AuditEvent.id).limit(1)).first()
