"""Keeps what staff write: about a patient, about an alert, and for the next shift."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.ids import new_id
from bot.core.logins import NoteKind
from bot.errors import NotAllowed
from bot.services import form_keys
from bot.services.clinic import Clinic
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Note

LONGEST = 4_000


@dataclass(frozen=True)
class WrittenNote:
    """A note as it is read.

    :param reached: was she reached? None where the note is about no contact.
    """

    kind: str
    at: datetime
    by: str
    words: str
    reached: bool | None = None


@dataclass(frozen=True)
class About:
    """What a note is about; nothing for one to the next shift."""

    patient_id: str | None = None
    alert_id: str | None = None


def check(words: str) -> str:
    """The words without blanks around them.

    :raises NotAllowed: there are none, or too many.
    """
    words = words.strip()
    if not words:
        raise NotAllowed("Write a sentence first.")
    if len(words) > LONGEST:
        raise NotAllowed(f"A note may be {LONGEST} characters long.")
    return words


def add(
    db: Session, kind: NoteKind, about: About, words: str, *, staff_id: str, now: datetime
) -> None:
    """Write it down, sealed.

    :raises NotAllowed: there are no words, or too many.
    """
    words = check(words)
    note = Note(
        id=new_id(),
        kind=kind,
        patient_id=about.patient_id,
        alert_id=about.alert_id,
        staff_id=staff_id,
        at=now,
    )
    sealing.put(db, note, body=words)
    db.add(note)
    subject = f"note:{note.id}"
    details = {"kind": kind, "patient": about.patient_id, "alert": about.alert_id}
    record(db, Audit(f"staff:{staff_id}", "write_note", subject, details), now=now)


def write(
    clinic: Clinic,
    kind: NoteKind,
    about: About,
    words: str,
    *,
    staff_id: str,
    now: datetime,
    key: str = "",
) -> None:
    """Write a note by itself.

    :param key: of the form that was filled in (``form_keys``): sent twice, it is one note.
    """
    words = check(words)
    said = (kind, about.patient_id or "", words)
    entry = form_keys.entry_of(clinic, staff_id, key, *said)
    with clinic.db.transaction() as db:
        if not form_keys.is_first(db, entry, now=now):
            return
        if about.patient_id is not None:
            people.get_patient(db, about.patient_id)
        add(db, kind, about, words, staff_id=staff_id, now=now)


def list_about(db: Session, about: About) -> list[WrittenNote]:
    """What was written about this patient or alert, the newest first."""
    query = select(Note).where(Note.patient_id == about.patient_id).order_by(Note.id.desc())
    return _read(db, db.scalars(query.limit(200)).all())


def last_hand_overs(db: Session, *, limit: int = 3) -> list[WrittenNote]:
    """What the last shifts wrote for the next, the newest first."""
    query = select(Note).where(Note.kind == NoteKind.HAND_OVER).order_by(Note.id.desc())
    return _read(db, db.scalars(query.limit(limit)).all())


def _read(db: Session, rows: Sequence[Note]) -> list[WrittenNote]:
    names: dict[str, str] = {}
    for row in rows:
        if row.staff_id not in names:
            names[row.staff_id] = sealing.get(db, people.get_staff(db, row.staff_id), "name")
    return [
        WrittenNote(
            row.kind,
            row.at,
            names[row.staff_id],
            sealing.get(db, row, "body"),
        )
        for row in rows
    ]
