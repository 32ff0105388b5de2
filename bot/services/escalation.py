"""Pages people about an alert, step by step, until a named person answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.content.escalation import from_record
from bot.core.alerts import AlertStatus
from bot.core.escalation import Due, EscalationPolicy, PageChannel, Recipient, due_step
from bot.core.levels import Level
from bot.core.messages import Lane
from bot.core.rota import Duty, on_duty
from bot.services import outbox, practice
from bot.services.clinic import Clinic
from bot.storage import alerts, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, Page, Staff

# A page that has waited this long in our own outbox is as good as undelivered.
_PAGE_VALID = timedelta(hours=2)


def first_step_at(clinic: Clinic, level: Level, *, now: datetime) -> datetime | None:
    """When an alert of this level pages for the first time; never, for *watch*.

    A same-day alert waits for staffed hours (clinic rules, "Levels").
    """
    if level == Level.WATCH:
        return None
    if level == Level.SAME_DAY:
        return practice.next_staffed(clinic.protocol, now)
    return now


def take_step(
    clinic: Clinic, db: Session, alert: Alert, *, now: datetime, text_id: str | None = None
) -> None:
    """Page whom the policy names next, and say when to look again.

    :param text_id: what the page says, where it is not simply first, again or open again.
    """
    policy = policy_of(alert)
    due = due_step(policy, steps_taken=alert.steps_taken, now=now)
    recipients = _recipients(db, due.step.recipient, now=now)
    if not recipients:
        # Nobody has this duty: everybody is told rather than nobody, and the gap is on record.
        record(
            db,
            Audit("system", "no_one_on_duty", f"alert:{alert.id}", {"duty": due.step.recipient}),
            now=now,
        )
        recipients = people.list_clinicians(db)
    alert.rounds += 1
    for staff in recipients:
        _page(clinic, db, alert, staff, due, policy, text_id=text_id, now=now)
    alert.steps_taken += 1
    alert.next_step_at = due.next_step_at
    if alert.level == Level.SAME_DAY:
        # Nobody is woken for it: the next page waits for staffed hours as the first one did.
        alert.next_step_at = practice.next_staffed(clinic.protocol, due.next_step_at)
    details = {"step": alert.steps_taken, "paged": [staff.id for staff in recipients]}
    record(db, Audit("system", "page", f"alert:{alert.id}", details), now=now)


def policy_of(alert: Alert) -> EscalationPolicy:
    """The policy as it stood when the alert was raised."""
    return from_record(alert.policy)


def escalate_due(clinic: Clinic, *, now: datetime) -> int:
    """Take every step that is due; how many were taken."""
    with clinic.db.reading() as db:
        due = list(alerts.due_alert_ids(db, now=now))
    taken = 0
    broken: Exception | None = None
    for alert_id in due:
        try:
            taken += _step_if_due(clinic, alert_id, now=now)
        except Exception as error:  # one alert that cannot be paged must not silence the others
            broken = error
    if broken is not None:
        raise broken
    return taken


def _step_if_due(clinic: Clinic, alert_id: str, *, now: datetime) -> int:
    with clinic.db.transaction() as db:
        alert = alerts.lock(db, alert_id)
        # Looked up outside the lock: somebody may have been quicker.
        if alert.status != AlertStatus.OPEN or not _is_due(alert, now):
            return 0
        take_step(clinic, db, alert, now=now)
        return 1


def fail_overdue_pages(clinic: Clinic, *, now: datetime) -> int:
    """Treat a page that no receipt confirmed in the policy's time as failed; how many."""
    with clinic.db.reading() as db:
        if not alerts.overdue_pages(db, now=now):
            return 0
    with clinic.db.transaction(audited=False) as db:
        overdue = list(alerts.overdue_pages(db, now=now))
        for page in overdue:
            page_failed(db, page.id, now=now, because="not_delivered_in_time")
    return len(overdue)


def page_failed(db: Session, page_id: str, *, now: datetime, because: str) -> None:
    """A page did not arrive: the next step is due at once, and only once for this page."""
    page = db.get(Page, page_id)
    if page is None or page.failed_at is not None or page.delivered_at is not None:
        return
    page.failed_at, page.delivery_due_at = now, None
    alert = alerts.lock(db, page.alert_id)
    record(
        db,
        Audit("system", "page_failed", f"alert:{alert.id}", {"page": page.id, "because": because}),
        now=now,
    )
    # Only while this page is the newest hope: a step taken since then has its own clock.
    if alert.status == AlertStatus.OPEN and page.round == alert.rounds:
        still_hoped_for = [
            other
            for other in alerts.list_pages(db, alert.id)
            if other.round == page.round and other.failed_at is None
        ]
        if not still_hoped_for:
            alert.next_step_at = min(alert.next_step_at or now, _no_sooner(alert, page, now))


def page_delivered(db: Session, page_id: str, *, now: datetime) -> None:
    """A page reached a phone; that is not yet an acknowledgement."""
    page = db.get(Page, page_id)
    if page is not None and page.delivered_at is None:
        page.delivered_at, page.delivery_due_at = now, None


def recipients_now(db: Session, alert: Alert, *, now: datetime) -> Sequence[Staff]:
    """Who is to be told about this alert at this moment: its holder, or who the last step named."""
    if alert.acknowledged_by is not None:
        return [people.get_staff(db, alert.acknowledged_by)]
    steps = policy_of(alert).steps
    if not steps:
        return people.list_clinicians(db)
    step = steps[min(max(alert.steps_taken - 1, 0), len(steps) - 1)]
    return _recipients(db, step.recipient, now=now) or people.list_clinicians(db)


def _no_sooner(alert: Alert, page: Page, now: datetime) -> datetime:
    # When every number fails at once the ladder must not spin: one lap, then a breath.
    steps = max(1, len(alert.policy["steps"]))
    return now if alert.steps_taken <= steps else max(now, page.at + timedelta(minutes=1))


def _is_due(alert: Alert, now: datetime) -> bool:
    return alert.next_step_at is not None and alert.next_step_at <= now


def _recipients(db: Session, recipient: Recipient, *, now: datetime) -> Sequence[Staff]:
    clinicians = people.list_clinicians(db)
    if recipient == Recipient.EVERYONE:
        return clinicians
    if recipient == Recipient.LEAD:
        return [staff for staff in clinicians if staff.leads]
    staff_id = on_duty(people.list_shifts(db, now=now), Duty(recipient.value), now=now)
    return [staff for staff in clinicians if staff.id == staff_id]


def _page_text(alert: Alert) -> str:
    """First, again, or open again after somebody had it."""
    if alert.rounds == 1:
        return "page_alert"
    return "page_reopened" if alert.steps_taken == 0 else "page_alert_again"


def _page(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    staff: Staff,
    due: Due,
    policy: EscalationPolicy,
    *,
    text_id: str | None,
    now: datetime,
) -> None:
    for channel in due.step.channels:
        page = Page(
            alert_id=alert.id,
            round=alert.rounds,
            recipient=due.step.recipient,
            channel=channel,
            staff_id=staff.id,
            at=now,
            delivery_due_at=now + policy.delivery_timeout,
        )
        db.add(page)
        if channel != PageChannel.SMS:
            # Voice and e-mail come with the paging channels; the policies do not name them yet.
            page.failed_at = now
            continue
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id=text_id or _page_text(alert),
                key=f"page:{page.id}",
                lane=Lane.PAGE,
                values={"code": alert.code, "level": alert.level},
                expires_after=_PAGE_VALID,
                alert_id=alert.id,
                page_id=page.id,
                despite_opt_out=True,
            ),
            outbox.to_staff(db, staff),
            now=now,
        )
