"""What happens in a page by phone: 1 takes the alert, 2 passes it on, silence is no answer.

That somebody or something picked up proves nothing: only a pressed key counts as delivered.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.calls import HANG_UP, PASS_ON, TAKE, CallEvent, CallMoment, Spoken
from bot.core.languages import Language
from bot.core.messages import OutboundStatus
from bot.services import alerts, escalation, holders, own_phone, practice
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.database import Turn
from bot.storage.tables import Alert, OutboundMessage, Page


def hear(clinic: Clinic, event: CallEvent, *, now: datetime) -> Spoken:
    """Take in one moment of a call, and say what it says next; the same moment twice is one."""
    with clinic.db.transaction(turn=Turn.INBOUND) as db:
        row = db.get(OutboundMessage, event.reference)
        if row is None:
            return HANG_UP
        if row.text_id == holders.ALOUD:
            return _words_aloud(clinic, db, row, event, now=now)
        if row.page_id is None:
            return _answer_aloud(clinic, db, row, event, now=now)
        page = stored.get_page(db, row.page_id)
        alert = alerts.locked(db, page.alert_id)
        if event.moment == CallMoment.ANSWERED:
            return _answered(clinic, db, row, page, alert, now=now)
        if event.moment == CallMoment.KEY:
            return _key(clinic, db, row, page, alert, event.key, now=now)
        _unheard(clinic, db, row, page, event, now=now)
        return HANG_UP


def _answer_aloud(
    clinic: Clinic, db: Session, row: OutboundMessage, event: CallEvent, *, now: datetime
) -> Spoken:
    """The answer to a colleague's text, read to whom no text can be sent; nothing hangs on it."""
    if event.moment == CallMoment.ANSWERED:
        _mark_delivered(db, row, now=now)
        why = _said(clinic, "voice_stopped")
        return Spoken(f"{sealing.get(db, row, 'body')} {why.words}")
    if event.moment == CallMoment.MACHINE or event.because:
        _mark_failed(db, row, event.because or "machine", now=now)
    return HANG_UP


def _words_aloud(
    clinic: Clinic, db: Session, row: OutboundMessage, event: CallEvent, *, now: datetime
) -> Spoken:
    """That she wrote again, to whoever has her alert and gets no texts; a key says it was heard."""
    alert = alerts.locked(db, row.alert_id or "")
    if event.moment == CallMoment.ANSWERED or (event.moment == CallMoment.KEY and not event.key):
        return Spoken(sealing.get(db, row, "body"), awaits_key=True)
    if event.moment == CallMoment.KEY:
        _mark_delivered(db, row, now=now)
        return _said(clinic, "voice_taken")
    waits = row.status in (OutboundStatus.SENDING, OutboundStatus.SENT)
    _mark_failed(db, row, event.because or "no_key", now=now)
    has_it = alert.status == AlertStatus.ACKNOWLEDGED and alert.acknowledged_by == row.staff_id
    if waits and has_it:
        holders.not_told(clinic, db, alert, because="call_not_heard", now=now)
    return HANG_UP


def _answered(
    clinic: Clinic, db: Session, row: OutboundMessage, page: Page, alert: Alert, *, now: datetime
) -> Spoken:
    record(db, Audit("carrier", "call_answered", f"alert:{alert.id}", {"page": page.id}), now=now)
    if alert.status != AlertStatus.OPEN:
        return _said(clinic, "voice_gone")
    return Spoken(sealing.get(db, row, "body"), awaits_key=True)


def _key(
    clinic: Clinic,
    db: Session,
    row: OutboundMessage,
    page: Page,
    alert: Alert,
    key: str,
    *,
    now: datetime,
) -> Spoken:
    if key not in (TAKE, PASS_ON):
        # Once more; whoever presses nothing at all is hung up on, and the ladder goes on.
        return Spoken(sealing.get(db, row, "body"), awaits_key=True) if key else HANG_UP
    _delivered(db, row, page, now=now)
    if page.staff_id is None:
        # Whoever picks up at the practice has no name here: that is no acknowledgement.
        details = {"page": page.id}
        record(db, Audit("carrier", "practice_heard", f"alert:{alert.id}", details), now=now)
        return _said(clinic, "voice_heard")
    if alert.status != AlertStatus.OPEN:
        # A closed alert keeps the name of who had it; pressing 1 then takes nothing any more.
        is_held = alert.status == AlertStatus.ACKNOWLEDGED
        has_it = is_held and alert.acknowledged_by == page.staff_id
        return _said(clinic, "voice_taken" if has_it and key == TAKE else "voice_gone")
    is_own = own_phone.is_of(alert, people.get_staff(db, page.staff_id))
    if key == TAKE and not is_own:
        holders.acknowledge(clinic, db, alert, staff_id=page.staff_id, now=now)
        return _said(clinic, "voice_taken")
    if page.failed_at is None:
        page.failed_at, page.failed_because = now, "passed_on"
        # Whoever was paged since keeps the time that the policy gives.
        if page.round == alert.rounds:
            escalation.pass_on(clinic, db, alert, staff_id=page.staff_id, now=now)
    return _said(clinic, "voice_own_phone" if is_own else "voice_passed")


def _delivered(db: Session, row: OutboundMessage, page: Page, *, now: datetime) -> None:
    _mark_delivered(db, row, now=now)
    escalation.page_delivered(db, page.id, now=now)


def _mark_delivered(db: Session, row: OutboundMessage, *, now: datetime) -> None:
    if row.status in (OutboundStatus.SENDING, OutboundStatus.SENT):
        row.status, row.delivered_at = OutboundStatus.DELIVERED, now
        record(db, Audit("carrier", "deliver", f"outbound:{row.id}"), now=now)


def _mark_failed(db: Session, row: OutboundMessage, because: str, *, now: datetime) -> None:
    if row.status in (OutboundStatus.SENDING, OutboundStatus.SENT):
        row.status, row.failed_at, row.error = OutboundStatus.FAILED, now, because[:40]
        record(db, Audit("carrier", "fail", f"outbound:{row.id}", {"error": because}), now=now)


def _unheard(
    clinic: Clinic,
    db: Session,
    row: OutboundMessage,
    page: Page,
    event: CallEvent,
    *,
    now: datetime,
) -> None:
    """A machine picked up, nobody did, or nobody pressed a key: this page did not arrive."""
    if page.delivered_at is not None or page.failed_at is not None:
        return
    because = "machine" if event.moment == CallMoment.MACHINE else (event.because or "no_key")
    _mark_failed(db, row, because, now=now)
    escalation.page_failed(clinic, db, page.id, now=now, because=because[:32])


def _said(clinic: Clinic, text_id: str) -> Spoken:
    language = Language.ENGLISH
    values = practice.blanks(clinic.protocol, language)
    return Spoken(clinic.texts.render(text_id, language, values).body)
