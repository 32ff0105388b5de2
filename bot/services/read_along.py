"""What she is written while somebody at home may read along (clinic rules, "Violence").

Her alert, her care team and a crisis line must not stand on a phone that he checks. Her own words
are answered with the one neutral sentence, which reads like a notice that everyone gets. What she
did not ask for does not go at all, for it may come into his hands: it is held, and staff are told.
The end of an alert makes a phone no safer: this lasts until a clinician says so.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus, SupportKind, SupportStatus
from bot.core.levels import Category, Level
from bot.crisis.screening import Signal
from bot.services import outbox, safety_answers, support
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, AlertSignal, AuditEvent, OutboundMessage, Patient, SupportItem

NEUTRAL = "crisis_violence_unsafe"
# As neutral; for what happens to her at this moment 911 stands first.
IN_DANGER = "crisis_violence_danger"
# Why a text was held or not sent, on record.
MAY_BE_READ = "may_be_read"
# The mark may outlast the alert by months; staff do not forget her meanwhile.
_AGAIN_AFTER = timedelta(days=7)


def may_be_read(alert: Alert) -> bool:
    """Is violence at home what her alert is about?"""
    return alert.category == Category.VIOLENCE


def outweighs(danger: Signal | AlertSignal | None) -> bool:
    """Is it worth more than her secret? A doubt is not: a question of ours may be read by him."""
    if danger is None or danger.category == Category.VIOLENCE:
        return False
    if danger.pattern_id == safety_answers.UNCLEAR:
        return False  # on such a phone nothing was asked, so an unclear answer says little
    return Level(danger.level).at_least(Level.URGENT)


def answer(db: Session, alert: Alert, text_id: str) -> str:
    """The text that may go to her phone about this alert, in answer to her own words.

    Once a text of hers told of a danger that outweighs her secret, she is answered as anybody is:
    the numbers stand on that phone already, and she needs more than one neutral sentence. So she is
    when she said that it is safe to text: no text of ours names violence either way.
    """
    if may_be_read(alert):
        return text_id if says_safe(db, alert) else NEUTRAL
    if alert.patient_id is None or alert.patient_id not in phones(db, [alert.patient_id]):
        return text_id
    told = [one for one in stored.list_signals(db, alert.id) if one.inbound_id is not None]
    return text_id if any(outweighs(one) for one in told) else NEUTRAL


def answer_to_danger(
    alert: Alert, danger: Signal, besides: Sequence[Signal], *, was_marked: bool, new: bool
) -> str:
    """The text that answers these signs of danger where he may read it.

    :param danger: the sign that is answered first, with its own text.
    :param besides: every sign in her words.
    :param was_marked: somebody was known to read her phone before this text came.
    :param new: nothing was open about her before.
    """
    if outweighs(danger):
        return danger.reply
    if any(one.reply == IN_DANGER for one in (danger, *besides)):
        return IN_DANGER
    if was_marked and not (new and danger.category == Category.VIOLENCE):
        return NEUTRAL
    if not new:
        return NEUTRAL if may_be_read(alert) else danger.reply
    # Of violence the clinic's own words are said first, whatever else is in doubt.
    violence = [one for one in besides if one.category == Category.VIOLENCE and one.reply]
    return violence[0].reply if violence else danger.reply


def keeps_quiet(db: Session, alert: Alert | None) -> bool:
    """Are even her plain questions met by the neutral sentence alone, and left to people?

    While an alert is open on a phone that he may read, the bot's name, a menu or an answer about
    calls would betray her. Until she says that it is safe to text, which counts for this alert.
    """
    if alert is None or alert.patient_id is None or alert.level == Level.WATCH:
        return False
    if alert.patient_id not in phones(db, [alert.patient_id]):
        return False
    return not says_safe(db, alert)


def is_quiet(db: Session, patient: Patient, alert: Alert | None) -> bool:
    """As ``keeps_quiet``, and also where no alert is open on a marked phone.

    The end of an alert makes a phone no safer: until she or a clinician has said that it is, she
    is answered discreetly, and people hear what she wrote.
    """
    if patient.read_along_since is None:
        return False
    if alert is not None and alert.level != Level.WATCH:
        return keeps_quiet(db, alert)
    said_by = phones(db, [patient.id]).get(patient.id)
    answer = _newest_answer(db, said_by) if said_by else None
    # A clinician who marked the phone afterwards knows more than her answer of then.
    safe = answer is not None and answer.details["safe"] and answer.at >= patient.read_along_since
    return not safe


def says_safe(db: Session, alert: Alert) -> bool:
    """Was her last word about this alert that it is safe to text?"""
    newest = _newest_answer(db, alert.id)
    return newest is not None and bool(newest.details["safe"])


def _newest_answer(db: Session, alert_id: str) -> AuditEvent | None:
    answered = select(AuditEvent).where(
        AuditEvent.subject == f"alert:{alert_id}", AuditEvent.verb == "safe_to_text"
    )
    return db.scalars(answered.order_by(AuditEvent.id.desc()).limit(1)).first()


def begin(db: Session, patient: Patient, *, by: str, now: datetime) -> None:
    """From now on somebody else may read her phone, until a clinician says otherwise."""
    if patient.read_along_since is None:
        patient.read_along_since = now
        record(db, Audit(by, "begin_read_along", f"patient:{patient.id}"), now=now)


def end(db: Session, patient: Patient, *, by: str, now: datetime) -> None:
    """Her phone is hers alone: what waits for her goes out."""
    if patient.read_along_since is not None:
        patient.read_along_since = None
        record(db, Audit(by, "end_read_along", f"patient:{patient.id}"), now=now)


def phones(db: Session, patient_ids: Collection[str]) -> Mapping[str, str | None]:
    """Whose phone may be read along, and the newest alert that says so, if one does."""
    query = select(Patient.id).where(
        Patient.id.in_(patient_ids), Patient.read_along_since.is_not(None)
    )
    marked = db.scalars(query).all() if patient_ids else []
    if not marked:
        return {}
    said_by = stored.newest_with(db, marked, Category.VIOLENCE)
    return {patient_id: said_by.get(patient_id) for patient_id in marked}


def may_be_seen(db: Session, patient: Patient) -> bool:
    """May what a person writes to her be seen by another: a mark, or violence in an open alert?

    Her own word that it is safe counts for what the bot answers; it cannot know what staff write.
    """
    if patient.read_along_since is not None:
        return True
    told_in = stored.newest_with(db, [patient.id], Category.VIOLENCE).get(patient.id)
    return told_in is not None and db.get_one(Alert, told_in).status != AlertStatus.RESOLVED


def queue_unasked(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    text: outbox.Text,
    addressee: outbox.Addressee,
    *,
    now: datetime,
) -> OutboundMessage | None:
    """Tell her something about her alert that she did not ask for; not where he may read it.

    The mark counts here, also where something graver has become the matter.
    """
    row = outbox.queue(clinic, db, text, addressee, now=now)
    patient_id = alert.patient_id
    if row is not None and patient_id is not None and patient_id in phones(db, [patient_id]):
        outbox.suppress(db, row, MAY_BE_READ, now=now)
        tell_staff(clinic, db, alert.id, patient_id, text.id, now=now)
    return row


def tell_staff(
    clinic: Clinic,
    db: Session,
    alert_id: str | None,
    patient_id: str,
    text_id: str,
    *,
    now: datetime,
) -> None:
    """What was held is on record, each text once a week; and one task says that somebody calls."""
    subject = f"alert:{alert_id}" if alert_id else f"patient:{patient_id}"
    details = {"text": text_id}
    known = select(AuditEvent).where(
        AuditEvent.subject == subject,
        AuditEvent.verb == "hold_text",
        AuditEvent.at > now - _AGAIN_AFTER,
    )
    if any(event.details == details for event in db.scalars(known)):
        return
    record(db, Audit("system", "hold_text", subject, details), now=now)
    task = select(SupportItem.id).where(
        SupportItem.kind == SupportKind.TEXTS_HELD,
        SupportItem.status == SupportStatus.OPEN,
        SupportItem.patient_id == patient_id,
    )
    if db.scalars(task).first() is None:
        kind = SupportKind.TEXTS_HELD
        support.open_item(clinic, db, kind, patient_id=patient_id, inbound_id=None, now=now)
