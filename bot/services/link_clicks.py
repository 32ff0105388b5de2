"""What following the link of a page does: after the login it acknowledges, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.alerts import AlertStatus
from bot.errors import NotAllowed, NotFound
from bot.services import alerts, holders, links
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage.audit import Audit, record
from bot.storage.tables import Page

# An old mailbox must not take today's alert: after this a link only opens the login.
_GOOD_FOR = timedelta(hours=12)


@dataclass(frozen=True)
class Linked:
    """What a link leads to, once the person it was sent to has logged in.

    :param acknowledged: this very click took the alert; false when somebody had it already.
    """

    alert_id: str
    code: str
    acknowledged: bool


def acknowledge_by_link(clinic: Clinic, token: str, *, staff_id: str, now: datetime) -> Linked:
    """The person who is logged in followed a link: the alert is hers or his.

    Called by the console after the login, with whom it has logged in; by POST, since a mail
    scanner follows links too.

    :param token: what stands behind ``/acknowledge/``.
    :raises NotFound: forged, mangled, or about nothing.
    :raises NotAllowed: sent to somebody else, used before, or too old.
    """
    with clinic.db.transaction() as db:
        page_id = links.page_id_of(db, token)
        sent = db.get(Page, page_id) if page_id else None
        if sent is None:
            raise NotFound("this link is not one of ours")
        alert = alerts.locked(db, sent.alert_id)
        page = stored.get_page(db, sent.id)
        _check(page, staff_id=staff_id, now=now)
        page.link_used_at = now
        record(db, Audit(f"staff:{staff_id}", "follow_link", f"alert:{alert.id}"), now=now)
        is_open = alert.status == AlertStatus.OPEN
        if is_open:
            holders.acknowledge(clinic, db, alert, staff_id=staff_id, now=now)
        return Linked(alert.id, alert.code, is_open)


def _check(page: Page, *, staff_id: str, now: datetime) -> None:
    if page.staff_id != staff_id:
        raise NotAllowed("this link was sent to somebody else")
    if page.link_used_at is not None:
        raise NotAllowed("this link was used already: open the alert in the console")
    if now - page.at > _GOOD_FOR:
        raise NotAllowed("this link is too old: open the alert in the console")
