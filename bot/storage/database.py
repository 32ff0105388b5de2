"""One way to the database: a transaction that is short, audited, and alone on SQLite.

SQLite takes one writer at a time. Left to itself it makes the others poll, and the slowest waits
a second (measured; decision 0007). So writers of one process queue at a gate of ours, and
inbound texts go to its front.
"""

import heapq
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from bot.errors import TransactionMisused
from bot.storage.tables import AuditEvent, AuditSeal, Heartbeat
from bot.storage.vault import Vault

# Rows whose change is bookkeeping of ours and no act of anybody.
_NOT_AUDITED = (AuditEvent, AuditSeal, Heartbeat)


class Turn(IntEnum):
    """Who goes first when several want to write: her text, then people's acts, then batches."""

    INBOUND = 0
    ORDINARY = 1
    BATCH = 2


class Transaction(Protocol):
    """What services are given to open a transaction."""

    def __call__(self, *, turn: Turn = Turn.ORDINARY, audited: bool = True) -> Any:
        """A context manager that yields a session and commits when the block ends well."""


class Database:
    """The database of one process.

    :param url: an SQLAlchemy URL; SQLite or PostgreSQL.
    :param vault: seals what is written through it.
    """

    def __init__(self, url: str, vault: Vault) -> None:
        self.engine = make_engine(url)
        self.vault = vault
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._gate = _Gate()
        self._open = threading.local()

    @contextmanager
    def transaction(self, *, turn: Turn = Turn.ORDINARY, audited: bool = True) -> Iterator[Session]:
        """Everything in the block happens, or nothing.

        :param turn: who goes first when several want to write.
        :param audited: a block that writes must record an audit event; only claims, leases and
            heartbeats, which are nobody's acts, say no.
        :raises TransactionMisused: nested in another one, or written without an audit event.
        """
        self.assert_none_open()
        with self._gate.entered(turn, needed=self.is_sqlite):
            self._open.now = True
            try:
                with self._session() as db, db.begin():
                    yield db
                    db.flush()
                    if audited and db.info["wrote"] and not db.info["audit_events"]:
                        raise TransactionMisused("written without an audit event")
            finally:
                self._open.now = False

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at the data that waits for nobody and changes nothing."""
        with self._session() as db:
            db.connection(execution_options={"read_only": True})
            try:
                yield db
            finally:
                # What was read stays readable after the look is over.
                db.expunge_all()
                db.rollback()

    def assert_none_open(self) -> None:
        """Make sure that this thread holds no transaction, as before any network call.

        :raises TransactionMisused: it does; a slow carrier would stop every other writer.
        """
        if getattr(self._open, "now", False):
            raise TransactionMisused("a transaction is already open in this thread")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _session(self) -> Session:
        db = Session(self.engine, expire_on_commit=False)
        db.info.update(vault=self.vault, wrote=False, audit_events=0)
        event.listen(db, "after_flush", _note_flush)
        event.listen(db, "do_orm_execute", _note_statement)
        return db


def make_engine(url: str) -> Engine:
    """An engine with the settings on which our promises rest."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False})
    event.listen(engine, "connect", _sqlite_connect)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(connection: Any, _record: Any) -> None:
    # Python's driver must not open transactions behind our back.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # a text that was answered 200 survives a power cut
        "foreign_keys=ON",
        "busy_timeout=10000",
        "cache_size=-32000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Any) -> None:
    # IMMEDIATE: a transaction that will write must not find out at its end that it may not.
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _note_flush(db: Session, _context: UOWTransaction) -> None:
    for row in itertools.chain(db.new, db.dirty, db.deleted):
        if isinstance(row, AuditEvent):
            db.info["audit_events"] += 1
        elif not isinstance(row, _NOT_AUDITED):
            db.info["wrote"] = True


def _note_statement(state: ORMExecuteState) -> None:
    if state.is_update or state.is_delete or state.is_insert:
        mapper = state.bind_mapper
        if mapper is None or not issubclass(mapper.class_, _NOT_AUDITED):
            state.session.info["wrote"] = True


class _Gate:
    """Lets one writer through at a time, the most pressing first, then in order of coming."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._waiting: list[tuple[int, int]] = []
        self._numbers = itertools.count()
        self._busy = False

    @contextmanager
    def entered(self, turn: Turn, *, needed: bool) -> Iterator[None]:
        if not needed:
            yield
            return
        turn_number = (int(turn), next(self._numbers))
        with self._condition:
            heapq.heappush(self._waiting, turn_number)
            self._condition.wait_for(lambda: not self._busy and self._waiting[0] == turn_number)
            heapq.heappop(self._waiting)
            self._busy = True
        try:
            yield
        finally:
            with self._condition:
                self._busy = False
                self._condition.notify_all()
