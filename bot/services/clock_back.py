"""What a clock that was set back would leave waiting is done now.

A machine that sleeps, moves or finds the true time again may step back by hours. What was to
happen in five minutes would then happen in five minutes and those hours, a page about a life at
risk among it. No alert of ours waits longer than its policy says, so one that seems to is due.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.escalation import longest_wait
from bot.services import escalation, housekeeping, safety_answers, support
from bot.services.clinic import Clinic
from bot.storage import alerts, wrong_time
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert

# Clocks of two machines may differ by so much; beyond it a time is wrong.
_GRACE = timedelta(minutes=2)
# Longer than any of our texts is put off after a carrier's failure, and than any lease.
_LONGEST_BACKOFF = timedelta(minutes=15)
# Two machines of which one is hours ahead would else page in turn, at every look.
_AT_MOST = timedelta(minutes=5)


def bring_back(clinic: Clinic, *, now: datetime) -> int:
    """Make due what waits for a moment that cannot be meant; how much it was."""
    wrong = {"after": now + _GRACE, "long_after": now + _LONGEST_BACKOFF}
    with clinic.db.looking() as look:
        texts, any_alert = wrong_time.count(look, **wrong), alerts.any_unresolved(look)
    ahead = _all_ahead(clinic, now=now) if any_alert else []
    if not ahead and not texts:
        return 0
    if not housekeeping.claim_round(clinic, "clock_set_back", every=_AT_MOST, now=now):
        return 0
    with clinic.db.transaction() as db:
        for alert_id in ahead:
            _make_due(clinic, db, alerts.lock(db, alert_id), now=now)
        wrong_time.bring_back(db, now=now, **wrong)
        support.report_trouble(clinic, db, "clock_set_back", now=now)
        details = {"alerts": len(ahead), "texts": texts}
        record(db, Audit("system", "clock_set_back", "worker", details), now=now)
    return len(ahead) + texts


def _all_ahead(clinic: Clinic, *, now: datetime) -> list[str]:
    with clinic.db.reading() as db:
        return sorted(
            alert.id
            for alert in alerts.list_unresolved(db)
            if _is_ahead(clinic, db, alert, now=now)
        )


def _is_ahead(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> bool:
    return _waits_too_long(clinic, db, alert, now=now) or _asks_too_long(clinic, alert, now=now)


def _make_due(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> None:
    if _asks_too_long(clinic, alert, now=now):
        alert.answer_due_at = now + safety_answers.waits_for(clinic)
    if not _waits_too_long(clinic, db, alert, now=now):
        return
    if alert.status == AlertStatus.ACKNOWLEDGED:
        # It stays with who has it, for as long as if that had been said now.
        alert.next_step_at = _latest(clinic, db, alert, now=now)
        if alert.outcome_due_at is not None:
            alert.outcome_due_at = alert.next_step_at
    else:
        alert.next_step_at = escalation.first_step_at(clinic, db, alert, now=now)


def _waits_too_long(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> bool:
    return (
        alert.next_step_at is not None
        and alert.next_step_at > _latest(clinic, db, alert, now=now) + _GRACE
    )


def _asks_too_long(clinic: Clinic, alert: Alert, *, now: datetime) -> bool:
    latest = now + safety_answers.waits_for(clinic) + _GRACE
    return alert.answer_due_at is not None and alert.answer_due_at > latest


def _latest(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> datetime:
    """When something would be done about it again at the latest, if something were done now."""
    latest = now + longest_wait(escalation.policy_of(alert), AlertStatus(alert.status))
    if alert.status == AlertStatus.OPEN:
        return escalation.next_page_at(clinic, db, alert, now=latest)
    return latest
