"""Watches over paging itself: every open alert has a next step, every claim a live lease.

What it finds is a task for people, a text to the lead, and silence towards the outside watchdog,
which then calls somebody. Design, rule S3.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.levels import Level
from bot.core.messages import Lane
from bot.services import outbox, support
from bot.services.clinic import Clinic
from bot.storage import alerts, messages, people
from bot.storage.tables import Alert

# The worker looks twice a second: what is overdue for so long was not done.
_GRACE = timedelta(minutes=2)
# A page that is younger is in flight, whatever became of it.
_IN_FLIGHT = timedelta(minutes=5)
_CANARY_WITHIN = timedelta(seconds=60)


def findings(clinic: Clinic, *, now: datetime) -> list[str]:
    """What is wrong with paging now, each in a word of ours with an id; empty when all is well."""
    with clinic.db.looking() as look:
        claims, any_alert = [*_claims(look, now)], alerts.any_unresolved(look)
    if not any_alert:
        return claims
    with clinic.db.reading() as db:
        return [*_alerts(db, now), *claims]


def report(clinic: Clinic, found: Iterable[str], *, now: datetime) -> None:
    """Put trouble on record, as a task each, and tell the lead once an hour."""
    with clinic.db.transaction() as db:
        for finding in sorted(found):
            reason, _, alert_id = finding.partition(":")
            about = alert_id if reason in _ABOUT_ALERTS else None
            support.report_trouble(clinic, db, reason, alert_id=about, now=now)
        _tell_leads(clinic, db, now=now)


_ABOUT_ALERTS = frozenset({"alert_without_next_step", "alert_without_owner", "canary_unanswered"})


def _alerts(db: Session, now: datetime) -> Iterator[str]:
    for alert in alerts.list_unresolved(db):
        if alert.is_test:
            if alert.status == AlertStatus.OPEN and now - alert.raised_at > _CANARY_WITHIN:
                yield f"canary_unanswered:{alert.id}"
            continue
        if alert.status == AlertStatus.ACKNOWLEDGED:
            if alert.acknowledged_by is None or _overdue(alert, now):
                yield f"alert_without_owner:{alert.id}"
        elif alert.level != Level.WATCH and _overdue(alert, now) and not _in_flight(db, alert, now):
            yield f"alert_without_next_step:{alert.id}"


def _overdue(alert: Alert, now: datetime) -> bool:
    return alert.next_step_at is None or now - alert.next_step_at > _GRACE


def _in_flight(db: Session, alert: Alert, now: datetime) -> bool:
    return any(
        page.failed_at is None and now - page.at <= _IN_FLIGHT
        for page in alerts.list_pages(db, alert.id)
        if page.round == alert.rounds
    )


def _claims(look: Connection, now: datetime) -> Iterator[str]:
    if messages.count_dead_claims(look, before=now - _GRACE):
        yield "claim_without_lease"
    if messages.count_waiting(look, lanes=(Lane.CRISIS, Lane.PAGE), due_before=now - _GRACE):
        yield "pages_not_sent"


def _tell_leads(clinic: Clinic, db: Session, *, now: datetime) -> None:
    clinicians = people.list_clinicians(db)
    for lead in [found for found in clinicians if found.leads] or clinicians:
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id="paging_trouble",
                key=f"paging_trouble:{now:%Y%m%d%H}:{lead.id}",
                lane=Lane.PAGE,
                despite_opt_out=True,
            ),
            outbox.to_staff(db, lead),
            now=now,
        )
