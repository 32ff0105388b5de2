"""Names filled-in forms, so that a double tap is one text, and an invented name is none."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.core.ids import new_id
from bot.errors import NotAllowed
from bot.services.clinic import Clinic
from bot.storage.tables import Setting

PREFIX = "done:"
# A browser sends a form again within minutes; who comes back after a day means it.
REMEMBERED_FOR = timedelta(hours=24)
_PROOF = 16
_NAME = 32


def give(clinic: Clinic, staff_id: str) -> str:
    """A fresh name for a form that is shown to this member of staff."""
    name = new_id()
    return f"{name}-{_proof(clinic, staff_id, name)}"


def check(clinic: Clinic, staff_id: str, key: str) -> None:
    """Refuse a form without a name, or with one that was not given to this person.

    :raises NotAllowed: says so; the page that is shown then holds a fresh name.
    """
    name, _, proof = key.partition("-")
    # As bytes: what a form brings need not be ASCII.
    if not hmac.compare_digest(proof.encode(), _proof(clinic, staff_id, name).encode()):
        raise NotAllowed("Not sent: this form is not a fresh one. Press the button again.")


def entry_of(clinic: Clinic, staff_id: str, key: str, *said: str) -> str | None:
    """What this form with these words does, under one name; none for a form without a key.

    :raises NotAllowed: the key was not given to this person.
    """
    if not key:
        return None
    check(clinic, staff_id, key)
    # Keyed and one-way: what was written is not to be guessed from the name.
    return PREFIX + clinic.db.vault.index("\n".join(("entry", staff_id, key, *said)))[:_NAME]


def is_first(db: Session, entry: str | None, *, now: datetime) -> bool:
    """Was this not done yet? From now on it was; two at once are told apart by the database."""
    if entry is None:
        return True
    if db.get(Setting, entry) is not None:
        return False
    try:
        with db.begin_nested():
            db.add(Setting(name=entry, value={"at": now.isoformat()}))
    except IntegrityError:
        return False
    return True


def _proof(clinic: Clinic, staff_id: str, name: str) -> str:
    return clinic.db.vault.index(f"form\n{staff_id}\n{name}")[:_PROOF]
