"""Gives all stored secrets a new key, while everything goes on."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.storage.audit import Audit, record
from bot.storage.database import Database, Turn
from bot.storage.sealing import sealed_columns
from bot.storage.vault import Vault

_BATCH = 200


def reseal_all(db: Database, *, now: datetime, by: str) -> Iterator[int]:
    """Seal every value that an older key sealed with the current one; yields rows done so far.

    Short transactions that let texts go first; safe to stop and start again.
    """
    done = 0
    for table, column in sealed_columns():
        last = ""
        while True:
            with db.transaction(turn=Turn.BATCH) as session:
                rows = session.execute(
                    select(table.c.id, table.c[column])
                    .where(table.c.id > last)
                    .order_by(table.c.id)
                    .limit(_BATCH)
                ).all()
                if not rows:
                    break
                last = rows[-1][0]
                fresh = _resealed(db.vault, table.name, column, rows)
                if fresh:
                    statement = (
                        update(table)
                        .where(table.c.id == bindparam("row_id"))
                        .values({column: bindparam("sealed")})
                    )
                    session.connection().execute(statement, fresh)
                    details = {"table": table.name, "rows": len(fresh)}
                    record(session, Audit(by, "reseal", "keys", details), now=now)
                done += len(rows)
            yield done


def _resealed(
    vault: Vault, table: str, column: str, rows: Sequence[Any]
) -> list[dict[str, object]]:
    fresh: list[dict[str, object]] = []
    for row_id, sealed in rows:
        if sealed is None or vault.is_current(sealed):
            continue
        text = vault.open(sealed, table=table, row=row_id, column=column)
        again = vault.seal(text, table=table, row=row_id, column=column)
        fresh.append({"row_id": row_id, "sealed": again})
    return fresh


def count_old(db: Database) -> int:
    """How many values are still sealed with a key that is not the current one."""
    old = 0
    with db.reading() as session:
        for table, column in sealed_columns():
            values = session.execute(select(table.c[column])).scalars()
            old += sum(1 for sealed in values if sealed and not db.vault.is_current(sealed))
    return old
