"""Finds accounts, logins and wrong tries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from bot.core.logins import Failures, LoginStage
from bot.storage.tables import Login, LoginFailure, SetupLink, Staff, StaffAccount


def find_account(db: Session, login_name: str) -> StaffAccount | None:
    """The account with this login name, locked: a code must not be used twice."""
    query = select(StaffAccount).where(StaffAccount.login_name == login_name).with_for_update()
    return db.scalars(query).one_or_none()


def account_of(db: Session, staff_id: str) -> StaffAccount | None:
    """This person's account, locked."""
    query = select(StaffAccount).where(StaffAccount.staff_id == staff_id).with_for_update()
    return db.scalars(query).one_or_none()


def list_accounts(db: Session) -> Sequence[StaffAccount]:
    """Everybody's account."""
    return db.scalars(select(StaffAccount)).all()


def find_setup_link(db: Session, token_hash: str, *, now: datetime) -> SetupLink | None:
    """The set-up link with this token that is still good."""
    query = (
        select(SetupLink)
        .where(
            SetupLink.token_hash == token_hash,
            SetupLink.used_at.is_(None),
            SetupLink.expires_at > now,
        )
        .with_for_update()
    )
    return db.scalars(query).one_or_none()


def list_setup_links(db: Session, staff_id: str) -> Sequence[SetupLink]:
    """This person's set-up links that nobody has used."""
    query = select(SetupLink).where(SetupLink.staff_id == staff_id, SetupLink.used_at.is_(None))
    return db.scalars(query).all()


def find_login(db: Session, token_hash: str) -> tuple[Login, Staff] | None:
    """The login with this token that nobody has ended, and whose it is."""
    query = (
        select(Login, Staff)
        .join(Staff, Staff.id == Login.staff_id)
        .where(Login.token_hash == token_hash, Login.ended_at.is_(None))
    )
    found = db.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


def list_logins(db: Session, staff_id: str) -> Sequence[Login]:
    """The browsers in which this person is logged in, the newest first."""
    query = (
        select(Login)
        .where(
            Login.staff_id == staff_id,
            Login.ended_at.is_(None),
            Login.stage == LoginStage.FULL,
        )
        .order_by(Login.id.desc())
    )
    return db.scalars(query).all()


def list_half_logins(db: Session, staff_id: str) -> Sequence[Login]:
    """Logins of this person that wait for the code."""
    query = select(Login).where(
        Login.staff_id == staff_id, Login.ended_at.is_(None), Login.stage == LoginStage.CODE
    )
    return db.scalars(query).all()


def count_failures(
    db: Session, *, name_index: str, address_index: str, since: datetime
) -> Failures:
    """Wrong tries since then, by name, by address and by both."""
    by_name = LoginFailure.name_index == name_index
    by_address = LoginFailure.address_index == address_index

    def count(*those: object) -> int:
        query = select(func.count()).select_from(LoginFailure)
        return db.scalar(query.where(LoginFailure.at > since, *those)) or 0  # type: ignore[arg-type]

    newest = select(func.max(LoginFailure.at)).where(LoginFailure.at > since, by_address)
    return Failures(
        pair=count(and_(by_name, by_address)),
        name=count(by_name),
        address=count(by_address),
        last_at_address=db.scalar(newest),
    )


def forget_failures(db: Session, *, name_index: str, address_index: str) -> None:
    """Who got in with name and code is no guesser: the tries of this pair are forgotten."""
    db.execute(
        delete(LoginFailure).where(
            LoginFailure.name_index == name_index, LoginFailure.address_index == address_index
        )
    )


def forget_old_failures(db: Session, *, before: datetime) -> None:
    """Tries that no longer count are not kept."""
    db.execute(delete(LoginFailure).where(LoginFailure.at <= before))
