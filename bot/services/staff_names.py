"""Names of staff, for whoever reads what they did."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.storage import people, sealing

# Who did it, where no person did.
TEND = "Tend"


@dataclass(frozen=True)
class Owner:
    """The colleague whose own phone it is, and how a list names that phone."""

    staff_id: str
    words: str


def names_of(db: Session) -> dict[str, str]:
    """Everybody's name, by id."""
    return {staff.id: sealing.get(db, staff, "name") for staff in people.list_staff(db)}


def actor_name(actor: str, names: Mapping[str, str]) -> str:
    """Who did it, by name where it was a person of the clinic."""
    kind, _, row_id = actor.partition(":")
    return names.get(row_id, actor) if kind == "staff" else TEND if kind == "system" else kind


def owners_of(db: Session) -> dict[str, Owner]:
    """Whose phone it is, where it is a colleague's: staff are people, and their words count."""
    return {
        staff.phone_index: Owner(staff.id, f"{sealing.get(db, staff, 'name')} (staff, own phone)")
        for staff in people.list_staff(db)
        if staff.phone_index is not None
    }
