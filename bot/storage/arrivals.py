"""What is looked up and written when a text comes in: few statements, for the carrier waits.

A clinic's number may get a hundred texts a second, and a statement costs more to prepare than to
run. So all that is known of a number is read at once, and rows that nobody needs as objects are
read and written without them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bot.core.alerts import UNRESOLVED
from bot.core.languages import Language
from bot.core.messages import OutboundStatus
from bot.storage import alerts, people
from bot.storage.messages import columns_of
from bot.storage.tables import (
    Alert,
    Conversation,
    Enrolment,
    InboundMessage,
    NumberState,
    OutboundMessage,
    Patient,
    Staff,
)
from bot.storage.vault import Vault

_TABLE = InboundMessage.__tablename__
_INSERT = insert(InboundMessage)
_PATIENT = (
    select(Patient, Conversation, Enrolment, NumberState, Alert, Staff)
    .join(Conversation, Conversation.patient_id == Patient.id)
    .outerjoin(Enrolment, Enrolment.patient_id == Patient.id)
    .outerjoin(NumberState, NumberState.phone_index == Patient.phone_index)
    .outerjoin(Alert, and_(Alert.phone_index == Patient.phone_index, Alert.status.in_(UNRESOLVED)))
    .outerjoin(Staff, and_(Staff.phone_index == Patient.phone_index, Staff.disabled_at.is_(None)))
    .where(Patient.phone_index == bindparam("phone_index"))
    .order_by(Alert.id)
    .limit(1)
)
_LOCK = (
    select(Conversation.id)
    .join(Patient, Patient.id == Conversation.patient_id)
    .where(Patient.phone_index == bindparam("phone_index"))
    .with_for_update(of=Conversation)
)
_LANGUAGE = select(Patient.language).where(Patient.phone_index == bindparam("phone_index"))
_EARLIER = (
    select(InboundMessage.id, InboundMessage.received_at, InboundMessage.body_sealed)
    .where(
        InboundMessage.phone_index == bindparam("phone_index"),
        InboundMessage.received_at >= bindparam("since"),
    )
    .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
    .limit(bindparam("most"))
)
_LATELY = select(
    select(func.count())
    .select_from(InboundMessage)
    .where(
        InboundMessage.phone_index == bindparam("phone_index"),
        InboundMessage.received_at >= bindparam("minute"),
        InboundMessage.id != bindparam("own"),
    )
    .scalar_subquery(),
    select(func.count())
    .select_from(OutboundMessage)
    .where(
        OutboundMessage.phone_index == bindparam("phone_index"),
        OutboundMessage.created_at >= bindparam("hour"),
        OutboundMessage.status != OutboundStatus.SUPPRESSED,
    )
    .scalar_subquery(),
)


@dataclass(frozen=True)
class Sender:
    """All that we know of the number that a text came from.

    :param alert: the one alert about it that no person has closed.
    """

    phone_index: str
    patient: Patient | None = None
    conversation: Conversation | None = None
    enrolment: Enrolment | None = None
    state: NumberState | None = None
    alert: Alert | None = None
    staff: Staff | None = None

    @property
    def opted_out(self) -> bool:
        """Has this number asked for no more texts?"""
        return self.state is not None and self.state.opted_out_at is not None


@dataclass(frozen=True)
class Earlier:
    """A text that the same number sent before."""

    id: str
    received_at: datetime
    body: str


def find_sender(db: Session, phone_index: str) -> Sender:
    """Who wrote; her conversation is locked, for two halves of a text may come to two gateways."""
    known = {"phone_index": phone_index}
    several_writers = db.get_bind().dialect.name != "sqlite"
    if several_writers:
        # Locked before anything is read: what is read while waiting for a lock is stale after it.
        db.connection().execute(_LOCK, known)
    row = db.execute(_PATIENT, known).first()
    if row is None:
        return Sender(phone_index, staff=people.find_staff(db, phone_index))
    sender = Sender(phone_index, *row)
    if several_writers and sender.alert is not None:
        # A clinician may be acknowledging it at this moment, and does not lock her conversation.
        alerts.lock(db, sender.alert.id)
    return sender


def language_of(connection: Connection, phone_index: str) -> Language | None:
    """The language of the patient with this number, if there is one."""
    found = connection.execute(_LANGUAGE, {"phone_index": phone_index}).scalar()
    return None if found is None else Language(found)


def earlier_texts(
    connection: Connection, vault: Vault, phone_index: str, *, since: datetime, most: int
) -> list[Earlier]:
    """The last texts from this number, oldest first."""
    given = {"phone_index": phone_index, "since": since, "most": most}
    found = connection.execute(_EARLIER, given).all()
    return [
        Earlier(row_id, at, vault.open(sealed, table=_TABLE, row=row_id, column="body_sealed"))
        for row_id, at, sealed in reversed(found)
    ]


def count_lately(
    db: Session, phone_index: str, *, besides: str, minute: datetime, hour: datetime
) -> tuple[int, int]:
    """How many other texts came from this number since *minute*, and went to it since *hour*."""
    given = {"phone_index": phone_index, "own": besides, "minute": minute, "hour": hour}
    row = db.connection().execute(_LATELY, given).one()
    return row[0], row[1]


def store(db: Session, row: InboundMessage) -> None:
    """Write the text with all that was decided about it, in one statement.

    :raises IntegrityError: it is there already; nothing of this transaction stays.
    """
    db.connection().execute(_INSERT, columns_of(row))


def recent(texts: Sequence[Earlier], *, since: datetime, most: int) -> Sequence[Earlier]:
    """Those of these that came lately enough, the last ones."""
    return [text for text in texts if text.received_at >= since][-most:]
