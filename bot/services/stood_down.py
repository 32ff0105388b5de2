"""Once somebody has an alert, those who were paged about it too hear so: they need not run."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.escalation import PageChannel
from bot.core.messages import Lane
from bot.services import outbox, own_phone, reach
from bot.services.clinic import Clinic
from bot.storage import alerts, audit, people, sealing
from bot.storage.tables import Alert, Staff

# Later it may be true no more; nobody is told late that somebody else has it.
_TRUE_FOR = timedelta(minutes=15)


def tell(clinic: Clinic, db: Session, alert: Alert, *, taker: Staff, now: datetime) -> None:
    """Tell those who were paged by text since the alert was last open that this person has it.

    Once a person and alert, whatever becomes of it; behind the pages, which it must not delay.
    """
    if alert.is_test or taker.is_test:
        return
    for staff in _others_paged(db, alert, taker):
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id="page_stood_down",
                key=f"stood_down:{alert.id}:{staff.id}",
                lane=Lane.REPLY,
                values={"code": alert.code, "name": sealing.get(db, taker, "name")},
                expires_after=_TRUE_FOR,
                alert_id=alert.id,
            ),
            outbox.to_staff(db, staff),
            now=now,
        )


def _others_paged(db: Session, alert: Alert, taker: Staff) -> Iterator[Staff]:
    opened = audit.last_at(db, subject=f"alert:{alert.id}", verb="hand_back") or alert.raised_at
    paged = dict.fromkeys(
        page.staff_id
        for page in alerts.list_pages(db, alert.id)
        if page.channel == PageChannel.SMS and page.at >= opened and page.staff_id != taker.id
    )
    for staff_id in paged:
        staff = people.get_staff(db, staff_id) if staff_id else None
        if staff is None or staff.is_test or staff.disabled_at is not None:
            continue
        # A phone that said STOP is only rung, and nobody is rung to hear that nothing is to do.
        if staff.phone_index is None or reach.takes_no_texts(db, staff):
            continue
        if not own_phone.is_of(alert, staff):
            yield staff
