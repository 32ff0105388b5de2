"""Reads and writes the sealed columns of a row."""

from typing import Any, cast

from sqlalchemy import LargeBinary, Table
from sqlalchemy.orm import Session

from bot.storage.tables import Table as AnyTable
from bot.storage.vault import Vault


def vault_of(db: Session) -> Vault:
    """The vault with which this database session seals."""
    return cast(Vault, db.info["vault"])


def put(db: Session, row: Any, **texts: str | None) -> None:
    """Seal texts into a row: ``put(db, patient, name="…")`` fills ``name_sealed``."""
    for name, text in texts.items():
        column = f"{name}_sealed"
        sealed = None
        if text is not None:
            sealed = vault_of(db).seal(text, table=row.__tablename__, row=row.id, column=column)
        setattr(row, column, sealed)


def get(db: Session, row: Any, name: str) -> str:
    """The text that ``put`` sealed; empty when there is none."""
    column = f"{name}_sealed"
    sealed = getattr(row, column)
    if sealed is None:
        return ""
    return vault_of(db).open(sealed, table=row.__tablename__, row=row.id, column=column)


def sealed_columns() -> list[tuple[Table, str]]:
    """Every sealed column there is; key rotation and a test of the schema walk over them."""
    found = []
    for table in AnyTable.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, LargeBinary) and column.info.get("sealed"):
                found.append((table, column.name))
    return found
