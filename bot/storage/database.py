"""One way to the database: a transaction that is short, audited, and alone on SQLite.

SQLite takes one writer at a time. Left to itself it makes the others poll, and the slowest waits
a second (measured; decision 0007). So writers queue at a gate of ours, and inbound texts go to its
front.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

from bot.errors import TransactionMisused
from bot.storage import private_files
from bot.storage.audit import write_recorded
from bot.storage.gate import Gate, Turn
from bot.storage.group_commit import Act, GroupCommit
from bot.storage.tables import AuditEvent, AuditHead, AuditSeal, Heartbeat
from bot.storage.vault import Vault

__all__ = ["Database", "Transaction", "Turn", "make_engine"]

# A look is one statement: it needs no transaction.
_LOOKS: dict[str, dict[str, Any]] = {
    "sqlite": {"one_look": True},
    "postgresql": {"isolation_level": "AUTOCOMMIT"},
}
# Rows whose change is bookkeeping of ours and no act of anybody.
_NOT_AUDITED = frozenset(
    table.__tablename__ for table in (AuditEvent, AuditHead, AuditSeal, Heartbeat)
)


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
        # The same connections; to say of each what it is for costs more than some of its questions.
        self._looks = self.engine.execution_options(**_LOOKS[self.engine.dialect.name])
        self.vault = vault
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._gate = Gate(_gate_file(self.engine)) if self.is_sqlite else None
        self._groups = {turn: GroupCommit(partial(self._carry_out, turn)) for turn in Turn}
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
        if self._gate is None:
            with self._transaction(audited=audited) as db:
                yield db
            return
        with self._gate.entered(turn), self._transaction(audited=audited) as db:
            yield db

    def together[T](self, work: Callable[[Session], T], *, turn: Turn = Turn.ORDINARY) -> T:
        """The same for acts that come by the hundred: who waits at the same time shares a commit.

        PostgreSQL does that by itself.

        :param work: all of it happens, or nothing, whatever becomes of the others. It is called
            in another thread when somebody else writes the group, and perhaps twice.
        :raises TransactionMisused: as ``transaction``.
        """
        self.assert_none_open()
        if self._gate is not None:
            return self._groups[turn].join(work)
        with self._transaction(audited=True) as db:
            return work(db)

    def _carry_out(self, turn: Turn, take: Callable[[], Sequence[Act]]) -> None:
        """Write a group: one transaction, in it one savepoint for each act."""
        assert self._gate is not None  # only SQLite's writers form groups
        with self._gate.entered(turn), self._marked_open(), self.engine.begin() as connection:
            for act in take():
                try:
                    with self._audited(self._session(connection), audited=True) as db:
                        act.result = act.work(db)
                except Exception as error:
                    act.error = error
                driver: Any = connection.connection.dbapi_connection
                if not driver.in_transaction:
                    # The disk is full, or broken: SQLite has given up on all of it.
                    raise act.error or TransactionMisused("the transaction ended in its middle")

    @contextmanager
    def _transaction(self, *, audited: bool) -> Iterator[Session]:
        with self._marked_open(), self._audited(self._session(), audited=audited) as db:
            yield db

    @contextmanager
    def _marked_open(self) -> Iterator[None]:
        self._open.now = True
        try:
            yield
        finally:
            self._open.now = False

    @contextmanager
    def _audited(self, session: Session, *, audited: bool) -> Iterator[Session]:
        with session as db, db.begin():
            noted = db.connection().info
            noted["wrote"] = False
            yield db
            db.flush()
            is_on_record = write_recorded(db)
            if audited and noted["wrote"] and not is_on_record:
                raise TransactionMisused("written without an audit event")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at the data that waits for nobody and changes nothing."""
        with self._session() as db:
            db.connection(execution_options={"read_only": True})
            try:
                yield db
            finally:
                # What was read stays readable after the look is over; closing rolls back.
                db.expunge_all()

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """The same for one statement: without objects and a transaction, it costs a third."""
        kept: ExitStack | None = getattr(self._open, "kept", None)
        if kept is None:
            with self._looks.connect() as connection:
                yield connection
            return
        if self._open.look is None:
            self._open.look = kept.enter_context(self._looks.connect())
        try:
            yield self._open.look
        except BaseException:
            self._open.look = None  # it may be broken: the next look opens one of its own
            raise

    @contextmanager
    def sharing_looks(self) -> Iterator[None]:
        """Until the block ends, this thread's looks share a connection.

        To fetch one costs more than most questions. None of them is in a transaction, so each
        sees what was written before it, also within the block.
        """
        with ExitStack() as kept:
            self._open.kept, self._open.look = kept, None
            try:
                yield
            finally:
                self._open.kept = self._open.look = None

    def assert_none_open(self) -> None:
        """Make sure that this thread holds no transaction, as before any network call.

        :raises TransactionMisused: it does; a slow carrier would stop every other writer.
        """
        if getattr(self._open, "now", False):
            raise TransactionMisused("a transaction is already open in this thread")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
        if self._gate is not None:
            self._gate.close()

    def _session(self, within: Connection | None = None) -> Session:
        """A session of its own transaction, or of a savepoint within one that is open."""
        return Session(
            within or self.engine,
            expire_on_commit=False,
            info={"vault": self.vault},
            join_transaction_mode="create_savepoint",
        )


def make_engine(url: str) -> Engine:
    """An engine with the settings on which our promises rest."""
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
        event.listen(engine, "after_execute", _note_statement)
        return engine
    engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False})
    event.listen(engine, "after_execute", _note_statement)
    if file := _file(engine):
        event.listen(engine, "do_connect", lambda *_: private_files.make_file(file))
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
    options = connection.get_execution_options()
    if options.get("one_look"):
        return
    if options.get("read_only", False):
        # Waits for nothing and cannot fail, so the driver alone will do: a tenth of the time.
        connection.connection.dbapi_connection.execute("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _note_statement(
    connection: Connection, statement: Any, _many: Any, _one: Any, _how: Any, result: Any
) -> None:
    """Note what was written. One listener an engine: one a session costs more than its queries."""
    if not getattr(statement, "is_dml", False) or statement.table.name in _NOT_AUDITED:
        return
    # Not 0: a row that was there already was not written. (Unknown, for some, is -1.)
    if result.rowcount != 0:
        connection.info["wrote"] = True


def _gate_file(engine: Engine) -> Path | None:
    """Where the writers of all processes meet; nowhere, for a database in memory."""
    file = _file(engine)
    return Path(f"{file}-gate") if file else None


def _file(engine: Engine) -> Path | None:
    """The database's own file; none for a database in memory."""
    name = engine.url.database
    return None if not name or name == ":memory:" else Path(name)
