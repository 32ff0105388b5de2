"""Puts texts into the outbox: the only way in which anything is ever sent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.content.texts import Rendered
from bot.core.escalation import PageChannel
from bot.core.ids import new_id
from bot.core.languages import Language
from bot.core.levels import OF_THE_BODY, Level
from bot.core.messages import Lane, OutboundStatus
from bot.core.text_rules import Purpose
from bot.services import practice
from bot.services.clinic import Clinic
from bot.storage import messages, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, OutboundMessage, Patient, Staff

# Stands in place of a catalogue id when a person wrote the text.
WRITTEN = "staff_written"
# Why a reply of the bot did not go: a person speaks with her now.
TAKEN_OVER = "person_took_over"


def intro_key(administration_id: str) -> str:
    """Names the text that stands before a check-in's first question."""
    return f"intro:{administration_id}"


@dataclass(frozen=True)
class Text:
    """One text that is to go out, by catalogue id.

    :param key: names the intention; the same key queued twice is one text.
    :param send_after: aware; now when none.
    :param waits_for_day: a routine text that must not go out at night.
    """

    id: str
    key: str
    lane: Lane
    values: dict[str, str] = field(default_factory=dict)
    send_after: datetime | None = None
    expires_after: timedelta | None = None
    waits_for_day: bool = False
    despite_opt_out: bool = False
    in_reply_to: str | None = None
    administration_id: str | None = None
    item: int | None = None
    appointment_id: str | None = None
    alert_id: str | None = None
    page_id: str | None = None


@dataclass(frozen=True)
class Addressee:
    """Who a text goes to; a patient, a member of staff, or a number we do not know.

    :param number: or the address, where the way there is no phone.
    """

    number: str
    language: Language = Language.ENGLISH
    bereaved: bool = False
    patient_id: str | None = None
    staff_id: str | None = None
    channel: PageChannel = PageChannel.SMS


def to_patient(db: Session, patient: Patient) -> Addressee:
    """A patient as the addressee of a text, in her language."""
    return Addressee(
        number=sealing.get(db, patient, "phone"),
        language=Language(patient.language),
        bereaved=patient.loss_at is not None,
        patient_id=patient.id,
        channel=PageChannel.CANARY if patient.is_test else PageChannel.SMS,
    )


def to_staff(db: Session, staff: Staff) -> Addressee:
    """A member of staff as the addressee of a text."""
    return Addressee(
        number=sealing.get(db, staff, "phone"),
        staff_id=staff.id,
        channel=PageChannel.CANARY if staff.is_test else PageChannel.SMS,
    )


def queue(
    clinic: Clinic, db: Session, text: Text, addressee: Addressee, *, now: datetime
) -> OutboundMessage | None:
    """Put a text into the outbox; none when this very intention is there already.

    :raises NotFound: no such text in the catalogue.
    """
    values = {**practice.blanks(clinic.protocol, addressee.language), **text.values}
    rendered = clinic.texts.render(
        text.id,
        addressee.language,
        values,
        bereaved=addressee.bereaved,
        life_at_risk=_life_at_risk(clinic, db, text),
    )
    return _put(db, text, rendered, addressee, now=now)


def _life_at_risk(clinic: Clinic, db: Session, text: Text) -> bool:
    """Is this about an alert in which a body is in danger now, so that 911 comes before 988?"""
    if text.alert_id is None or clinic.texts.get(text.id, Language.ENGLISH).life_text is None:
        return False
    alert = db.get_one(Alert, text.alert_id)
    return alert.level == Level.EMERGENCY and alert.category in OF_THE_BODY


def queue_written(
    clinic: Clinic,
    db: Session,
    words: str,
    *,
    key: str,
    lane: Lane,
    addressee: Addressee,
    now: datetime,
) -> OutboundMessage | None:
    """Put the words of a member of staff into the outbox; none when this form was sent already.

    The one text that is not in the catalogue: a named person wrote it, and the caller has checked
    it by the same rules.
    """
    if messages.has_outbound(db, key):
        return None
    text = Text(id=WRITTEN, key=key, lane=lane)
    return _put(db, text, Rendered(WRITTEN, 1, addressee.language, words), addressee, now=now)


def _put(
    db: Session, text: Text, rendered: Rendered, addressee: Addressee, *, now: datetime
) -> OutboundMessage | None:
    send_after = text.send_after or now
    row = OutboundMessage(
        id=new_id(),
        dedupe_key=text.key,
        lane=text.lane,
        channel=addressee.channel,
        status=OutboundStatus.QUEUED,
        phone_index=people.index_of(db, addressee.number),
        text_id=rendered.text_id,
        text_version=rendered.version,
        language=rendered.language,
        patient_id=addressee.patient_id,
        staff_id=addressee.staff_id,
        in_reply_to=text.in_reply_to,
        administration_id=text.administration_id,
        item=text.item,
        appointment_id=text.appointment_id,
        alert_id=text.alert_id,
        page_id=text.page_id,
        created_at=now,
        send_after=send_after,
        expires_at=send_after + text.expires_after if text.expires_after else None,
        waits_for_day=text.waits_for_day,
        despite_opt_out=text.despite_opt_out,
    )
    sealing.put(db, row, phone=addressee.number, body=rendered.body)
    if not messages.add_outbound(db, row):
        return None
    record(
        db,
        Audit("system", "queue", f"outbound:{row.id}", {"text": text.id, "lane": text.lane}),
        now=now,
    )
    return row


def suppress(db: Session, row: OutboundMessage, because: str, *, now: datetime) -> None:
    """Do not send this text, and keep it with the reason (rule S4)."""
    # A row that was queued just now is written past the session, which knows nothing of it yet.
    kept = row if row in db else db.get_one(OutboundMessage, row.id)
    for known in (row, kept):
        known.status = OutboundStatus.SUPPRESSED
        known.suppressed_because = because
        known.lease_until = None
    record(db, Audit("system", "suppress", f"outbound:{row.id}", {"because": because}), now=now)


def suppress_routine(db: Session, phone_index: str, because: str, *, now: datetime) -> None:
    """Do not send what still waits for this number, but for crisis replies and pages."""
    for row in messages.list_queued_to(db, phone_index):
        if row.lane in (Lane.REPLY, Lane.REMINDER) and not row.despite_opt_out:
            suppress(db, row, because, now=now)


def withdraw_replies(clinic: Clinic, db: Session, phone_index: str, *, now: datetime) -> None:
    """A person speaks with her from now on: what the bot was about to say is not said."""
    for row in messages.list_queued_to(db, phone_index):
        if gives_way_to_a_person(clinic, row):
            suppress(db, row, TAKEN_OVER, now=now)


def gives_way_to_a_person(clinic: Clinic, row: OutboundMessage) -> bool:
    """Does this text fall silent when a person takes over?

    Not what helps in danger or is about an alert, what confirms a wish of hers, the words that she
    hears after a loss, or what a colleague wrote.
    """
    if row.lane != Lane.REPLY or row.text_id == WRITTEN:
        return False
    if row.alert_id is not None or row.despite_opt_out:
        return False
    if row.text_id not in clinic.texts:
        return True  # an answer that was taken out of the catalogue meanwhile
    purpose = clinic.texts.get(row.text_id, Language.ENGLISH).purpose
    return purpose in (Purpose.REPLY, Purpose.ITEM)
