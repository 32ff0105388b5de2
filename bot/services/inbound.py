"""The one way in: stores a text, screens it and raises the alert, in one transaction (S1, S7).

Whatever happens afterwards, to Rasa or to the carrier, the alert and its first page exist.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from bot.core.ids import new_id
from bot.core.messages import InboundText
from bot.services import patient_texts, staff_texts, unknown_texts
from bot.services.clinic import Clinic
from bot.storage import messages, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.database import Turn
from bot.storage.tables import InboundMessage, Patient, Staff

_TRIES = 3
# PostgreSQL: serialization failure, deadlock.
_COLLISIONS = frozenset({"40001", "40P01"})


@dataclass(frozen=True)
class Received:
    """What became of a text.

    :param inbound_id: our id of it.
    :param duplicate: the carrier had sent it before; nothing was changed.
    """

    inbound_id: str
    duplicate: bool


def receive(clinic: Clinic, text: InboundText, *, now: datetime) -> Received:
    """Store a text, screen it, and do at once whatever must not wait.

    Nothing slow happens here: the carrier waits for our answer.
    """
    for _ in range(_TRIES - 1):
        try:
            return _receive_once(clinic, text, now=now)
        except (IntegrityError, OperationalError) as error:
            # Two gateways met: over the same text, over the first words of an unknown number, or
            # waiting for each other's rows. Carriers do not bring a text a second time.
            if isinstance(error, OperationalError) and not _is_collision(error):
                raise
    return _receive_once(clinic, text, now=now)


def _receive_once(clinic: Clinic, text: InboundText, *, now: datetime) -> Received:
    with clinic.db.transaction(turn=Turn.INBOUND) as db:
        return _receive(clinic, db, text, now=now)


def _is_collision(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _COLLISIONS


def _receive(clinic: Clinic, db: Session, text: InboundText, *, now: datetime) -> Received:
    existing = messages.find_inbound(db, provider=text.provider, provider_id=text.provider_id)
    if existing is not None:
        return Received(existing.id, duplicate=True)
    index = people.index_of(db, text.from_number)
    staff, patient = people.find_staff(db, index), people.find_patient(db, index)
    row = _store(db, text, index, staff, patient, now=now)
    if patient is not None:
        patient_texts.receive(clinic, db, row, patient, text, now=now)
    elif staff is not None:
        staff_texts.receive(clinic, db, row, staff, text, now=now)
    else:
        unknown_texts.receive(clinic, db, row, text, now=now)
    details = {"provider": text.provider, "media": text.media_count}
    record(db, Audit("carrier", "receive", f"inbound:{row.id}", details), now=now)
    return Received(row.id, duplicate=False)


def _store(
    db: Session,
    text: InboundText,
    index: str,
    staff: Staff | None,
    patient: Patient | None,
    *,
    now: datetime,
) -> InboundMessage:
    row = InboundMessage(
        id=new_id(),
        provider=text.provider,
        provider_id=text.provider_id,
        phone_index=index,
        media_count=text.media_count,
        carrier_answered=text.opt_out_type,
        patient_id=patient.id if patient else None,
        staff_id=staff.id if staff else None,
        received_at=now,
        signals=[],
        dialogue_status="none",
    )
    sealing.put(db, row, phone=text.from_number, body=text.body)
    db.add(row)
    db.flush()
    return row
