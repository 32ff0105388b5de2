"""Back to the first page: an empty database with the cast in it, and never anybody real."""

import re
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from bot.conversations import cast
from bot.errors import NotAllowed
from bot.services.clinic import Clinic
from bot.storage import people, sealing
from bot.storage.tables import Table

# +1 202 555 01xx is kept for fiction: such a number can never be anybody's.
_FICTION = re.compile(r"\+1\d{3}55501\d\d")


def start_afresh(clinic: Clinic, *, now: datetime) -> None:
    """Empty the database and write the cast into it.

    :raises NotAllowed: somebody in it may be real.
    """
    with clinic.db.reading() as db:
        _check_fiction(db)
    # Emptying leaves no trace by intention: it is the one act that ends the audit's subject.
    with clinic.db.transaction(audited=False) as db:
        _empty(db)
    cast.seed(clinic, now=now)


def is_empty(clinic: Clinic) -> bool:
    """Has nobody been written into this database yet?"""
    with clinic.db.reading() as db:
        return not people.list_staff(db) and not people.list_patients(db)


def _check_fiction(db: Session) -> None:
    persons = [*people.list_patients(db), *people.list_staff(db)]
    numbers = [sealing.get(db, person, "phone") for person in persons]
    if any(number and not _FICTION.fullmatch(number) for number in numbers):
        raise NotAllowed(
            "This database holds people outside the sandbox's cast, so it is not emptied. "
            "Point TEND_DATABASE_URL at another file and start the sandbox again."
        )


def _empty(db: Session) -> None:
    connection = db.connection()
    on_sqlite = connection.dialect.name == "sqlite"
    # Audit tables refuse deletion by triggers; in one transaction nobody sees them without.
    triggers = _take_triggers_off(connection) if on_sqlite else []
    for table in reversed(Table.metadata.sorted_tables):
        name = table.name
        if not on_sqlite:
            connection.execute(sql(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        connection.execute(table.delete())
        if not on_sqlite:
            connection.execute(sql(f"ALTER TABLE {name} ENABLE TRIGGER USER"))
    for trigger in triggers:
        connection.exec_driver_sql(trigger)


def _take_triggers_off(connection: Connection) -> list[str]:
    """Drop every trigger; the statements that make them again."""
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    ).all()
    for name, _statement in found:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    return [statement for _name, statement in found]
