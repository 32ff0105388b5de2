"""Texts that wait for a moment that cannot be meant, because the clock was set back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from bot.core.messages import Lane, OutboundStatus
from bot.storage.tables import InboundMessage, OutboundMessage

type _Message = InboundMessage | OutboundMessage


def count(db: Session, *, after: datetime, long_after: datetime) -> int:
    """How many texts wait for a moment that cannot be meant: the clock was set back."""
    # One question for all: it is asked twice a second, and hardly ever answered with anything.
    counts = [
        select(func.count()).select_from(table).where(found).scalar_subquery()
        for table, found, _ in _ahead(after, long_after, now=after)
    ]
    return sum(db.execute(select(*counts)).one())


def bring_back(db: Session, *, now: datetime, after: datetime, long_after: datetime) -> None:
    """Make those due, and give those up that a worker has in hand for so long."""
    for table, found, values in _ahead(after, long_after, now=now):
        db.execute(
            update(table).where(found).values(**values).execution_options(synchronize_session=False)
        )


def _ahead(
    after: datetime, long_after: datetime, *, now: datetime
) -> Sequence[tuple[type[_Message], ColumnElement[bool], dict[str, Any]]]:
    """Texts of the wrong time, and what mends them.

    :param after: nothing is queued later than this, and no page put off so long.
    :param long_after: no other reply is put off so long, and no worker's claim lasts so long.
    """
    waits = and_(
        OutboundMessage.status == OutboundStatus.QUEUED,
        OutboundMessage.created_at > after,
        OutboundMessage.waits_for_day.is_(False),
    )
    pressing = and_(
        waits,
        OutboundMessage.lane.in_([Lane.CRISIS, Lane.PAGE]),
        OutboundMessage.send_after > after,
    )
    reply = and_(waits, OutboundMessage.lane == Lane.REPLY, OutboundMessage.send_after > long_after)
    in_hand = and_(
        OutboundMessage.status == OutboundStatus.SENDING, OutboundMessage.lease_until > long_after
    )
    being_answered = and_(
        InboundMessage.dialogue_status == "claimed", InboundMessage.lease_until > long_after
    )
    return (
        (OutboundMessage, pressing, {"send_after": now}),
        (OutboundMessage, reply, {"send_after": now}),
        (OutboundMessage, in_hand, {"lease_until": now, "send_after": now}),
        (InboundMessage, being_answered, {"lease_until": now}),
    )
