"""Lets staff into the console: password, then code, then a login that ends by itself."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.ids import new_id
from bot.core.logins import LoginStage, is_over
from bot.core.rights import Right, rights_of
from bot.core.rota import StaffRole
from bot.errors import NotAllowed, NotFound
from bot.services import accounts, guesses, known_browsers
from bot.services.clinic import Clinic
from bot.storage import logins, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Login, Staff, StaffAccount

_WRONG = "Name, password or code is not right."
# A write for every page would be one too many; the idle limit is met half a minute early.
_SEEN_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Caller:
    """The browser that asks: where from, and what it calls itself.

    :param mark: what it was given when somebody logged in before; not checked yet.
    """

    address: str
    browser: str
    mark: str = ""


@dataclass(frozen=True)
class LoggedIn:
    """A full login has begun.

    :param token: what the cookie holds from now on.
    :param mark: what the browser shows the next time, so that it is known.
    """

    token: str
    mark: str


@dataclass(frozen=True)
class Visitor:
    """Who is logged in, in this browser."""

    login_id: str
    staff_id: str
    name: str
    role: StaffRole
    leads: bool
    rights: frozenset[Right]

    @property
    def actor(self) -> str:
        """As audit events name this person."""
        return f"staff:{self.staff_id}"

    def may(self, right: Right) -> bool:
        """May this person see or do it?"""
        return right in self.rights


def check_password(
    clinic: Clinic, *, login_name: str, password: str, caller: Caller, now: datetime
) -> str:
    """The first half of logging in; the token of a login that waits for the code.

    :raises NotAllowed: wrong, or too many wrong tries; never says which part was wrong.
    """
    name = login_name.strip().casefold()
    place = known_browsers.place_of(clinic.db.vault, caller.mark, name, address=caller.address)
    with clinic.db.reading() as db:
        guesses.refuse_if_locked(db, name, place, now=now)
        account = logins.find_account(db, name)
        staff = people.get_staff(db, account.staff_id) if account else None
    stored = account.password_hash if account is not None and account.ready_at else None
    right = accounts.is_password(stored, password)
    if not right or staff is None or staff.disabled_at is not None:
        staff_id = staff.id if staff else None
        with clinic.db.transaction() as db:
            guesses.note(db, name, place, staff_id=staff_id, now=now)
        raise NotAllowed(_WRONG)
    with clinic.db.transaction() as db:
        return _new_login(db, staff, LoginStage.CODE, caller, now=now)


def check_code(clinic: Clinic, token: str, *, code: str, caller: Caller, now: datetime) -> LoggedIn:
    """The second half: an authenticator's code or a recovery code; then the login is full.

    The token is another one than before, so that one that was planted or seen is worth nothing.

    :raises NotFound: there is no half login with this token; begin again.
    :raises NotAllowed: wrong, or too many wrong tries.
    """
    with clinic.db.transaction() as db:
        found = _live(db, token, LoginStage.CODE, now=now)
        account = logins.account_of(db, found[1].id) if found else None
        if found is None or account is None:
            raise NotFound("Please type your password again.")
        # The account is locked: of many guesses at once, each is counted before the next.
        name, vault = account.login_name, clinic.db.vault
        place = known_browsers.place_of(vault, caller.mark, name, address=caller.address)
        guesses.refuse_if_locked(db, name, place, now=now)
        half, staff = found
        proof = _proof(db, account, code, now=now)
        if proof is None:
            guesses.note(db, name, place, staff_id=staff.id, now=now)
        else:
            half.ended_at = now
            guesses.forgive(db, name, place)
            audit = Audit(f"staff:{staff.id}", "log_in", f"staff:{staff.id}", {"with": proof})
            record(db, audit, now=now)
            full = _new_login(db, staff, LoginStage.FULL, caller, now=now)
            return LoggedIn(full, known_browsers.mark_for(vault, caller.mark, name))
    raise NotAllowed(_WRONG)


def _proof(db: Session, account: StaffAccount, code: str, *, now: datetime) -> str | None:
    """With what this code proves who somebody is; none when it does not."""
    step = accounts.totp_step(db, account, code, now=now)
    if step is not None:
        account.totp_step = step
        return "code"
    return "recovery_code" if accounts.use_recovery_code(db, account, code) else None


def tap_in(clinic: Clinic, staff_id: str, *, caller: Caller, now: datetime) -> str:
    """Be one of the cast, without a password. Only the sandbox's console calls this."""
    with clinic.db.transaction() as db:
        staff = people.get_staff(db, staff_id)
        record(db, Audit(f"staff:{staff.id}", "log_in", f"staff:{staff.id}"), now=now)
        return _new_login(db, staff, LoginStage.FULL, caller, now=now)


def recognise(clinic: Clinic, token: str, *, now: datetime, here: bool = True) -> Visitor | None:
    """Whose full login this is; none when it has ended, by a person or by itself.

    :param here: somebody is using it now; false for an open page that only listens.
    """
    with clinic.db.reading() as db:
        found = _live(db, token, LoginStage.FULL, now=now)
        if found is None:
            return None
        login, staff = found
        visitor = Visitor(
            login_id=login.id,
            staff_id=staff.id,
            name=sealing.get(db, staff, "name"),
            role=StaffRole(staff.role),
            leads=staff.leads,
            rights=rights_of(
                StaffRole(staff.role),
                leads=staff.leads,
                support_sees_scores=clinic.protocol.console.support_sees_scores,
            ),
        )
    if here and now - login.seen_at >= _SEEN_EVERY:
        with clinic.db.transaction(audited=False) as db:
            db.get_one(Login, login.id).seen_at = now
    return visitor


def staff_of(clinic: Clinic, login_id: str) -> str | None:
    """Whose login this is or was."""
    with clinic.db.reading() as db:
        login = db.get(Login, login_id)
        return login.staff_id if login is not None else None


def has_half_login(clinic: Clinic, token: str, *, now: datetime) -> bool:
    """Has somebody with this token typed a right password, and not yet a code?"""
    with clinic.db.reading() as db:
        return _live(db, token, LoginStage.CODE, now=now) is not None


def list_mine(clinic: Clinic, visitor: Visitor, *, now: datetime) -> list[Login]:
    """The browsers in which this person is logged in now."""
    with clinic.db.reading() as db:
        return [
            login for login in logins.list_logins(db, visitor.staff_id) if not _over(login, now)
        ]


def end(clinic: Clinic, visitor: Visitor, login_id: str, *, now: datetime) -> None:
    """Log off one of this person's browsers.

    :raises NotFound: there is no such login, or it is somebody else's.
    """
    with clinic.db.transaction() as db:
        login = db.get(Login, login_id)
        if login is None or login.staff_id != visitor.staff_id:
            raise NotFound("no such login")
        if login.ended_at is None:
            login.ended_at = now
            record(db, Audit(visitor.actor, "end_login", f"login:{login.id}"), now=now)


def end_others(clinic: Clinic, visitor: Visitor, *, now: datetime) -> None:
    """Log off every browser of this person but this one."""
    with clinic.db.transaction() as db:
        accounts.end_all(
            db, visitor.staff_id, by=visitor.actor, now=now, except_id=visitor.login_id
        )


def _new_login(
    db: Session, staff: Staff, stage: LoginStage, caller: Caller, *, now: datetime
) -> str:
    token = secrets.token_urlsafe(32)
    login = Login(
        id=new_id(),
        staff_id=staff.id,
        token_hash=accounts.hashed(token),
        stage=stage,
        browser=caller.browser,
        created_at=now,
        seen_at=now,
    )
    db.add(login)
    details = {"stage": stage}
    record(db, Audit(f"staff:{staff.id}", "begin_login", f"login:{login.id}", details), now=now)
    return token


def _live(
    db: Session, token: str, stage: LoginStage, *, now: datetime
) -> tuple[Login, Staff] | None:
    found = logins.find_login(db, accounts.hashed(token))
    if found is None or found[0].stage != stage or found[1].disabled_at is not None:
        return None
    return None if _over(found[0], now) else found


def _over(login: Login, now: datetime) -> bool:
    return is_over(
        LoginStage(login.stage), created_at=login.created_at, seen_at=login.seen_at, now=now
    )
