"""Texts that wait for a moment that cannot be meant, because the clock was set back."""

from datetime import datetime

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bot.core.messages import Lane, OutboundStatus
from bot.storage.tables import InboundMessage, OutboundMessage

# Nothing is queued later than this, and no page put off so long.
_after = bindparam("after", type_=OutboundMessage.send_after.type)
# No other reply is put off so long, and no worker's claim lasts so long.
_long_after = bindparam("long_after", type_=OutboundMessage.send_after.type)
_waits = and_(
    OutboundMessage.status == OutboundStatus.QUEUED,
    OutboundMessage.created_at > _after,
    OutboundMessage.waits_for_day.is_(False),
)
_pressing = and_(
    _waits,
    OutboundMessage.lane.in_([Lane.CRISIS, Lane.PAGE]),
    OutboundMessage.send_after > _after,
)
_reply = and_(_waits, OutboundMessage.lane == Lane.REPLY, OutboundMessage.send_after > _long_after)
_in_hand = and_(
    OutboundMessage.status == OutboundStatus.SENDING, OutboundMessage.lease_until > _long_after
)
_being_answered = and_(
    InboundMessage.dialogue_status == "claimed", InboundMessage.lease_until > _long_after
)
# Texts of the wrong time, and which of their moments are to be now.
_AHEAD = (
    (OutboundMessage, _pressing, ["send_after"]),
    (OutboundMessage, _reply, ["send_after"]),
    (OutboundMessage, _in_hand, ["lease_until", "send_after"]),
    (InboundMessage, _being_answered, ["lease_until"]),
)
# One question for all: it is asked twice a second, and hardly ever answered with anything.
_COUNTS = select(
    *(
        select(func.count()).select_from(table).where(found).scalar_subquery()
        for table, found, _ in _AHEAD
    )
)


def count(look: Connection, *, after: datetime, long_after: datetime) -> int:
    """How many texts wait for a moment that cannot be meant: the clock was set back."""
    return sum(look.execute(_COUNTS, {"after": after, "long_after": long_after}).one())


def bring_back(db: Session, *, now: datetime, after: datetime, long_after: datetime) -> None:
    """Make those due, and give those up that a worker has in hand for so long."""
    for table, found, moments in _AHEAD:
        mended = update(table).where(found).values(dict.fromkeys(moments, now))
        db.execute(
            mended.execution_options(synchronize_session=False),
            {"after": after, "long_after": long_after},
        )
