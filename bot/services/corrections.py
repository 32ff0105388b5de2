"""A closing that was wrong is corrected, or taken back: what stood before stays on record.

The audit trail and the notes are only ever added to; the alert itself shows what counts now.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus, Disposition, NoteKind, Verdict
from bot.core.levels import Level
from bot.errors import NotAllowed, NotFound
from bot.services import (
    alerts,
    conversations,
    escalation,
    follow_ups,
    notes,
    own_phone,
    sessions,
)
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage import care, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, AlertNote

# A code rests this long before it is given again; later a new alert is raised instead.
REOPENS_WITHIN = timedelta(days=14)


def correct(
    clinic: Clinic,
    alert_id: str,
    *,
    disposition: Disposition,
    verdict: Verdict,
    words: str,
    staff_id: str,
    now: datetime,
) -> None:
    """This is how it really ended.

    :raises NotFound: there is no such alert.
    :raises NotAllowed: it is not closed, there is no note, nothing is different, or somebody is
        still on the way to her.
    """
    words = notes.check(words)
    if disposition.awaits_outcome:
        raise NotAllowed("Somebody is still on the way to her? Then open the alert again.")
    with clinic.db.transaction() as db:
        alert = _closed(db, alert_id, staff_id)
        if (alert.disposition, alert.verdict) == (disposition, verdict):
            raise NotAllowed(
                "So it stands already. Choose what is different, or add a note to her."
            )
        details = {
            "disposition": disposition,
            "verdict": verdict,
            "was": f"{alert.disposition}, {alert.verdict}",
        }
        alert.disposition, alert.verdict = disposition, verdict
        _add_note(db, alert, words, staff_id=staff_id, now=now)
        db.flush()
        if not _has_calls(db, alert):
            # A false alarm plans no calls; what was none after all does.
            follow_ups.plan(clinic, db, alert, now=now)
        record(db, Audit(f"staff:{staff_id}", "correct", f"alert:{alert.id}", details), now=now)


def reopen(clinic: Clinic, alert_id: str, words: str, *, staff_id: str, now: datetime) -> None:
    """It is not over: the person who says so has it now, and it goes stale like any other.

    :raises NotFound: there is no such alert.
    :raises NotAllowed: it is not closed, closed for long, or she has an open alert by now.
    """
    words = notes.check(words)
    with clinic.db.transaction() as db:
        alert = _closed(db, alert_id, staff_id)
        newer = stored.find_unresolved(db, alert.phone_index)
        if newer is not None:
            raise NotAllowed(f"There is an open alert about her already: {newer.code}.")
        if alert.resolved_at is None or now - alert.resolved_at > REOPENS_WITHIN:
            raise NotAllowed("It was closed more than 14 days ago. Phone her, and write a note.")
        details = {"was": f"{alert.disposition}, {alert.verdict}"}
        _open_again(db, alert, staff_id=staff_id, now=now)
        follow_ups.drop_after(db, alert, by=f"staff:{staff_id}", now=now)
        _add_note(db, alert, words, staff_id=staff_id, now=now)
        record(db, Audit(f"staff:{staff_id}", "reopen", f"alert:{alert.id}", details), now=now)


def _open_again(db: Session, alert: Alert, *, staff_id: str, now: datetime) -> None:
    alert.status = AlertStatus.ACKNOWLEDGED
    alert.acknowledged_at, alert.acknowledged_by = now, staff_id
    alert.resolved_at = alert.resolved_by = None
    alert.disposition = alert.verdict = alert.outcome = None
    alert.next_step_at = now + escalation.policy_of(alert).stale_after
    db.flush()
    if alert.patient_id is not None and Level(alert.level).at_least(Level.URGENT):
        conversation = care.conversation_of(db, alert.patient_id)
        conversations.hand_to_people(db, conversation, now=now)
        sessions.block(db, alert.patient_id, now=now)


def _has_calls(db: Session, alert: Alert) -> bool:
    """Were calls planned after this end? Those after an earlier one were dropped or made then."""
    ended_at = alert.resolved_at
    planned = stored.list_follow_ups(db, alert.id)
    return any(ended_at is None or call.created_at >= ended_at for call in planned)


def _closed(db: Session, alert_id: str, staff_id: str) -> Alert:
    if db.get(Alert, alert_id) is None:
        raise NotFound("no such alert")
    alert = alerts.locked(db, alert_id)
    own_phone.refuse(db, alert, staff_id)
    if alert.status != AlertStatus.RESOLVED:
        raise NotAllowed(f"{alert.code} is not closed.")
    return alert


def _add_note(db: Session, alert: Alert, words: str, *, staff_id: str, now: datetime) -> None:
    row = AlertNote(alert_id=alert.id, kind=NoteKind.CORRECTION, staff_id=staff_id, at=now)
    sealing.put(db, row, note=words)
    db.add(row)
