"""The calls after an alert: the next day and after seven days (clinic rules, "Closing").

Each is promised for staffed hours. One that nobody makes raises an alert of its own, again and
again, until somebody has spoken with her.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.core.alerts import Disposition, Dropped, NoteKind, SupportKind, SupportStatus, Verdict
from bot.core.levels import Category, Level
from bot.crisis.screening import Signal
from bot.errors import NotAllowed, NotFound
from bot.services import alerts, form_keys
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage import sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, AlertNote, SupportItem

DAYS_AFTER = (1, 7)


def is_false_alarm(alert: Alert) -> bool:
    """Does the clinician who closed it say so of both, what was found and how it was read?"""
    return alert.disposition == Disposition.FALSE_ALARM and alert.verdict == Verdict.FALSE_ALARM


def plan(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> None:
    """Plan the calls after an alert of urgent or above; earlier ones about her give way to them.

    A false alarm that the clinician calls one needs no call.
    """
    if alert.is_test or is_false_alarm(alert) or not Level(alert.level).at_least(Level.URGENT):
        return
    for earlier in stored.open_follow_ups(db, alert.phone_index):
        same = earlier.alert_id == alert.id
        because = Dropped.OPENED_AGAIN if same else Dropped.NEWER_ALERT
        _close(db, earlier, by="system", because=because, now=now)
    for days in DAYS_AFTER:
        due_at = _staffed_on(clinic, now, days=days)
        item = SupportItem(
            kind=SupportKind.FOLLOW_UP,
            status=SupportStatus.OPEN,
            patient_id=alert.patient_id,
            alert_id=alert.id,
            reason=f"day_{days}",
            created_at=now,
            due_at=due_at,
            raise_at=due_at,
        )
        db.add(item)
        details = {"kind": SupportKind.FOLLOW_UP, "day": days}
        record(db, Audit("system", "open_support_item", f"support:{item.id}", details), now=now)


def drop_after(db: Session, alert: Alert, *, by: str, now: datetime) -> None:
    """The alert is open again: the calls after its end are planned anew when it ends.

    Meanwhile somebody has it, or it pages; that is more than a call tomorrow. Nothing that she was
    told names these calls (decision 0018 follows what she was told, by its text).
    """
    for call in stored.list_follow_ups(db, alert.id):
        if call.status == SupportStatus.OPEN:
            _close(db, call, by=by, because=Dropped.OPENED_AGAIN, now=now)


def close_due(db: Session, phone_index: str, *, now: datetime) -> None:
    """She has just been reached: the calls that were due by now are made."""
    for item in stored.open_follow_ups(db, phone_index):
        if item.due_at is not None and item.due_at <= now:
            _close(db, item, by="system", because="reached", now=now)


def record_call(
    clinic: Clinic,
    item_id: str,
    *,
    by: str,
    staff_id: str | None,
    reached: bool,
    note: str,
    now: datetime,
    entry: str | None = None,
) -> None:
    """Somebody called her: done when she was reached, else due again in the next staffed hours.

    :param entry: names the form and its words (``form_keys``): sent twice, it is one call.
    :raises NotFound: no such call is planned.
    :raises NotAllowed: it was made already.
    """
    with clinic.db.transaction() as db:
        if not form_keys.is_first(db, entry, now=now):
            return
        item = db.get(SupportItem, item_id)
        if item is None or item.kind != SupportKind.FOLLOW_UP or item.alert_id is None:
            raise NotFound("no such follow-up call")
        if item.status == SupportStatus.CLOSED:
            raise NotAllowed("this call was made already, or is planned no more")
        row = AlertNote(
            alert_id=item.alert_id,
            kind=NoteKind.CONTACT,
            staff_id=staff_id,
            reached=reached,
            at=now,
        )
        sealing.put(db, row, note=note.strip() or None)
        db.add(row)
        if reached:
            _close(db, item, by=by, because="reached", now=now)
            return
        item.due_at = item.raise_at = clinic.protocol.promise_time(now)
        record(db, Audit(by, "follow_up_not_reached", f"support:{item.id}"), now=now)


def raise_missed(clinic: Clinic, *, now: datetime) -> int:
    """Page about every call that nobody made in time; how many there were."""
    with clinic.db.looking() as look:
        missed = stored.missed_follow_up_ids(look, now=now)
    for item_id in missed:
        with clinic.db.transaction() as db:
            _raise_if_missed(clinic, db, item_id, now=now)
    return len(missed)


def _raise_if_missed(clinic: Clinic, db: Session, item_id: str, *, now: datetime) -> None:
    alert_id = stored.alert_of_item(db, item_id)
    if alert_id is None:
        return
    # Her conversation before her alert before the task, as everywhere.
    about = alerts.locked(db, alert_id)
    item = stored.lock_support_item(db, item_id)
    if item.status == SupportStatus.CLOSED or item.raise_at is None or item.raise_at > now:
        return
    item.raise_at = _staffed_on(clinic, now, days=1)
    signal = Signal(
        category=Category.FOLLOW_UP,
        level=Level.SAME_DAY,
        layer="follow_up",
        pattern_id=f"follow_up_missed:{item.reason}",
        spans=(),
        reply="",
    )
    alerts.raise_alert(
        clinic,
        db,
        alerts.About(about.phone_index, about.patient_id),
        [signal],
        inbound_id=None,
        now=now,
    )


def _staffed_on(clinic: Clinic, now: datetime, *, days: int) -> datetime:
    """The promised time of that day, or of the first staffed one after it."""
    zone = ZoneInfo(clinic.protocol.staffed_hours.zone)
    day = now.astimezone(zone).date() + timedelta(days=days)
    midnight = datetime.combine(day, time(), tzinfo=zone).astimezone(now.tzinfo)
    return clinic.protocol.promise_time(midnight)


def _close(db: Session, item: SupportItem, *, by: str, because: str, now: datetime) -> None:
    item.status, item.closed_at, item.raise_at = SupportStatus.CLOSED, now, None
    details = {"because": because}
    record(db, Audit(by, "close_support_item", f"support:{item.id}", details), now=now)
