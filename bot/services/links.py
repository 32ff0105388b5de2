"""The signed link in a page by e-mail: it shows nothing, and opens the login first."""

import hmac

from sqlalchemy.orm import Session

from bot.services.clinic import Clinic
from bot.storage.sealing import vault_of
from bot.storage.tables import Page

PATH = "/acknowledge/"


def address(clinic: Clinic, db: Session, page: Page) -> str:
    """The link of this page; ``link_clicks`` says what following it does."""
    return f"{clinic.console_url.rstrip('/')}{PATH}{page.id}-{_signature(db, page.id)}"


def page_id_of(db: Session, token: str) -> str | None:
    """Which page a link belongs to; none when it is not one of ours."""
    page_id, _, signature = token.partition("-")
    if not hmac.compare_digest(_signature(db, page_id).encode(), signature.encode()):
        return None
    return page_id


def _signature(db: Session, page_id: str) -> str:
    return vault_of(db).chain("acknowledge-link", page_id)[:32]
