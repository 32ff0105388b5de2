"""Names and numbers of all patients, opened once, so that a search need not unseal thousands."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.plain_words import plain
from bot.services.clinic import Clinic
from bot.storage.sealing import vault_of
from bot.storage.tables import Patient

_TABLE = Patient.__tablename__


@dataclass(frozen=True)
class Entry:
    """One patient as a list shows her."""

    id: str
    name: str
    number: str

    @property
    def shown_number(self) -> str:
        """The number as people write it: 202-555-0111."""
        return re.sub(r"^\+1(\d{3})(\d{3})(\d{4})$", r"\1-\2-\3", self.number)


class PatientDirectory:
    """Who there is. Rows whose seal has not changed are not opened again.

    The sealed bytes themselves are what is compared: whoever renames, moves, reseals or erases a
    patient, in this process or another, need not tell this one.
    """

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._lock = threading.Lock()
        self._seals: dict[str, tuple[bytes, bytes]] = {}
        self._entries: dict[str, Entry] = {}
        self._by_name: list[Entry] = []

    def entries(self) -> Mapping[str, Entry]:
        """Everybody, by id."""
        with self._lock:
            self._refresh()
            return self._entries

    def everybody(self) -> list[Entry]:
        """Everybody, by name."""
        with self._lock:
            self._refresh()
            return self._by_name

    def search(self, words: str) -> list[Entry]:
        """Whose name or number holds these words, accents or not; nobody for none. By name."""
        everybody = self.everybody()
        wanted = plain(words).split()
        digits = re.sub(r"\D", "", words)
        if not wanted:
            return []
        return [entry for entry in everybody if _fits(entry, wanted, digits)]

    def _refresh(self) -> None:
        query = select(Patient.id, Patient.name_sealed, Patient.phone_sealed)
        with self._clinic.db.reading() as db:
            found = {row_id: (name, phone) for row_id, name, phone in db.execute(query)}
            if found == self._seals:
                return
            entries = {
                row_id: self._entries[row_id]
                if self._seals.get(row_id) == seals
                else _open(db, row_id, *seals)
                for row_id, seals in found.items()
            }
        self._seals, self._entries = found, entries
        self._by_name = sorted(
            entries.values(), key=lambda entry: (entry.name.casefold(), entry.id)
        )


def _open(db: Session, row_id: str, name: bytes, phone: bytes) -> Entry:
    vault = vault_of(db)
    return Entry(
        row_id,
        vault.open(name, table=_TABLE, row=row_id, column="name_sealed"),
        vault.open(phone, table=_TABLE, row=row_id, column="phone_sealed"),
    )


def _fits(entry: Entry, wanted: list[str], digits: str) -> bool:
    if len(digits) >= 3 and digits in entry.number:
        return True
    name = plain(entry.name)
    return all(word in name for word in wanted)
