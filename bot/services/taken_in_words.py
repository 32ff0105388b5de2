"""A clinician says in words of her own that she has an alert: "on it", "calling her now".

Taken for an ACK only where no doubt is left about which one. What was made of it is said, and how
to undo it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.levels import Level
from bot.services import alerts, holders, own_phone, staff_answers
from bot.services.clinic import Clinic
from bot.storage import alerts as stored_alerts
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, InboundMessage, Staff


def take(clinic: Clinic, db: Session, row: InboundMessage, staff: Staff, *, now: datetime) -> bool:
    """Take the one alert that is open, if it was paged to this person; whether that was answered.

    Said by whoever has the only one already, it is met by the same answer as the ACK was.
    """
    unresolved = pageable(db, staff)
    waiting = [alert for alert in unresolved if alert.status == AlertStatus.OPEN]
    held = [alert for alert in unresolved if alert.acknowledged_by == staff.id]
    if len(waiting) + len(held) != 1:
        return False
    if waiting and not stored_alerts.was_paged(db, waiting[0].id, staff.id):
        return False
    alert = alerts.locked(db, (waiting or held)[0].id)
    text_id = "ack_done"
    if alert.status == AlertStatus.OPEN:
        holders.acknowledge(clinic, db, alert, staff_id=staff.id, now=now)
        record(db, Audit(f"staff:{staff.id}", "ack_in_words", f"inbound:{row.id}"), now=now)
        text_id = "ack_in_words"
    elif alert.acknowledged_by != staff.id:
        return False  # somebody was quicker in this very moment
    staff_answers.say(clinic, db, row, staff, text_id, {"code": alert.code}, alert=alert, now=now)
    return True


def pageable(db: Session, staff: Staff) -> list[Alert]:
    """The alerts that a colleague may mean without naming a code; never one about his own phone."""
    return [
        alert
        for alert in stored_alerts.list_unresolved(db)
        if alert.level != Level.WATCH
        and alert.is_test == staff.is_test
        and not own_phone.is_of(alert, staff)
    ]
