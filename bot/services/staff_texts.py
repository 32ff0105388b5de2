"""What clinicians text back: ACK takes an alert; everything else gets help, and is screened."""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.levels import Level
from bot.core.messages import Lane
from bot.core.rota import StaffRole
from bot.services import alerts, outbox, screening
from bot.services.arrival import Arrival
from bot.services.clinic import Clinic
from bot.storage import alerts as stored_alerts
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, InboundMessage, Staff

_ACK = re.compile(r"^\W*ack(?:nowledge)?\b[\s:#-]*([a-z]\d{1,4})?\W*$", re.IGNORECASE)
_CODE_ONLY = re.compile(r"^\W*([a-z]\d{1,4})\W*$", re.IGNORECASE)
_HELP = re.compile(r"^\W*(help|info|\?)\W*$", re.IGNORECASE)


def receive(case: Arrival, staff: Staff) -> None:
    """Carry out a command from a member of staff."""
    clinic, db, row = case.clinic, case.db, case.row
    text, now = case.text, case.now
    found = _ACK.match(text.body) or _CODE_ONLY.match(text.body)
    if found and staff.role == StaffRole.CLINICIAN:
        _acknowledge(clinic, db, row, staff, found.group(1), now=now)
        return
    if _HELP.match(text.body):
        _say(clinic, db, row, staff, "staff_help", now=now)
        return
    # Staff are people: their words are screened like anybody's.
    result = case.screening
    screening.note(row, result.signals)
    signals = [signal for signal in result.signals if signal.level != Level.WATCH]
    if signals:
        about = alerts.About(row.phone_index)
        raised = alerts.raise_alert(clinic, db, about, signals, inbound_id=row.id, now=now)
        if raised.needs_own_reply:
            _say(clinic, db, row, staff, "crisis_unknown_sender", now=now, lane=Lane.CRISIS)
        return
    _say(clinic, db, row, staff, "staff_unknown_command", now=now)


def _acknowledge(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    code: str | None,
    *,
    now: datetime,
) -> None:
    if code is None:
        waiting = stored_alerts.list_open(db)
        waiting = [alert for alert in waiting if alert.level != Level.WATCH]
        if len(waiting) != 1:
            _list(clinic, db, row, staff, waiting, now=now)
            return
        alert: Alert | None = waiting[0]
    else:
        alert = stored_alerts.find_by_code(db, code)
    if alert is None:
        _say(clinic, db, row, staff, "ack_unknown_code", {"code": (code or "").upper()}, now=now)
    elif (alert := stored_alerts.lock(db, alert.id)).status == AlertStatus.ACKNOWLEDGED:
        holder = people.get_staff(db, alert.acknowledged_by) if alert.acknowledged_by else staff
        name = sealing.get(db, holder, "name")
        _say(clinic, db, row, staff, "ack_taken", {"code": alert.code, "name": name}, now=now)
    else:
        alerts.acknowledge(clinic, db, alert, staff_id=staff.id, now=now)
        _say(clinic, db, row, staff, "ack_done", {"code": alert.code}, now=now)
    record(db, Audit(f"staff:{staff.id}", "ack_text", f"inbound:{row.id}"), now=now)


def _list(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    waiting: list[Alert],
    *,
    now: datetime,
) -> None:
    if not waiting:
        _say(clinic, db, row, staff, "ack_nothing_open", now=now)
        return
    codes = ", ".join(alert.code for alert in waiting[:10])
    values = {"count": str(len(waiting)), "list": codes}
    _say(clinic, db, row, staff, "ack_list", values, now=now)


def _say(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    text_id: str,
    values: dict[str, str] | None = None,
    *,
    now: datetime,
    lane: Lane = Lane.PAGE,
) -> None:
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id=text_id,
            key=f"{text_id}:{row.id}",
            lane=lane,
            values=values or {},
            in_reply_to=row.id,
            despite_opt_out=True,
        ),
        outbox.to_staff(db, staff),
        now=now,
    )
