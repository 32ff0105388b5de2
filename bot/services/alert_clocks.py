"""What falls due about an alert: a stale acknowledgement, silence, a mother who waits."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.levels import Category, Level
from bot.core.messages import Lane
from bot.crisis.screening import Signal
from bot.services import (
    alerts,
    escalation,
    holders,
    now_or_later,
    outbox,
    practice,
    read_along,
    safety_answers,
)
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage import people
from bot.storage.tables import Alert


def reopen_stale(clinic: Clinic, *, now: datetime) -> int:
    """Re-open alerts that somebody took and did not bring to an outcome; how many."""
    with clinic.db.looking() as look:
        stale = stored.stale_alert_ids(look, now=now)
    for alert_id in stale:
        with clinic.db.transaction() as db:
            alert = alerts.locked(db, alert_id)
            if alert.status == AlertStatus.ACKNOWLEDGED and escalation.is_due(alert, now):
                holders.hand_back(clinic, db, alert, by="system", now=now)
    return len(stale)


def lift_unanswered(clinic: Clinic, *, now: datetime) -> int:
    """Silence after the safety question makes the alert urgent (clinic rules, "Levels").

    So does silence after "Safe to text?"; people are paged, and she is not texted again about it.
    """
    with clinic.db.looking() as look:
        silent = stored.unanswered_alert_ids(look, now=now)
    for alert_id in silent:
        with clinic.db.transaction() as db:
            alert = alerts.locked(db, alert_id)
            if alert.answer_due_at is None or alert.answer_due_at > now:
                continue
            alert.answer_due_at = None
            if alert.status == AlertStatus.ACKNOWLEDGED and not safety_answers.is_doubted(
                db, alert
            ):
                # Whoever has it may be on the phone with her, and must not lose it for that.
                holders.tell(clinic, db, alert, now=now, text_id=holders.SILENT, once="silent")
                continue
            about = alerts.About(alert.phone_index, alert.patient_id)
            alerts.raise_alert(clinic, db, about, [silence_signal(alert)], inbound_id=None, now=now)
    return len(silent)


def silence_signal(alert: Alert) -> Signal:
    """She did not answer the safety question, or whether it is safe to text."""
    return Signal(
        category=Category(alert.category),
        level=Level.URGENT,
        layer="silence",
        pattern_id="safe_to_text_unanswered"
        if alert.category == Category.VIOLENCE
        else "safety_question_unanswered",
        spans=(),
        reply="",
    )


def tell_patients_who_wait(clinic: Clinic, *, now: datetime) -> int:
    """Tell her once that no person may see it before a stated time; how many were told."""
    with clinic.db.looking() as look:
        if not stored.any_untold(look):
            return 0
    told = 0
    with clinic.db.reading() as db:
        waiting = [alert.id for alert in stored.list_open(db) if _should_tell(db, alert, now)]
    for alert_id in waiting:
        with clinic.db.transaction() as db:
            alert = alerts.locked(db, alert_id)
            if alert.status == AlertStatus.OPEN and _should_tell(db, alert, now):
                told += _tell(clinic, db, alert, now=now)
    return told


def _should_tell(db: Session, alert: Alert, now: datetime) -> bool:
    after = escalation.policy_of(alert).tell_patient_after
    if after is None or alert.patient_told_at is not None or alert.patient_id is None:
        return False
    # Since it became this pressing: a watch alert of last week may have risen a minute ago.
    reached = [
        signal.at
        for signal in stored.list_signals(db, alert.id)
        if Level(signal.level).at_least(Level(alert.level))
    ]
    return now >= min(reached, default=alert.raised_at) + after


def _tell(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> int:
    assert alert.patient_id is not None  # _should_tell looked
    patient = people.get_patient(db, alert.patient_id)
    alert.patient_told_at = now
    told = now_or_later.fitting(clinic, alert, "crisis_unacknowledged", now=now)
    text = outbox.Text(
        id=told,
        key=f"unacknowledged:{alert.id}",
        lane=Lane.CRISIS,
        values={"time": practice.promise(clinic.protocol, patient, now=now)},
        alert_id=alert.id,
    )
    read_along.queue_unasked(clinic, db, alert, text, outbox.to_patient(db, patient), now=now)
    return 1
