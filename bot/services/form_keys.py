"""Names filled-in forms, so that a double tap is one text, and an invented name is none."""

import hmac

from bot.core.ids import new_id
from bot.errors import NotAllowed
from bot.services.clinic import Clinic

_PROOF = 16


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


def _proof(clinic: Clinic, staff_id: str, name: str) -> str:
    return clinic.db.vault.index(f"form\n{staff_id}\n{name}")[:_PROOF]
