"""What staff do with a patient in the console: speak in place of the bot, pause, stop, write."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.enrolments import EnrolmentStatus, check_transition
from bot.core.languages import Language
from bot.core.levels import Level
from bot.core.messages import Lane
from bot.core.written_texts import objections
from bot.errors import NotAllowed, PhoneMayBeRead, TextQuestioned
from bot.services import conversations, enrolments, form_keys, outbox, read_along
from bot.services.clinic import Clinic
from bot.storage import alerts, care, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Patient, Takeover

LONGEST = 600
# What word processors and phones put in place of plain signs; each would make a text dearer.
_PLAIN = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2026": "..."}
)


@dataclass(frozen=True)
class WrittenBy:
    """Who writes to her, and how firmly.

    :param may_insist: a clinician may know better than most rules for texts.
    :param insist: names the words that this person was warned of and sends all the same.
    :param although_read: names the words that may go to a phone which somebody else may read.
    """

    staff_id: str
    may_insist: bool = False
    insist: str = ""
    although_read: str = ""


def take_over(clinic: Clinic, patient_id: str, *, staff_id: str, now: datetime) -> None:
    """A person speaks with her: the bot is silent; screening and alerts go on."""
    with clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_id)
        conversation = care.conversation_of(db, patient_id)
        running = running_takeover(db, patient_id)
        if running is not None and running.staff_id == staff_id:
            return
        if running is not None:
            running.ended_at = now
        conversations.hand_to_people(db, conversation, now=now)
        outbox.withdraw_replies(clinic, db, patient.phone_index, now=now)
        db.add(Takeover(patient_id=patient_id, staff_id=staff_id, started_at=now))
        record(db, Audit(f"staff:{staff_id}", "take_over", f"patient:{patient_id}"), now=now)


def hand_to_bot(clinic: Clinic, patient_id: str, *, staff_id: str, now: datetime) -> None:
    """The bot may answer her again.

    :raises NotAllowed: an urgent alert about her is open; it is closed first.
    """
    with clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_id)
        care.conversation_of(db, patient_id)
        alert = alerts.find_unresolved(db, patient.phone_index)
        if alert is not None and Level(alert.level).at_least(Level.URGENT):
            raise NotAllowed(f"Alert {alert.code} is open. Resolve it first; the bot stays silent.")
        running = running_takeover(db, patient_id)
        if running is not None:
            running.ended_at = now
            db.flush()
        conversations.give_back_to_bot(db, patient_id, now=now)
        record(db, Audit(f"staff:{staff_id}", "hand_to_bot", f"patient:{patient_id}"), now=now)


def running_takeover(db: Session, patient_id: str) -> Takeover | None:
    """The takeover that runs now, if a person speaks with her."""
    query = select(Takeover).where(Takeover.patient_id == patient_id, Takeover.ended_at.is_(None))
    return db.scalars(query.order_by(Takeover.id.desc()).limit(1)).first()


def write_text(
    clinic: Clinic, patient_id: str, words: str, *, key: str, by: WrittenBy, now: datetime
) -> bool:
    """Send her the words of a person, through the outbox like everything.

    :param key: of the form that was filled in (``form_keys``); the same words from the same form
        are one text, other words from it (the browser's Back) are another.
    :returns: whether it was put into the outbox now; false when it is there already.
    :raises PhoneMayBeRead: somebody else may read her phone, and nobody has said "all the same".
    :raises TextQuestioned: it breaks a rule for texts, and nobody has insisted.
    :raises NotAllowed: empty, too long, no form of ours, or she wants no texts; says why.
    """
    words = words.strip().translate(_PLAIN)
    form_keys.check(clinic, by.staff_id, key)
    # Keyed and one-way: what she is told is not to be guessed from the name of the intention.
    intention = clinic.db.vault.index("\n".join(("written", by.staff_id, key, patient_id, words)))
    with clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_id)
        refusal = _refusal(db, patient, words)
        if refusal is not None:
            raise NotAllowed(refusal)
        details: dict[str, object] = {}
        if read_along.may_be_seen(db, patient):
            _ask_about_phone(words, by)
            details["phone_may_be_read"] = True
        if insisted := _check(clinic, patient, words, by):
            details["insisted"] = insisted
        row = outbox.queue_written(
            clinic,
            db,
            words,
            key=f"written:{intention}",
            lane=Lane.REPLY,
            addressee=outbox.to_patient(db, patient),
            now=now,
        )
        if row is not None:
            subject = f"outbound:{row.id}"
            record(db, Audit(f"staff:{by.staff_id}", "write_text", subject, details), now=now)
        return row is not None


def _check(clinic: Clinic, patient: Patient, words: str, by: WrittenBy) -> list[str]:
    """The rules against which somebody insisted.

    :raises TextQuestioned: nobody has, or nobody may.
    """
    against = objections(words, Language(patient.language), own=clinic.console_url)
    if not against:
        return []
    named = _name(words)
    may_insist = by.may_insist and not any(one.final for one in against)
    if may_insist and by.insist == named:
        return [one.rule for one in against]
    said = " ".join(dict.fromkeys(one.cure for one in against))
    raise TextQuestioned(f"Not sent. {said}", insist=named if may_insist else "")


def _ask_about_phone(words: str, by: WrittenBy) -> None:
    """A clinician is asked once more; what may be seen at home is no decision of support's.

    :raises PhoneMayBeRead: nobody has said "all the same" of these words, or nobody may.
    """
    if not by.may_insist:
        raise PhoneMayBeRead(
            "Not sent. Somebody may read her phone, and only a clinician may text her there. "
            "Your words are kept below: ask a clinician."
        )
    if by.although_read != _name(words):
        raise PhoneMayBeRead(
            "Not sent yet. Somebody may read this phone. Send it all the same? Then tick the box "
            "under your words, and send it. Safer: phone her.",
            confirm=_name(words),
        )


def _name(words: str) -> str:
    """Names these very words: who changes them after a warning is warned anew."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _refusal(db: Session, patient: Patient, words: str) -> str | None:
    if not words:
        return "Write something first."
    if len(words) > LONGEST:
        return f"A text may be {LONGEST} characters long. Make two of it."
    if people.is_opted_out(db, patient.phone_index):
        return "She wants no texts. Phone her."
    if people.enrolment_of(db, patient.id).status == EnrolmentStatus.INVITED:
        return "She has not agreed to texts yet. Phone her."
    return None


def pause(clinic: Clinic, patient_id: str, *, staff_id: str, now: datetime) -> None:
    """No check-ins for a while; she may still write, and screening goes on."""
    _set_status(clinic, patient_id, EnrolmentStatus.PAUSED, "pause", staff_id=staff_id, now=now)


def resume(clinic: Clinic, patient_id: str, *, staff_id: str, now: datetime) -> None:
    """Check-ins go on."""
    with clinic.db.reading() as db:
        if people.enrolment_of(db, patient_id).status != EnrolmentStatus.PAUSED:
            raise NotAllowed("She is not paused.")
    _set_status(clinic, patient_id, EnrolmentStatus.ACTIVE, "resume", staff_id=staff_id, now=now)


def stop_texts(clinic: Clinic, patient_id: str, *, staff_id: str, now: datetime) -> None:
    """She said that she wants no more texts: one last text confirms it."""
    with clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_id)
        if people.is_opted_out(db, patient.phone_index):
            return
        source = enrolments.Source("staff")
        enrolments.stop(clinic, db, patient, source, confirm=True, now=now)
        record(db, Audit(f"staff:{staff_id}", "stop_texts", f"patient:{patient_id}"), now=now)


def start_texts(clinic: Clinic, patient_id: str, *, staff_id: str, now: datetime) -> None:
    """She agreed to texts again, in words, to this member of staff.

    :raises NotAllowed: she has not opted out.
    """
    with clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_id)
        if not people.is_opted_out(db, patient.phone_index):
            raise NotAllowed("She has not opted out.")
        source = enrolments.Source("staff")
        enrolments.restart(clinic, db, patient, source, confirm=True, now=now)
        record(db, Audit(f"staff:{staff_id}", "start_texts", f"patient:{patient_id}"), now=now)


def phone_is_read(clinic: Clinic, patient_id: str, *, staff_id: str, now: datetime) -> None:
    """Somebody at home may read her phone: nothing that she did not ask for goes there."""
    with clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_id)
        read_along.begin(db, patient, by=f"staff:{staff_id}", now=now)


def phone_is_hers(clinic: Clinic, patient_id: str, *, staff_id: str, now: datetime) -> None:
    """She said that her phone is hers alone: what was held goes out, and texts go on.

    :raises NotAllowed: an alert about her is open; whoever closes it decides this after.
    """
    with clinic.db.transaction() as db:
        patient = people.get_patient(db, patient_id)
        alert = alerts.find_unresolved(db, patient.phone_index)
        if alert is not None:
            raise NotAllowed(f"Alert {alert.code} is open. Close it first; her texts stay held.")
        read_along.end(db, patient, by=f"staff:{staff_id}", now=now)


def _set_status(
    clinic: Clinic,
    patient_id: str,
    status: EnrolmentStatus,
    verb: str,
    *,
    staff_id: str,
    now: datetime,
) -> None:
    with clinic.db.transaction() as db:
        people.get_patient(db, patient_id)
        enrolment = people.enrolment_of(db, patient_id)
        if enrolment.status == status:
            return
        check_transition(EnrolmentStatus(enrolment.status), status)
        enrolment.status = status
        record(db, Audit(f"staff:{staff_id}", verb, f"patient:{patient_id}"), now=now)
