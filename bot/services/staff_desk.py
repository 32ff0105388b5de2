"""Who works here, as the console shows it: invite, disable, and let back in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.rota import StaffRole
from bot.errors import NotAllowed
from bot.services import accounts, alert_acts, staff
from bot.services.accounts import NewLink
from bot.services.clinic import Clinic
from bot.storage import logins, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Staff


@dataclass(frozen=True)
class StaffLine:
    """One member of staff."""

    id: str
    name: str
    number: str
    role: StaffRole
    leads: bool
    login_name: str | None
    ready: bool
    disabled_at: datetime | None


@dataclass(frozen=True)
class NewStaff:
    """Who is to work here.

    :param phone: E.164; empty for somebody who is not paged.
    """

    name: str
    phone: str
    role: StaffRole
    leads: bool = False


def list_lines(clinic: Clinic) -> Sequence[StaffLine]:
    """Everybody, those who work here first."""
    with clinic.db.reading() as db:
        accounts_of = {account.staff_id: account for account in logins.list_accounts(db)}
        lines = []
        for row in people.list_staff(db):
            account = accounts_of.get(row.id)
            lines.append(
                StaffLine(
                    id=row.id,
                    name=sealing.get(db, row, "name"),
                    number=sealing.get(db, row, "phone"),
                    role=StaffRole(row.role),
                    leads=row.leads,
                    login_name=account.login_name if account else None,
                    ready=account is not None and account.ready_at is not None,
                    disabled_at=row.disabled_at,
                )
            )
    return sorted(lines, key=lambda line: (line.disabled_at is not None, line.name.casefold()))


def invite(clinic: Clinic, new: NewStaff, *, by: str, now: datetime) -> NewLink:
    """Somebody starts to work here, and gets a link that sets up the login.

    :raises NotAllowed: as ``hire``.
    """
    with clinic.db.transaction() as db:
        hired = hire(clinic, db, new, by=by, now=now)
        return accounts.open_account(db, hired, by=by, now=now)


def hire(clinic: Clinic, db: Session, new: NewStaff, *, by: str, now: datetime) -> Staff:
    """Somebody starts to work here.

    :raises NotAllowed: no name, or a number that is wrong, the practice's or somebody else's.
    """
    if not new.name.strip():
        raise NotAllowed("Write a name.")
    if new.phone and not re.fullmatch(r"\+[1-9]\d{6,14}", new.phone):
        raise NotAllowed("Write the phone number with its country, such as +12025550121.")
    if new.role is StaffRole.CLINICIAN and not new.phone:
        raise NotAllowed("A clinician needs a phone: pages go there.")
    if new.phone:
        _refuse_known_number(clinic, db, new.phone)
    return staff.add_staff(
        db,
        name=new.name.strip(),
        phone=new.phone or None,
        role=new.role,
        leads=new.leads,
        by=by,
        now=now,
    )


def disable(clinic: Clinic, staff_id: str, *, by: str, now: datetime) -> int:
    """Somebody no longer works here: no login, no page; their alerts page again, at once.

    :raises NotAllowed: yourself, or the last one who could let anybody in.
    """
    with clinic.db.transaction() as db:
        person = people.get_staff(db, staff_id)
        if by == f"staff:{staff_id}":
            raise NotAllowed("You cannot disable yourself.")
        if _runs_the_clinic(person) and _others_who_run_it(db, staff_id) == 0:
            raise NotAllowed("Nobody else could let people in. Invite another one first.")
        person.disabled_at = person.disabled_at or now
        accounts.end_all(db, staff_id, by=by, now=now)
        db.flush()
        again = alert_acts.hand_back_all_of(clinic, db, staff_id, by=by, now=now)
        record(db, Audit(by, "disable", f"staff:{staff_id}", {"alerts": again}), now=now)
        return again


def enable(clinic: Clinic, staff_id: str, *, by: str, now: datetime) -> None:
    """Somebody works here again."""
    with clinic.db.transaction() as db:
        people.get_staff(db, staff_id).disabled_at = None
        record(db, Audit(by, "enable", f"staff:{staff_id}"), now=now)


def _refuse_known_number(clinic: Clinic, db: Session, phone: str) -> None:
    if phone == clinic.protocol.practice.phone:
        raise NotAllowed("That is the practice's own number. Write the person's.")
    index = people.index_of(db, phone)
    known = [person for person in people.list_staff(db) if person.phone_index == index]
    if known or people.find_patient(db, index) is not None:
        raise NotAllowed("Somebody else has this number.")


def _runs_the_clinic(person: Staff) -> bool:
    return person.role == StaffRole.ADMIN or person.leads


def _others_who_run_it(db: Session, staff_id: str) -> int:
    return sum(
        1
        for person in people.list_staff(db)
        if person.id != staff_id and person.disabled_at is None and _runs_the_clinic(person)
    )
