"""The names of everybody in the clinic's records, so that the training desk can take them out."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from bot.services.clinic import Clinic
from bot.services.patient_directory import Entry
from bot.storage import people, sealing
from bot.teaching.words import words_of

_LEAST = 2
_TITLES = frozenset({"dr", "dra", "mr", "mrs", "ms", "sr", "sra"})


def names_in_use(clinic: Clinic, entries: Mapping[str, Entry]) -> frozenset[str]:
    """Folded parts of the names of all patients and staff."""
    with clinic.db.reading() as db:
        staff = [sealing.get(db, person, "name") for person in people.list_staff(db)]
    return parts([*staff, *(entry.name for entry in entries.values())])


def parts(names: Iterable[str]) -> frozenset[str]:
    """The single names in full names."""
    return frozenset(part for name in names for part in _parts_of(name))


# A page of the training desk asks for thousands, and they hardly ever change.
@lru_cache(maxsize=20_000)
def _parts_of(name: str) -> tuple[str, ...]:
    found = (word.folded for word in words_of(name))
    return tuple(part for part in found if len(part) >= _LEAST and part not in _TITLES)
