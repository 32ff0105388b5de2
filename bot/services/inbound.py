"""The one way in: stores a text, screens it and raises the alert, in one transaction (S1, S7).

Whatever happens afterwards, to Rasa or to the carrier, the alert and its first page exist. Her
words are read for danger before the transaction begins, so that others can write meanwhile; in it
we make sure that they were read beside the right earlier texts.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from bot.core.ids import new_id
from bot.core.messages import InboundText
from bot.core.signs import without_controls
from bot.services import patient_texts, screening, staff_texts, unknown_texts
from bot.services.arrival import Arrival
from bot.services.clinic import Clinic
from bot.storage import arrivals, messages, sealing
from bot.storage.audit import Audit, record
from bot.storage.database import Turn
from bot.storage.tables import InboundMessage

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
    text = _readable(text)
    screened = screening.ahead(clinic, text, now=now)
    for tries in range(_TRIES - 1):
        try:
            return _receive_once(clinic, text, screened, now=now, is_new=tries == 0)
        except (IntegrityError, OperationalError) as error:
            # The carrier brought it before, which is rarer than looking each time is cheap. Or two
            # gateways met: over the same text, over the first words of an unknown number, or
            # waiting for each other's rows. Carriers do not bring a text a second time.
            if isinstance(error, OperationalError) and not _is_collision(error):
                raise
    return _receive_once(clinic, text, screened, now=now, is_new=False)


def _readable(text: InboundText) -> InboundText:
    """The text without control characters: what is screened is what is stored and shown."""
    return replace(
        text,
        provider_id=without_controls(text.provider_id),
        from_number=without_controls(text.from_number),
        to_number=without_controls(text.to_number),
        body=without_controls(text.body),
    )


def _receive_once(
    clinic: Clinic,
    text: InboundText,
    screened: screening.Screened,
    *,
    now: datetime,
    is_new: bool,
) -> Received:
    def act(db: Session) -> Received:
        if not is_new:
            known = {"provider": text.provider, "provider_id": text.provider_id}
            existing = messages.find_inbound(db, **known)
            if existing is not None:
                return Received(existing.id, duplicate=True)
        return _receive(clinic, db, text, screened, now=now)

    return clinic.db.together(act, turn=Turn.INBOUND)


def _is_collision(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _COLLISIONS


def _receive(
    clinic: Clinic, db: Session, text: InboundText, screened: screening.Screened, *, now: datetime
) -> Received:
    sender = arrivals.find_sender(db, screened.phone_index)
    row = _row(db, text, sender, now=now)
    arrival = Arrival(clinic, db, row, sender, text, screened, now)
    if sender.patient is not None and sender.conversation is not None:
        patient_texts.receive(arrival, sender.patient, sender.conversation)
    elif sender.staff is not None:
        staff_texts.receive(arrival, sender.staff)
    else:
        unknown_texts.receive(arrival)
    arrivals.store(db, row)
    details = {"provider": text.provider, "media": text.media_count}
    record(db, Audit("carrier", "receive", f"inbound:{row.id}", details), now=now)
    return Received(row.id, duplicate=False)


def _row(
    db: Session, text: InboundText, sender: arrivals.Sender, *, now: datetime
) -> InboundMessage:
    """The text as it will be stored, once it is known what is to be done about it."""
    row = InboundMessage(
        id=new_id(),
        provider=text.provider,
        provider_id=text.provider_id,
        phone_index=sender.phone_index,
        media_count=text.media_count,
        carrier_answered=text.opt_out_type,
        patient_id=sender.patient.id if sender.patient else None,
        staff_id=sender.staff.id if sender.staff else None,
        received_at=now,
        signals=[],
        dialogue_status="none",
    )
    sealing.put(db, row, phone=text.from_number, body=text.body)
    return row
