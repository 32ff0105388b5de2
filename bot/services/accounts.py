"""Gives staff an account, lets them set a password and an authenticator, and renews both."""

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from bot.core import passwords
from bot.core.ids import new_id
from bot.core.logins import SETUP_LINK
from bot.errors import NotAllowed, NotFound
from bot.services import guesses
from bot.services.clinic import Clinic
from bot.storage import logins, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import SetupLink, Staff, StaffAccount

ISSUER = "Tend"
STEP_SECONDS = 30
_RECOVERY_CODES = 10
# Letters and digits that cannot be mistaken for one another on paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_HASHER = PasswordHasher()
# Each takes 64 MB for a moment: a crowd of guesses must not take the machine's memory.
_ONE_AT_A_TIME = threading.BoundedSemaphore(2)
# Checked when there is no such account, so that the answer takes as long as with one.
_NOBODYS = _HASHER.hash(secrets.token_hex(16))


@dataclass(frozen=True)
class NewLink:
    """A set-up link, in the one moment in which its token is known."""

    login_name: str
    token: str

    @property
    def path(self) -> str:
        """Where it leads, below the console's address."""
        return f"/setup/{self.token}"


@dataclass(frozen=True)
class Setup:
    """What somebody with a set-up link is shown.

    :param uri: what the authenticator reads from the picture; ``secret`` the same to type.
    """

    name: str
    login_name: str
    uri: str
    secret: str


def hashed(token: str) -> str:
    """How a random token is kept: enough to know it again, useless to whoever reads it."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Argon2id of a password."""
    with _ONE_AT_A_TIME:
        return _HASHER.hash(passwords.normalised(password))


def is_password(stored: str | None, password: str) -> bool:
    """Is this the password? Takes the same time when there is no account."""
    with _ONE_AT_A_TIME:
        try:
            right = _HASHER.verify(stored or _NOBODYS, passwords.normalised(password))
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def open_account(db: Session, staff: Staff, *, by: str, now: datetime) -> NewLink:
    """Let this person log in: an account without password, and the link that sets one."""
    account = StaffAccount(
        id=new_id(),
        staff_id=staff.id,
        login_name=_free_name(db, sealing.get(db, staff, "name")),
        recovery=[],
        created_at=now,
    )
    db.add(account)
    db.flush()
    record(db, Audit(by, "open_account", f"staff:{staff.id}"), now=now)
    return _new_link(db, account, by=by, now=now)


def renew_link(clinic: Clinic, staff_id: str, *, by: str, now: datetime) -> NewLink:
    """A fresh set-up link: phone lost, password forgotten, or the first link ran out.

    The old password and authenticator end here, and so does every login.
    """
    with clinic.db.transaction() as db:
        staff = people.get_staff(db, staff_id)
        if staff.disabled_at is not None:
            raise NotAllowed("This person is disabled. Enable first.")
        account = logins.account_of(db, staff_id)
        if account is None:
            return open_account(db, staff, by=by, now=now)
        account.password_hash, account.ready_at, account.recovery = None, None, []
        end_all(db, staff_id, by=by, now=now)
        return _new_link(db, account, by=by, now=now)


def end_all(
    db: Session, staff_id: str, *, by: str, now: datetime, except_id: str | None = None
) -> int:
    """End every login of this person; how many."""
    ended = 0
    for login in (*logins.list_logins(db, staff_id), *logins.list_half_logins(db, staff_id)):
        if login.id != except_id:
            login.ended_at = now
            record(db, Audit(by, "end_login", f"login:{login.id}"), now=now)
            ended += 1
    return ended


def look_at_setup(clinic: Clinic, token: str, *, now: datetime) -> Setup:
    """Whom a set-up link is for.

    :raises NotFound: used, run out, or never one.
    """
    with clinic.db.reading() as db:
        return _setup(db, *_linked(db, token, now=now))


def finish_setup(
    clinic: Clinic, token: str, *, password: str, code: str, now: datetime
) -> tuple[str, ...]:
    """Set password and authenticator; the recovery codes, shown this once.

    :raises NotFound: the link is used, run out, or never was one.
    :raises NotAllowed: the password is too easy or the code wrong; says which.
    """
    with clinic.db.reading() as db:
        setup = _setup(db, *_linked(db, token, now=now))
    objection = passwords.objection(password, own_words=(setup.name, setup.login_name))
    if objection:
        raise NotAllowed(objection)
    password_hash = hash_password(password)
    with clinic.db.transaction() as db:
        link, account, staff = _linked(db, token, now=now)
        step = totp_step(db, account, code, now=now)
        if step is None:
            raise NotAllowed("That code is not right. Type the six digits that are shown now.")
        link.used_at = account.ready_at = now
        account.password_hash, account.totp_step = password_hash, step
        record(db, Audit(f"staff:{staff.id}", "finish_setup", f"staff:{staff.id}"), now=now)
        return _give_recovery_codes(db, account)


def change_password(
    clinic: Clinic, staff_id: str, *, old: str, new: str, login_id: str, now: datetime
) -> None:
    """Another password; every other login of this person ends.

    :raises NotAllowed: the old one is wrong, or the new one too easy.
    """
    login_name = _prove(clinic, staff_id, old, now=now).login_name
    with clinic.db.reading() as db:
        name = sealing.get(db, people.get_staff(db, staff_id), "name")
    objection = passwords.objection(new, own_words=(name, login_name))
    if objection:
        raise NotAllowed(objection)
    password_hash = hash_password(new)
    with clinic.db.transaction() as db:
        account = logins.account_of(db, staff_id)
        assert account is not None  # read above
        account.password_hash = password_hash
        by = f"staff:{staff_id}"
        record(db, Audit(by, "change_password", by), now=now)
        end_all(db, staff_id, by=by, now=now, except_id=login_id)


def renew_recovery_codes(
    clinic: Clinic, staff_id: str, *, password: str, now: datetime
) -> tuple[str, ...]:
    """Fresh recovery codes, shown this once; the old ones end.

    :raises NotAllowed: the password is wrong.
    """
    _prove(clinic, staff_id, password, now=now)
    with clinic.db.transaction() as db:
        account = logins.account_of(db, staff_id)
        assert account is not None  # read above
        by = f"staff:{staff_id}"
        record(db, Audit(by, "renew_recovery_codes", by), now=now)
        return _give_recovery_codes(db, account)


def _prove(clinic: Clinic, staff_id: str, password: str, *, now: datetime) -> StaffAccount:
    """This person's account, for who knows its password: a login left open is no proof.

    :raises NotAllowed: wrong, or too many wrong tries.
    """
    with clinic.db.reading() as db:
        account = logins.account_of(db, staff_id)
        if account is None:
            raise NotAllowed("You have no password: you came in without one.")
        guesses.refuse_if_locked(db, account.login_name, guesses.INSIDE, now=now)
    if is_password(account.password_hash, password):
        return account
    with clinic.db.transaction() as db:
        guesses.note(db, account.login_name, guesses.INSIDE, staff_id=staff_id, now=now)
    raise NotAllowed("That is not your password.")


def totp_step(db: Session, account: StaffAccount, code: str, *, now: datetime) -> int | None:
    """The time step whose code this is; none for a wrong one, or one that was used."""
    totp = pyotp.TOTP(sealing.get(db, account, "totp"))
    typed = re.sub(r"\D", "", code)
    current = int(now.timestamp()) // STEP_SECONDS
    # One step to either side: phones' clocks differ by some seconds.
    for step in (current, current - 1, current + 1):
        used = account.totp_step is not None and step <= account.totp_step
        if not used and secrets.compare_digest(totp.generate_otp(step), typed):
            return step
    return None


def use_recovery_code(db: Session, account: StaffAccount, code: str) -> bool:
    """Was this one of the recovery codes? It is gone afterwards."""
    index = _recovery_index(db, code)
    if index not in account.recovery:
        return False
    account.recovery = [kept for kept in account.recovery if kept != index]
    return True


def _linked(db: Session, token: str, *, now: datetime) -> tuple[SetupLink, StaffAccount, Staff]:
    link = logins.find_setup_link(db, hashed(token), now=now)
    account = logins.account_of(db, link.staff_id) if link else None
    if link is None or account is None:
        raise NotFound("This link was used, or is older than a day. Ask for a fresh one.")
    staff = people.get_staff(db, link.staff_id)
    if staff.disabled_at is not None:
        raise NotFound("This link is not good any more.")
    return link, account, staff


def _setup(db: Session, _link: SetupLink, account: StaffAccount, staff: Staff) -> Setup:
    secret = sealing.get(db, account, "totp")
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.login_name, issuer_name=ISSUER)
    return Setup(sealing.get(db, staff, "name"), account.login_name, uri, secret)


def _new_link(db: Session, account: StaffAccount, *, by: str, now: datetime) -> NewLink:
    for old in logins.list_setup_links(db, account.staff_id):
        old.used_at = now
    token = secrets.token_urlsafe(32)
    # Another authenticator with every link: whoever saw the last one has nothing.
    sealing.put(db, account, totp=pyotp.random_base32())
    account.totp_step = None
    db.add(
        SetupLink(staff_id=account.staff_id, token_hash=hashed(token), expires_at=now + SETUP_LINK)
    )
    record(db, Audit(by, "make_setup_link", f"staff:{account.staff_id}"), now=now)
    return NewLink(account.login_name, token)


def _give_recovery_codes(db: Session, account: StaffAccount) -> tuple[str, ...]:
    codes = tuple(
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))
        for _ in range(_RECOVERY_CODES)
    )
    account.recovery = [_recovery_index(db, code) for code in codes]
    return codes


def _recovery_index(db: Session, code: str) -> str:
    plain = re.sub(r"[^a-z0-9]", "", code.casefold())
    return sealing.vault_of(db).index(f"recovery:{plain}")


def _free_name(db: Session, name: str) -> str:
    """A login name from somebody's name: ``dr.bose``."""
    base = re.sub(r"[^a-z0-9]+", ".", name.casefold()).strip(".")[:30] or "staff"
    found, number = base, 1
    while logins.find_account(db, found) is not None:
        number += 1
        found = f"{base}{number}"
    return found
