"""Hands to support what the bot cannot do."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind, SupportStatus
from bot.errors import NotFound
from bot.services.clinic import Clinic
from bot.storage import alerts
from bot.storage.audit import Audit, record
from bot.storage.tables import SupportItem


def open_item(
    clinic: Clinic,
    db: Session,
    kind: SupportKind,
    *,
    patient_id: str | None,
    inbound_id: str | None,
    now: datetime,
    appointment_id: str | None = None,
    due_at: datetime | None = None,
) -> SupportItem:
    """Give support a task, due when the rota makes a promise true; one a text and kind.

    :param due_at: sooner than that.
    """
    existing = alerts.find_support_item(db, inbound_id=inbound_id, kind=kind)
    if existing is not None:
        return existing
    promised = clinic.protocol.promise_time(now)
    item = SupportItem(
        kind=kind,
        status=SupportStatus.OPEN,
        patient_id=patient_id,
        inbound_id=inbound_id,
        appointment_id=appointment_id,
        created_at=now,
        due_at=min(due_at or promised, promised),
    )
    db.add(item)
    record(db, Audit("system", "open_support_item", f"support:{item.id}", {"kind": kind}), now=now)
    return item


def close_item(clinic: Clinic, item_id: str, *, by: str, now: datetime) -> None:
    """A person has dealt with it.

    :param by: ``staff:ID`` or ``cli:NAME``.
    :raises NotFound: no such task.
    """
    with clinic.db.transaction() as db:
        item = db.get(SupportItem, item_id)
        if item is None:
            raise NotFound("no such support item")
        close(db, item, by=by, now=now)


def close(db: Session, item: SupportItem, *, by: str, now: datetime) -> None:
    """A person has dealt with it; part of the caller's transaction."""
    item.status, item.closed_at = SupportStatus.CLOSED, now
    record(db, Audit(by, "close_support_item", f"support:{item.id}"), now=now)


def report_trouble(
    clinic: Clinic,
    db: Session,
    reason: str,
    *,
    now: datetime,
    alert_id: str | None = None,
    staff_id: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Something is wrong with paging itself: one task for it, however often it is noticed.

    :param reason: a word of ours, such as ``no_one_on_call``.
    :param staff_id: the colleague it is about, where it is about one.
    :param due_at: when it must be mended; none for now: nobody was promised anything here, and a
        page that reaches nobody does not wait for staffed hours.
    """
    due_at = max(due_at or now, now)
    known = alerts.find_staff_item(db, reason=reason, alert_id=alert_id, staff_id=staff_id)
    if known is not None:
        if known.due_at is None or due_at < known.due_at:
            known.due_at = due_at
            details = {"reason": reason, "due": due_at.isoformat()}
            record(db, Audit("system", "due_sooner", f"support:{known.id}", details), now=now)
        return
    item = SupportItem(
        kind=SupportKind.STAFF,
        status=SupportStatus.OPEN,
        alert_id=alert_id,
        staff_id=staff_id,
        reason=reason,
        created_at=now,
        due_at=due_at,
    )
    db.add(item)
    db.flush()
    details = {"kind": SupportKind.STAFF, "reason": reason}
    record(db, Audit("system", "open_support_item", f"support:{item.id}", details), now=now)


def trouble_is_over(db: Session, reason: str, *, because: str, now: datetime) -> None:
    """What was wrong with paging is so no more: its task closes itself, and the record says why.

    :param because: a word of ours, such as ``no_gap_left``.
    """
    item = alerts.find_staff_item(db, reason=reason, alert_id=None, staff_id=None)
    if item is None:
        return
    item.status, item.closed_at = SupportStatus.CLOSED, now
    details = {"reason": reason, "because": because}
    record(db, Audit("system", "close_support_item", f"support:{item.id}", details), now=now)
