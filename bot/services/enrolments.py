"""Invites her, records what she agreed to, and honours every wish to stop."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.core.enrolments import (
    ConsentKind,
    ConversationMode,
    EnrolmentStatus,
    QuestionKind,
    QuestionRoute,
    check_transition,
)
from bot.core.ids import new_id
from bot.core.languages import Language
from bot.core.messages import Lane
from bot.services import conversations, outbox, practice, support
from bot.services.clinic import Clinic
from bot.storage import care, messages, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import ConsentRecord, Conversation, Enrolment, Patient


@dataclass(frozen=True)
class NewPatient:
    """Who is to be invited, after she agreed to it in a conversation with her clinician."""

    name: str
    phone: str
    language: Language
    time_zone: str


@dataclass(frozen=True)
class Source:
    """Where a wish came from: her text, the carrier, or a member of staff."""

    kind: str
    inbound_id: str | None = None


def add_patient(clinic: Clinic, db: Session, new: NewPatient, *, by: str, now: datetime) -> Patient:
    """Write a new patient into the records, without texting her.

    :raises ValueError: no such time zone.
    """
    ZoneInfo(new.time_zone)
    patient = Patient(
        id=new_id(),
        phone_index=people.index_of(db, new.phone),
        language=new.language,
        time_zone=new.time_zone,
        created_at=now,
    )
    sealing.put(db, patient, name=new.name, phone=new.phone)
    db.add(patient)
    db.flush()
    db.add(Enrolment(patient_id=patient.id, status=EnrolmentStatus.INVITED, invited_at=now))
    db.add(Conversation(patient_id=patient.id, key=new_id(), mode=ConversationMode.BOT))
    db.flush()
    record(db, Audit(by, "add_patient", f"patient:{patient.id}"), now=now)
    return patient


def admit(db: Session, patient: Patient, *, route: QuestionRoute, now: datetime) -> None:
    """She agreed on paper or by voice, before any text: it goes on record all the same."""
    enrolment = people.enrolment_of(db, patient.id)
    check_transition(EnrolmentStatus(enrolment.status), EnrolmentStatus.ACTIVE)
    enrolment.status, enrolment.started_at = EnrolmentStatus.ACTIVE, now
    enrolment.question_route = route
    _consent(db, patient, ConsentKind.STARTED, Source("staff"), now=now)
    _consent(db, patient, ConsentKind.CHANNEL_RISK, Source("staff"), now=now)


def invite(clinic: Clinic, new: NewPatient, *, by: str, now: datetime) -> str:
    """Add a patient and send her the first text, in daytime; her id."""
    with clinic.db.transaction() as db:
        patient = add_patient(clinic, db, new, by=by, now=now)
        sent = _send(clinic, db, patient, "invite", key=f"invite:{patient.id}", now=now)
        _consent(db, patient, ConsentKind.INVITED, Source("staff"), now=now, text=("invite", sent))
        conversation = care.conversation_of(db, patient.id)
        conversations.open_question(db, conversation, QuestionKind.CONSENT, ref=None, now=now)
        return patient.id


def start(clinic: Clinic, db: Session, patient: Patient, source: Source, *, now: datetime) -> None:
    """She said 1: record it, tell her the risk of texts and that this is no emergency line."""
    enrolment = people.enrolment_of(db, patient.id)
    check_transition(EnrolmentStatus(enrolment.status), EnrolmentStatus.ACTIVE)
    enrolment.status, enrolment.started_at = EnrolmentStatus.ACTIVE, now
    emergency = _send(
        clinic, db, patient, "invite_emergency", key=f"emergency:{patient.id}", now=now, asked=True
    )
    privacy = _send(
        clinic, db, patient, "invite_privacy", key=f"privacy:{patient.id}", now=now, asked=True
    )
    _consent(db, patient, ConsentKind.STARTED, source, now=now, text=("invite", emergency))
    _consent(
        db, patient, ConsentKind.CHANNEL_RISK, source, now=now, text=("invite_privacy", privacy)
    )
    conversation = care.conversation_of(db, patient.id)
    conversations.open_question(db, conversation, QuestionKind.PRIVACY, ref=None, now=now)


def decline(
    clinic: Clinic, db: Session, patient: Patient, source: Source, *, call: bool, now: datetime
) -> None:
    """She said 2 (no texts) or 3 (call me): both are a person's business now."""
    enrolment = people.enrolment_of(db, patient.id)
    if not call:
        check_transition(EnrolmentStatus(enrolment.status), EnrolmentStatus.ENDED)
        enrolment.status, enrolment.ended_at = EnrolmentStatus.ENDED, now
    _consent(db, patient, ConsentKind.DECLINED, source, now=now)
    text = "consent_call" if call else "consent_declined"
    _send(clinic, db, patient, text, key=f"{text}:{source.inbound_id}", now=now, asked=True)
    support.open_item(
        clinic,
        db,
        SupportKind.CALL_BACK,
        patient_id=patient.id,
        inbound_id=source.inbound_id,
        now=now,
    )
    conversations.close_question(db, care.conversation_of(db, patient.id), now=now)


def choose_route(
    clinic: Clinic,
    db: Session,
    patient: Patient,
    route: QuestionRoute,
    source: Source,
    *,
    now: datetime,
) -> None:
    """How she wants private questions: by link, by phone, or here."""
    kinds = {
        QuestionRoute.LINK: ConsentKind.QUESTIONS_BY_LINK,
        QuestionRoute.PHONE: ConsentKind.QUESTIONS_BY_PHONE,
        QuestionRoute.TEXT: ConsentKind.QUESTIONS_BY_TEXT,
    }
    people.enrolment_of(db, patient.id).question_route = route
    _consent(db, patient, kinds[route], source, now=now)


def stop(
    clinic: Clinic,
    db: Session,
    patient: Patient,
    source: Source,
    *,
    confirm: bool,
    now: datetime,
) -> None:
    """No more texts, from this moment: what waited is not sent, one confirmation may be.

    :param confirm: the carrier has not confirmed it already.
    """
    state = people.number_state(db, patient.phone_index)
    state.opted_out_at = state.opted_out_at or now
    enrolment = people.enrolment_of(db, patient.id)
    if enrolment.status != EnrolmentStatus.ENDED:
        check_transition(EnrolmentStatus(enrolment.status), EnrolmentStatus.ENDED)
        enrolment.status, enrolment.ended_at = EnrolmentStatus.ENDED, now
    outbox.suppress_routine(db, patient.phone_index, "opted_out", now=now)
    _consent(db, patient, ConsentKind.STOPPED, source, now=now)
    conversation = care.conversation_of(db, patient.id)
    conversations.close_question(db, conversation, now=now)
    conversations.abandon_administration(db, patient.id, now=now)
    if confirm:
        key = f"stop:{source.inbound_id or new_id()}"
        _send(clinic, db, patient, "stop_confirmed", key=key, now=now, asked=True, despite=True)


def restart(
    clinic: Clinic, db: Session, patient: Patient, source: Source, *, confirm: bool, now: datetime
) -> None:
    """START: she may be texted again."""
    people.number_state(db, patient.phone_index).opted_out_at = None
    enrolment = people.enrolment_of(db, patient.id)
    if enrolment.status == EnrolmentStatus.INVITED:
        # "1 start" was the offer: the word is her yes, and she is told the risks like everybody.
        start(clinic, db, patient, source, now=now)
        return
    if enrolment.status != EnrolmentStatus.ACTIVE:
        check_transition(EnrolmentStatus(enrolment.status), EnrolmentStatus.ACTIVE)
        enrolment.status, enrolment.started_at, enrolment.ended_at = (
            EnrolmentStatus.ACTIVE,
            now,
            None,
        )
    _consent(db, patient, ConsentKind.RESTARTED, source, now=now)
    if confirm:
        key = f"start:{source.inbound_id or new_id()}"
        _send(clinic, db, patient, "start_confirmed", key=key, now=now, asked=True)


def forget(clinic: Clinic, db: Session, patient: Patient, source: Source, *, now: datetime) -> None:
    """She wants her data erased: texts stop now; a person answers for what the law keeps."""
    patient.forget_asked_at = patient.forget_asked_at or now
    _consent(db, patient, ConsentKind.FORGET_ASKED, source, now=now)
    stop(clinic, db, patient, source, confirm=False, now=now)
    support.open_item(
        clinic,
        db,
        SupportKind.FORGET,
        patient_id=patient.id,
        inbound_id=source.inbound_id,
        now=now,
    )
    key = f"forget:{source.inbound_id or new_id()}"
    _send(clinic, db, patient, "forget_confirmed", key=key, now=now, asked=True, despite=True)


def mark_loss(clinic: Clinic, db: Session, patient: Patient, *, now: datetime) -> None:
    """Her baby may have died: automatic texts rest, and no text speaks of a baby again.

    A state and no opt-out (clinic rules, "Loss"); screening goes on.
    """
    patient.loss_at = patient.loss_at or now
    outbox.suppress_routine(db, patient.phone_index, "loss", now=now)
    conversations.close_question(db, care.conversation_of(db, patient.id), now=now)
    conversations.abandon_administration(db, patient.id, now=now)
    record(db, Audit("system", "mark_loss", f"patient:{patient.id}"), now=now)


def set_language(db: Session, patient: Patient, language: Language, *, now: datetime) -> None:
    """Speak this language with her from now on."""
    patient.language = language
    record(db, Audit("system", "set_language", f"patient:{patient.id}", {"to": language}), now=now)


def _send(
    clinic: Clinic,
    db: Session,
    patient: Patient,
    text_id: str,
    *,
    key: str,
    now: datetime,
    asked: bool = False,
    despite: bool = False,
) -> int:
    """Queue one text of the enrolment; the version that she is told."""
    if messages.has_outbound(db, key):
        return 0
    row = outbox.queue(
        clinic,
        db,
        outbox.Text(
            id=text_id,
            key=key,
            lane=Lane.REPLY if asked else Lane.REMINDER,
            values={"time": practice.promise(clinic.protocol, patient, now=now)},
            waits_for_day=not asked,
            despite_opt_out=despite,
        ),
        outbox.to_patient(db, patient),
        now=now,
    )
    return row.text_version if row else 0


def _consent(
    db: Session,
    patient: Patient,
    kind: ConsentKind,
    source: Source,
    *,
    now: datetime,
    text: tuple[str, int] = ("", 0),
) -> None:
    db.add(
        ConsentRecord(
            patient_id=patient.id,
            kind=kind,
            source=source.kind,
            inbound_id=source.inbound_id,
            text_id=text[0] or None,
            text_version=text[1] or None,
            at=now,
        )
    )
    actor = f"patient:{patient.id}" if source.kind == "sms" else source.kind
    record(db, Audit(actor, "consent", f"patient:{patient.id}", {"kind": kind}), now=now)
