"""Follows up what she was promised: a time that passed without a person is owned up to, once.

A promise is a text with a time that reached the carrier; its due moment follows from the staffed
hours at the moment it was written (clinic rules, "Promises"; decision 0018). An alert's promise is
kept once a person has acknowledged or closed it, a task's once somebody has closed it.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from bot.content.texts import Catalogue
from bot.core.alerts import AlertStatus, SupportStatus
from bot.core.enrolments import EnrolmentStatus
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.core.messages import Lane, OutboundStatus
from bot.core.text_rules import Purpose
from bot.crisis.screening import Signal
from bot.services import alerts, escalation, now_or_later, outbox, practice, read_along
from bot.services.clinic import Clinic
from bot.storage import alerts as stored_alerts
from bot.storage import care, people, promises
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, OutboundMessage, Patient, SupportItem

MISSED, MISSED_AGAIN = "promise_missed", "promise_missed_again"
# A loss is an alert too, though its texts belong to consent.
_OF_ALERTS = frozenset({"loss_reply", "utter_loss"})
# These say an hour again that she knows, or when others are alerted: no new promise of a call.
_NO_PROMISE = frozenset({"crisis_waiting_held", "crisis_waiting_day"})


def follow_up_alerts(clinic: Clinic, *, now: datetime) -> int:
    """Own up to promises about alerts that nobody has; how many."""
    with clinic.db.looking() as look:
        if not stored_alerts.any_open(look):
            return 0
    text_ids = _promising(clinic.texts, of_alerts=True)
    with clinic.db.reading() as db:
        due = [
            alert.id
            for alert in promises.open_alerts_with_patient(db)
            if _broken(clinic, db, alert, text_ids, now=now) is not None
        ]
    for alert_id in due:
        with clinic.db.transaction() as db:
            _follow_up_alert(clinic, db, alert_id, text_ids, now=now)
    return len(due)


def follow_up_tasks(clinic: Clinic, *, now: datetime) -> int:
    """Own up to promises about tasks of support that nobody has closed; how many."""
    with clinic.db.looking() as look:
        if not promises.any_overdue_task(look, now=now):
            return 0
    text_ids = _promising(clinic.texts, of_alerts=False)
    with clinic.db.reading() as db:
        due = [
            (item.id, row.id)
            for item, row in promises.overdue_tasks(db, text_ids=text_ids, now=now)
        ]
    for item_id, outbound_id in due:
        with clinic.db.transaction() as db:
            _follow_up_task(clinic, db, item_id, outbound_id, now=now)
    return len(due)


def tell_of_reopened(clinic: Clinic, *, now: datetime) -> int:
    """Somebody had her alert and has it no more: she is told so, once, and not that nobody saw it.

    Runs before ``tell_patients_who_wait``, which then has nothing left to tell her.
    """
    with clinic.db.looking() as look:
        if not stored_alerts.any_untold(look):
            return 0
    with clinic.db.reading() as db:
        again = [
            alert.id
            for alert in promises.open_alerts_with_patient(db)
            if _should_hear_of_reopening(db, alert)
        ]
    for alert_id in again:
        with clinic.db.transaction() as db:
            alert = _locked(db, alert_id)
            if alert.status != AlertStatus.OPEN or not _should_hear_of_reopening(db, alert):
                continue
            alert.patient_told_at = now
            patient = people.get_patient(db, alert.patient_id or "")
            _say(clinic, db, patient, "crisis_waits_again", f"reopened:{alert.id}", alert, now=now)
    return len(again)


def _should_hear_of_reopening(db: Session, alert: Alert) -> bool:
    pressing = escalation.policy_of(alert).tell_patient_after is not None
    return pressing and alert.patient_told_at is None and promises.was_reopened(db, alert.id)


def _promising(texts: Catalogue, *, of_alerts: bool) -> Collection[str]:
    """The ids of texts that name a time by which a person will have done something."""
    return tuple(
        text.id
        for text in texts
        if text.language is Language.ENGLISH
        and "time" in text.blanks
        and text.id not in _NO_PROMISE
        and (text.purpose is Purpose.SAFETY or text.id in _OF_ALERTS) == of_alerts
    )


def promised_time(clinic: Clinic, db: Session, alert: Alert) -> datetime | None:
    """By when she was last promised a person about this alert; none where no hour was named."""
    text_ids = _promising(clinic.texts, of_alerts=True)
    promise = promises.last_promise(db, alert, text_ids=text_ids)
    return clinic.protocol.promise_time(promise.created_at) if promise else None


def _broken(
    clinic: Clinic, db: Session, alert: Alert, text_ids: Collection[str], *, now: datetime
) -> OutboundMessage | None:
    """The promise about this alert that is due and was not kept; none when all is well."""
    promise = promises.last_promise(db, alert, text_ids=text_ids)
    if promise is None or clinic.protocol.promise_time(promise.created_at) > now:
        return None
    if _waits_for_the_opening(clinic, db, alert, now=now):
        return None
    return None if promises.is_followed_up(db, promise.id) else promise


def _waits_for_the_opening(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> bool:
    """Somebody had this same-day alert and let it go at night: no text wakes her, no page them.

    One that nobody ever had is owned up to at any hour: no person has judged it yet.
    """
    had = alert.first_acknowledged_at is not None
    return had and not escalation.may_page(clinic, db, alert, now=now)


def _follow_up_alert(
    clinic: Clinic, db: Session, alert_id: str, text_ids: Collection[str], *, now: datetime
) -> None:
    alert = _locked(db, alert_id)
    # Looked up outside the lock: somebody may have taken it meanwhile.
    if alert.status != AlertStatus.OPEN or alert.patient_id is None:
        return
    promise = _broken(clinic, db, alert, text_ids, now=now)
    if promise is None:
        return
    again = promise.text_id == MISSED
    # The first time it becomes a page; afterwards its own ladder goes on as it is.
    level = Level(alert.level) if again else Level.URGENT
    _raise(clinic, db, alert.patient_id, Category(alert.category), level, now=now)
    # This is the truth about who has seen it; the same half an hour later would only alarm her.
    alert.patient_told_at = alert.patient_told_at or now
    _own_up(clinic, db, promise, MISSED_AGAIN if again else MISSED, alert, now=now)


def _follow_up_task(
    clinic: Clinic, db: Session, item_id: str, outbound_id: str, *, now: datetime
) -> None:
    item, promise = db.get_one(SupportItem, item_id), db.get_one(OutboundMessage, outbound_id)
    if item.status != SupportStatus.OPEN or item.patient_id is None:
        return
    care.conversation_of(db, item.patient_id)
    if promises.is_followed_up(db, promise.id):
        return
    alert = _raise(clinic, db, item.patient_id, Category.STAFF, Level.SAME_DAY, now=now)
    _own_up(clinic, db, promise, MISSED, alert, now=now)


def _raise(
    clinic: Clinic, db: Session, patient_id: str, category: Category, level: Level, *, now: datetime
) -> Alert:
    """A person is told that nobody kept what she was promised."""
    patient = people.get_patient(db, patient_id)
    signal = Signal(category, level, "promise", MISSED, (), "")
    about = alerts.About(patient.phone_index, patient.id)
    return alerts.raise_alert(clinic, db, about, [signal], inbound_id=None, now=now).alert


def _own_up(
    clinic: Clinic,
    db: Session,
    promise: OutboundMessage,
    text_id: str,
    alert: Alert,
    *,
    now: datetime,
) -> None:
    patient = people.get_patient(db, promise.patient_id or "")
    record(db, Audit("system", "miss_promise", f"outbound:{promise.id}"), now=now)
    _say(clinic, db, patient, text_id, promises.key_of(promise.id), alert, now=now)


def _say(
    clinic: Clinic,
    db: Session,
    patient: Patient,
    text_id: str,
    key: str,
    alert: Alert,
    *,
    now: datetime,
) -> None:
    fitting = now_or_later.fitting(clinic, alert, text_id, now=now)
    # Not despite an opt-out: it is no answer to words of hers, and a person is on the way.
    text = outbox.Text(
        id=fitting,
        key=key,
        lane=Lane.CRISIS,
        values={"time": practice.promise(clinic.protocol, patient, now=now)},
        alert_id=alert.id,
    )
    addressee = outbox.to_patient(db, patient)
    row = read_along.queue_unasked(clinic, db, alert, text, addressee, now=now)
    status = people.enrolment_of(db, patient.id).status
    if row is None or row.status == OutboundStatus.SUPPRESSED:
        return
    if status in (EnrolmentStatus.INVITED, EnrolmentStatus.ENDED):
        outbox.suppress(db, row, "not_enrolled", now=now)


def _locked(db: Session, alert_id: str) -> Alert:
    patient_id = stored_alerts.patient_of(db, alert_id)
    if patient_id is not None:
        care.conversation_of(db, patient_id)
    return stored_alerts.lock(db, alert_id)
