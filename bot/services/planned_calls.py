"""The calls after an alert as a page shows them: planned, made, or dropped and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.alerts import Dropped, SupportStatus
from bot.storage import alerts
from bot.storage.tables import AuditEvent


@dataclass(frozen=True)
class CallLine:
    """A follow-up call after an alert.

    :param reason: which one, such as ``day_1``.
    :param dropped: why it was given up; none where it is planned, or was made.
    """

    id: str
    reason: str
    planned_at: datetime
    due_at: datetime | None
    is_open: bool
    dropped: Dropped | None = None


def list_calls(db: Session, alert_id: str) -> list[CallLine]:
    """The calls after this alert, in the order in which they were planned."""
    found = alerts.list_follow_ups(db, alert_id)
    dropped = find_dropped(db, [call.id for call in found if call.status == SupportStatus.CLOSED])
    return [
        CallLine(
            id=call.id,
            reason=call.reason or "",
            planned_at=call.created_at,
            due_at=call.due_at,
            is_open=call.status == SupportStatus.OPEN,
            dropped=dropped.get(call.id),
        )
        for call in found
    ]


def find_dropped(db: Session, closed: Sequence[str]) -> Mapping[str, Dropped]:
    """Which of these closed calls nobody has made, and why; the audit trail knows."""
    query = select(AuditEvent).where(
        AuditEvent.verb == "close_support_item",
        AuditEvent.subject.in_([f"support:{item_id}" for item_id in closed]),
    )
    reasons = {
        event.subject.removeprefix("support:"): event.details.get("because")
        for event in db.scalars(query.order_by(AuditEvent.id))
    }
    return {
        item_id: Dropped(reason) for item_id, reason in reasons.items() if reason in list(Dropped)
    }
