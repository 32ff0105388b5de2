"""What is true for a mother who waits: she asks for a call, why nobody calls, or who has read her.

Her words count (clinic rules, "While an alert is open"): whoever has the alert hears of them, and
where she has waited too long already the next person is paged at once.
"""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.content.protocol import say_at, say_by
from bot.core.alerts import AlertStatus
from bot.core.languages import Language
from bot.core.levels import Level
from bot.core.pleas import asks_if_real, asks_if_seen, says_nobody_called, wants_call
from bot.services import escalation, holders, promises
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, Page, Patient

REOPENED = "crisis_waits_again"
# Answers to her questions, which are counted; and those that hold more than an hour.
ANSWERS = frozenset(
    {
        "crisis_call_added",
        "crisis_call_added_now",
        "crisis_call_added_held",
        "crisis_waiting",
        "crisis_waiting_held",
        "crisis_waiting_day",
        "crisis_seen_held",
        "crisis_real",
        "crisis_real_held",
        REOPENED,
        f"{REOPENED}_now",
    }
)


class Plea(StrEnum):
    """What she wants to know, or to have; the verb that goes on record."""

    CALL = "asks_for_call"
    WAITS = "says_nobody_called"
    SEEN = "asks_if_seen"
    REAL = "asks_if_real"


# What whoever has the alert hears of it.
TOLD = {
    Plea.CALL: holders.WANTS_CALL,
    Plea.WAITS: holders.WAITS,
    Plea.SEEN: holders.NEW_WORDS,
    Plea.REAL: holders.NEW_WORDS,
}


def heard(alert: Alert, words: str) -> Plea | None:
    """What she asks of us about this alert; a watch alert has promised her nobody."""
    if alert.level == Level.WATCH:
        return None
    if says_nobody_called(words):
        return Plea.WAITS
    if wants_call(words):
        return Plea.CALL
    if asks_if_seen(words):
        return Plea.SEEN
    return Plea.REAL if asks_if_real(words) else None


def take_in(
    clinic: Clinic, db: Session, alert: Alert, plea: Plea, *, inbound_id: str, now: datetime
) -> None:
    """Put it on record for whoever calls her, and hurry where she has waited too long."""
    details = {"inbound": inbound_id}
    record(db, Audit("system", plea, f"alert:{alert.id}", details), now=now)
    if plea == Plea.REAL:
        return
    if alert.status == AlertStatus.OPEN and _is_overdue(clinic, db, alert, now=now):
        escalation.take_step(clinic, db, alert, now=now)
    elif alert.status == AlertStatus.ACKNOWLEDGED and _is_held_too_long(alert, now=now):
        holders.held_too_long(clinic, db, alert, now=now)


def _is_overdue(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> bool:
    """Has the first person had the time of the policy, and the newest page time to arrive?"""
    if not escalation.newest_page_had_time(db, alert, now=now):
        return False
    if not escalation.may_page(clinic, db, alert, now=now):
        return False
    first = stored.list_pages(db, alert.id)[0]
    return now - first.at >= escalation.policy_of(alert).steps[0].wait


def _is_held_too_long(alert: Alert, *, now: datetime) -> bool:
    """Is it so long since it was taken, or a call was noted, that she would be told herself?

    Not while somebody was sent to her: then it is that outcome which is awaited.
    """
    limit = escalation.policy_of(alert).tell_patient_after
    if limit is None or alert.acknowledged_at is None or alert.outcome_due_at is not None:
        return False
    return now - max(alert.acknowledged_at, alert.last_contact_at or alert.acknowledged_at) >= limit


# Once somebody has the alert.
_HELD = {
    Plea.CALL: "crisis_call_added_held",
    Plea.WAITS: "crisis_waiting_held",
    Plea.SEEN: "crisis_seen_held",
    Plea.REAL: "crisis_real_held",
}


def answer(clinic: Clinic, db: Session, alert: Alert, plea: Plea) -> str:
    """The id of the text that says what is true now."""
    if alert.status == AlertStatus.ACKNOWLEDGED:
        return _HELD[plea]
    if plea == Plea.REAL:
        return "crisis_real"
    if plea == Plea.CALL:
        return "crisis_call_added"
    if alert.first_acknowledged_at is not None:
        # Somebody had it. That no call was noted is said only where none was.
        return REOPENED if alert.last_contact_at is None else "crisis_call_added"
    if alert.level == Level.SAME_DAY:
        promised = promises.promised_time(clinic, db, alert)
        return "crisis_call_added" if promised is None else "crisis_waiting_day"
    return "crisis_waiting" if _newest(db, alert) else "crisis_question"


def values(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    patient: Patient,
    text_id: str,
    *,
    language: Language,
    now: datetime,
) -> dict[str, str]:
    """What fills the blanks of such an answer."""
    zone = ZoneInfo(patient.time_zone)
    if text_id == "crisis_waiting" and (page := _newest(db, alert)):
        who = clinic.texts.get(f"alerted_{page.recipient}", language).text
        return {"list": who, "when": say_at(page.at, now=now, zone=zone, language=language)}
    if text_id in ("crisis_waiting_held", "crisis_seen_held"):
        taken, stale = alert.acknowledged_at or now, alert.next_step_at or now
        return {
            "when": say_at(taken, now=now, zone=zone, language=language),
            "time": say_by(stale, now=now, zone=zone, language=language),
        }
    if text_id == "crisis_waiting_day" and (by := promises.promised_time(clinic, db, alert)):
        return {"time": say_by(by, now=now, zone=zone, language=language)}
    return {}


def _newest(db: Session, alert: Alert) -> Page | None:
    """The newest page that may have arrived."""
    hoped_for = [page for page in stored.list_pages(db, alert.id) if page.failed_at is None]
    return hoped_for[-1] if hoped_for else None
