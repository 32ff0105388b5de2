"""What every table shares: ids, aware times, sealed columns."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from bot.core.ids import new_id

# Constraint names are fixed, so that a migration can drop what an earlier one made.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. Naive times are refused on the way in, aware ones come out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC and drop the zone, which SQLite cannot keep."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time cannot be stored: use an aware one")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    # JSON columns hold lists and maps of ids and numbers.
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class WithId:
    """A row with an id of our own making."""

    id: Mapped[str] = mapped_column(String(28), primary_key=True, default=new_id)

    def __init__(self, **values: Any) -> None:
        # The id must exist before the first sealed column is written: it is part of the seal.
        values.setdefault("id", new_id())
        super().__init__(**values)


def sealed(*, nullable: bool = True) -> Mapped[Any]:
    """A column whose text is encrypted; read and written through ``bot.storage.sealing``."""
    return mapped_column(LargeBinary, nullable=nullable, info={"sealed": True})
