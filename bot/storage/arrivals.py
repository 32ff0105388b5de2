"""What is looked up and written when a text comes in: few statements, for the carrier waits.

A clinic's number may get a hundred texts a second, and a statement costs more to prepare than to
run. So all that is known of a number is read at once, and rows that nobody needs as objects are
read and written without them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, insert, literal, select, true
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
_EARLIER = (
    select(InboundMessage.id, InboundMessage.received_at, InboundMessage.body_sealed)
    .where(
        InboundMessage.phone_index == bindparam("phone_index"),
        InboundMessage.received_at >= bindparam("hour"),
        InboundMessage.id != bindparam("own"),
    )
    .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
    .limit(bindparam("most"))
).subquery()
# Of nothing and what she wrote: one row at least, to carry the columns that do not repeat.
_AND_EARLIER = select(literal(1).label("one")).subquery()
_LANGUAGE = (
    select(Patient.language)
    .where(Patient.phone_index == bindparam("phone_index"))
    .scalar_subquery()
)
_AHEAD = select(_LANGUAGE, _EARLIER).select_from(_AND_EARLIER.outerjoin(_EARLIER, true()))
_TEXTS = (
    select(func.count())
    .select_from(InboundMessage)
    .where(
        InboundMessage.phone_index == bindparam("phone_index"),
        InboundMessage.received_at >= bindparam("minute"),
        InboundMessage.id != bindparam("own"),
    )
    .scalar_subquery()
)
_REPLIES = (
    select(func.count())
    .select_from(OutboundMessage)
    .where(
        OutboundMessage.phone_index == bindparam("phone_index"),
        OutboundMessage.created_at >= bindparam("hour"),
        OutboundMessage.status != OutboundStatus.SUPPRESSED,
    )
    .scalar_subquery()
)
_LATELY = select(_TEXTS, _REPLIES, _EARLIER).select_from(_AND_EARLIER.outerjoin(_EARLIER, true()))
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# The loop guard compares five texts in a row, the newest included.
MOST = 4


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


@dataclass(frozen=True)
class Lately:
    """What went back and forth with a number before a text.

    :param earlier: its last texts of the hour before, oldest first.
    :param texts: how many it sent in the last minute.
    :param replies: how many went to it in the last hour, or are about to go.
    """

    earlier: list[Earlier]
    texts: int
    replies: int


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


def look_ahead(
    connection: Connection, vault: Vault, phone_index: str, *, now: datetime
) -> tuple[Language | None, list[Earlier]]:
    """The language of the patient with this number, if there is one, and its last texts."""
    given = {"phone_index": phone_index, "own": "", "hour": now - _HOUR, "most": MOST}
    rows = connection.execute(_AHEAD, given).all()
    language = rows[0][0]
    return None if language is None else Language(language), _earlier(vault, rows)


def lately(db: Session, vault: Vault, phone_index: str, *, own: str, now: datetime) -> Lately:
    """What went back and forth before this text.

    :param own: id of this text, which does not count.
    """
    given = {"phone_index": phone_index, "own": own, "hour": now - _HOUR, "most": MOST}
    rows = db.connection().execute(_LATELY, {**given, "minute": now - _MINUTE}).all()
    return Lately(_earlier(vault, rows), texts=rows[0][0], replies=rows[0][1])


def _earlier(vault: Vault, rows: Sequence[Row[Any]]) -> list[Earlier]:
    """The last three columns of each row as texts, oldest first."""
    found = [tuple(row)[-3:] for row in reversed(rows)]
    return [
        Earlier(row_id, at, vault.open(sealed, table=_TABLE, row=row_id, column="body_sealed"))
        for row_id, at, sealed in found
        if row_id is not None
    ]


def store(db: Session, row: InboundMessage) -> None:
    """Write the text with all that was decided about it, in one statement.

    :raises IntegrityError: it is there already; nothing of this transaction stays.
    """
    db.connection().execute(_INSERT, columns_of(row))


def recent(texts: Sequence[Earlier], *, since: datetime, most: int) -> Sequence[Earlier]:
    """Those of these that came lately enough, the last ones."""
    return [text for text in texts if text.received_at >= since][-most:]
