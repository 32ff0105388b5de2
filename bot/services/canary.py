"""The daily test of the whole alarm: a mother who does not exist writes of dying, and is answered.

Her text goes the way of every text: stored, screened, raised, paged, acknowledged, closed. The
page goes to a machine, no text of it reaches a phone, and no figure counts it. When nobody
answers within a minute the auditor says so, and the outside watchdog calls somebody.
"""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus, Disposition, Verdict
from bot.core.enrolments import QuestionRoute
from bot.core.escalation import PageChannel
from bot.core.languages import Language
from bot.core.messages import InboundText, Receipt, ReceiptStatus
from bot.core.rota import StaffRole
from bot.services import closing, enrolments, inbound, outbound, staff
from bot.services.clinic import Clinic
from bot.storage import alerts, care, messages, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Staff

# Both from the range that is kept for fiction; nothing is ever sent to either.
PATIENT_NUMBER, MACHINE_NUMBER = "+12025550197", "+12025550196"
NAME = "TEST daily canary"
WORDS = "TEST i want to die"
PROVIDER = "canary"
# By day, so that what is found broken is found by people who are awake.
_FROM = time(9)
_BY = "system"


def run(clinic: Clinic, *, now: datetime) -> int:
    """Start today's test if it is time, and play the machine that answers; what was done."""
    if not clinic.canary:
        return 0
    return _confirm(clinic, now=now) + _answer(clinic, now=now) + _start(clinic, now=now)


def _start(clinic: Clinic, *, now: datetime) -> int:
    local = now.astimezone(ZoneInfo(clinic.protocol.staffed_hours.zone))
    provider_id = f"canary:{local.date()}"
    if local.time() < _FROM:
        return 0
    with clinic.db.looking() as look:
        if messages.was_received(look, provider=PROVIDER, provider_id=provider_id):
            return 0
    with clinic.db.reading() as db:
        known = people.find_patient(db, people.index_of(db, PATIENT_NUMBER)) is not None
    if not known:
        _introduce(clinic, now=now)
    inbound.receive(clinic, _text(provider_id, PATIENT_NUMBER, WORDS), now=now)
    return 1


def _introduce(clinic: Clinic, *, now: datetime) -> None:
    """Write the patient who does not exist and the machine into the records, once."""
    with clinic.db.transaction() as db:
        new = enrolments.NewPatient(
            NAME, PATIENT_NUMBER, Language.ENGLISH, clinic.protocol.staffed_hours.zone
        )
        patient = enrolments.add_patient(clinic, db, new, by=_BY, now=now)
        patient.is_test = True
        enrolments.admit(db, patient, route=QuestionRoute.TEXT, now=now)
        care.conversation_of(db, patient.id).automated_notice_at = now
        machine = staff.add_staff(
            db,
            name=NAME,
            phone=MACHINE_NUMBER,
            role=StaffRole.CLINICIAN,
            by=_BY,
            now=now,
        )
        machine.is_test = True
        record(db, Audit(_BY, "introduce_canary", f"patient:{patient.id}"), now=now)


def _confirm(clinic: Clinic, *, now: datetime) -> int:
    """Its texts arrive, as a carrier would report."""
    with clinic.db.looking() as look:
        if not messages.any_sent_by(look, PageChannel.CANARY):
            return 0
    with clinic.db.reading() as db:
        sent = messages.list_sent_by(db, PageChannel.CANARY)
    for row in sent:
        if row.provider_id is not None:
            receipt = Receipt(PROVIDER, row.provider_id, ReceiptStatus.DELIVERED)
            outbound.apply_receipt(clinic, receipt, now=now)
    return len(sent)


def _answer(clinic: Clinic, *, now: datetime) -> int:
    """The machine acknowledges what it was paged about, and closes what it has."""
    with clinic.db.looking() as look:
        if not alerts.any_unresolved(look):
            return 0
    with clinic.db.reading() as db:
        machine = _machine(db)
        if machine is None:
            return 0
        tests = [alert for alert in alerts.list_unresolved(db) if alert.is_test]
        paged = {
            alert.id: any(
                page.delivered_at is not None and page.staff_id == machine.id
                for page in alerts.list_pages(db, alert.id)
            )
            for alert in tests
        }
    done = 0
    for alert in tests:
        if alert.status == AlertStatus.OPEN and paged[alert.id]:
            words = _text(f"ack:{alert.id}:{alert.rounds}", MACHINE_NUMBER, f"ACK {alert.code}")
            done += not inbound.receive(clinic, words, now=now).duplicate
        elif alert.status == AlertStatus.ACKNOWLEDGED:
            closing.resolve(
                clinic,
                code=alert.code,
                by=f"staff:{machine.id}",
                staff_id=machine.id,
                disposition=Disposition.OTHER,
                note="The daily test; no person.",
                verdict=Verdict.NOT_SURE,
                now=now,
            )
            done += 1
    return done


def _machine(db: Session) -> Staff | None:
    return next(iter(people.list_machines(db)), None)


def _text(provider_id: str, sender: str, words: str) -> InboundText:
    return InboundText(
        provider=PROVIDER,
        provider_id=provider_id,
        from_number=sender,
        to_number="",
        body=words,
    )
