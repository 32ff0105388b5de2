"""When a process, or a round that is not done at every turn, last did its work."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bot.storage.tables import Heartbeat

_LAST = select(Heartbeat.at).where(Heartbeat.process == bindparam("process"))
_NEW = bindparam("new", type_=Heartbeat.at.type)
_KEY = [Heartbeat.process]
_UPSERT = {
    "sqlite": sqlite.insert(Heartbeat).on_conflict_do_update(
        index_elements=_KEY, set_={"at": _NEW}
    ),
    "postgresql": postgresql.insert(Heartbeat).on_conflict_do_update(
        index_elements=_KEY, set_={"at": _NEW}
    ),
}


def last(look: Connection | Session, process: str) -> datetime | None:
    """When this process last did its round; none when it never did."""
    return look.execute(_LAST, {"process": process}).scalar()


def put(db: Session, process: str, *, now: datetime) -> None:
    """Leave a sign of life, in one statement."""
    connection = db.connection()
    connection.execute(
        _UPSERT[connection.dialect.name], {"process": process, "at": now, "new": now}
    )
