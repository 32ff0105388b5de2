"""Keeps what somebody wrote into a form when the login had ended before it was sent.

Only words are kept, sealed, for this one person and for a day; what the form would have done is
not done. On a shared computer the next person to log in sees nothing of it.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.logins import LONGEST, LoginStage
from bot.errors import ConfigError
from bot.services import form_keys, housekeeping
from bot.services.clinic import Clinic
from bot.storage.audit import Audit, record
from bot.storage.sealing import vault_of
from bot.storage.tables import Login, Setting, Staff

KEPT_FOR = timedelta(hours=24)
_FORGET_EVERY = timedelta(hours=1)
_MOST = 5
_TABLE = Setting.__tablename__
_PREFIX = "kept_form:"


@dataclass(frozen=True)
class KeptForm:
    """A form that was filled in and not carried out.

    :param page: where the form stands.
    :param action: which form it is: the address that it would have been sent to.
    """

    page: str
    action: str
    fields: Mapping[str, str]
    at: datetime


def keep(
    clinic: Clinic,
    login_id: str,
    *,
    page: str,
    action: str,
    fields: Mapping[str, str],
    now: datetime,
) -> bool:
    """Keep it for whose login this was; false when that cannot be told, or is not wanted.

    A login that a person ended keeps nothing: a browser that was logged off from elsewhere may be
    in other hands.
    """
    with clinic.db.transaction() as db:
        login = db.get(Login, login_id)
        if login is None or not _may_keep(db, login, now=now):
            return False
        name = _PREFIX + login.staff_id
        kept = [one for one in _entries(db, name) if one["action"] != action]
        entry = {"page": page, "action": action, "at": now.isoformat()}
        entry["sealed"] = _seal(db, name, fields)
        db.merge(Setting(name=name, value={"forms": [*kept, entry][-_MOST:]}))
        actor = f"staff:{login.staff_id}"
        # Which page, and no words.
        record(db, Audit(actor, "keep_form", actor, {"page": page}), now=now)
    return True


def find_all(clinic: Clinic, staff_id: str, page: str, *, now: datetime) -> list[KeptForm]:
    """Everything that waits in the forms of this page for this person, the newest first."""
    name, found = _PREFIX + staff_id, []
    with clinic.db.reading() as db:
        for entry in reversed(_fresh(db, name, now=now)):
            fields = _open(db, name, entry["sealed"]) if entry["page"] == page else None
            if fields is not None:
                at = datetime.fromisoformat(entry["at"])
                found.append(KeptForm(page, entry["action"], fields, at))
    return found


def list_pages(clinic: Clinic, staff_id: str, *, now: datetime) -> list[str]:
    """The pages on which something that this person wrote waits; without a look at the words."""
    with clinic.db.reading() as db:
        fresh = _fresh(db, _PREFIX + staff_id, now=now)
    return list(dict.fromkeys(entry["page"] for entry in reversed(fresh)))


def drop(clinic: Clinic, staff_id: str, action: str, *, now: datetime) -> None:
    """It was carried out after all, or is not wanted any more."""
    name = _PREFIX + staff_id
    with clinic.db.reading() as db:
        if not any(entry["action"] == action for entry in _entries(db, name)):
            return
    with clinic.db.transaction() as db:
        left = [entry for entry in _entries(db, name) if entry["action"] != action]
        _put(db, name, left)
        actor = f"staff:{staff_id}"
        record(db, Audit(actor, "drop_form", actor), now=now)


def forget_old(clinic: Clinic, *, now: datetime) -> int:
    """Words that nobody came back for are not kept; how many forms that was."""
    if not housekeeping.claim_round(clinic, "forget_forms", every=_FORGET_EVERY, now=now):
        return 0
    _forget_done(clinic, now=now)
    query = select(Setting.name).where(Setting.name.startswith(_PREFIX, autoescape=True))
    with clinic.db.reading() as db:
        names = list(db.scalars(query))
    forgotten = 0
    for name in names:
        with clinic.db.transaction() as db:
            kept = _entries(db, name)
            fresh = _fresh(db, name, now=now)
            if len(fresh) == len(kept):
                continue
            forgotten += len(kept) - len(fresh)
            _put(db, name, fresh)
            subject = f"staff:{name.removeprefix(_PREFIX)}"
            record(db, Audit("system", "forget_forms", subject), now=now)
    return forgotten


def _forget_done(clinic: Clinic, *, now: datetime) -> None:
    """Names of forms that were sent long ago: nobody sends those again."""
    done = Setting.name.startswith(form_keys.PREFIX, autoescape=True)
    with clinic.db.transaction(audited=False) as db:
        for row in db.scalars(select(Setting).where(done)):
            if now - datetime.fromisoformat(row.value["at"]) >= form_keys.REMEMBERED_FOR:
                db.delete(row)


def _may_keep(db: Session, login: Login, *, now: datetime) -> bool:
    staff = db.get_one(Staff, login.staff_id)
    return (
        login.stage == LoginStage.FULL
        and login.ended_at is None
        and staff.disabled_at is None
        and now - login.created_at < LONGEST + KEPT_FOR
    )


def _entries(db: Session, name: str) -> list[dict[str, Any]]:  # JSON of our own
    found = db.get(Setting, name)
    return list(found.value["forms"]) if found is not None else []


def _fresh(db: Session, name: str, *, now: datetime) -> list[dict[str, Any]]:
    return [
        entry
        for entry in _entries(db, name)
        if now - datetime.fromisoformat(entry["at"]) < KEPT_FOR
    ]


def _put(db: Session, name: str, entries: list[dict[str, Any]]) -> None:
    if entries:
        db.merge(Setting(name=name, value={"forms": entries}))
    elif (row := db.get(Setting, name)) is not None:
        db.delete(row)


def _seal(db: Session, name: str, fields: Mapping[str, str]) -> str:
    words = json.dumps(dict(fields))
    sealed = vault_of(db).seal(words, table=_TABLE, row=name, column="value")
    return b64encode(sealed).decode()


def _open(db: Session, name: str, sealed: str) -> dict[str, str] | None:
    """The fields; none when the key has been changed meanwhile: then they are lost."""
    try:
        words = vault_of(db).open(b64decode(sealed), table=_TABLE, row=name, column="value")
    except ConfigError:
        return None
    found: dict[str, str] = json.loads(words)
    return found
