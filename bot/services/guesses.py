"""Counts wrong tries, and stops whoever guesses: at the door, and at a login left open."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from sqlalchemy.orm import Session

from bot.core.logins import FAILURES_COUNT_FOR, Failures, is_locked, wait_at_address
from bot.errors import NotAllowed
from bot.storage import logins, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import LoginFailure

_WAIT = "Too many wrong tries. Wait 15 minutes, or ask for a fresh set-up link."
_BY_TEXT = "An alert can be taken by text meanwhile: ACK and its code."
# An IPv6 line is given a whole network of this size: each address of it is the same house.
_IPV6_NETWORK_BITS = 64


@dataclass(frozen=True)
class Place:
    """Where somebody tries from.

    :param key: what the tries of one place have in common.
    :param shared: others may be behind it: a network, and no browser that is known.
    """

    key: str
    shared: bool

    @classmethod
    def network(cls, address: str) -> "Place":
        """An address on the network, as the console sees it."""
        return cls(_network(address), shared=True)

    @classmethod
    def known_browser(cls, mark: str) -> "Place":
        """A browser in which this person has logged in before."""
        return cls(f"browser:{mark}", shared=False)


# Somebody types a password at a login that is already open.
INSIDE = Place("inside", shared=False)


def refuse_if_locked(db: Session, name: str, place: Place, *, now: datetime) -> None:
    """Go on only when there were not too many wrong tries.

    :raises NotAllowed: there were.
    """
    failures = _failures(db, name, place, now=now)
    if is_locked(failures, known=not place.shared):
        raise NotAllowed(f"{_WAIT} {_BY_TEXT}")
    wait = wait_at_address(failures, now=now) if place.shared else timedelta(0)
    if wait:
        seconds = ceil(wait.total_seconds())
        raise NotAllowed(
            f"Many wrong tries came from your network. Wait {seconds} s and try again, or use a "
            f"browser in which you have logged in before: it need not wait. {_BY_TEXT}"
        )


def note(db: Session, name: str, place: Place, *, staff_id: str | None, now: datetime) -> None:
    """One wrong try more; part of the caller's transaction."""
    logins.forget_old_failures(db, before=now - FAILURES_COUNT_FOR)
    db.add(
        LoginFailure(
            name_index=_index(db, "name", name),
            address_index=_index(db, "address", place.key),
            at=now,
        )
    )
    subject = f"staff:{staff_id or 'unknown'}"
    record(db, Audit("console", "log_in_failed", subject), now=now)


def forgive(db: Session, name: str, place: Place) -> None:
    """Who got in is no guesser."""
    logins.forget_failures(
        db, name_index=_index(db, "name", name), address_index=_index(db, "address", place.key)
    )


def _failures(db: Session, name: str, place: Place, *, now: datetime) -> Failures:
    return logins.count_failures(
        db,
        name_index=_index(db, "name", name),
        address_index=_index(db, "address", place.key),
        since=now - FAILURES_COUNT_FOR,
    )


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return f"{int(found) >> (128 - _IPV6_NETWORK_BITS):x}::/{_IPV6_NETWORK_BITS}"
    return str(found)


def _index(db: Session, kind: str, value: str) -> str:
    return sealing.vault_of(db).index(f"{kind}:{value}")
