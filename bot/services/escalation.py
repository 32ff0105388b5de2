"""Pages people about an alert, step by step, until a named person answers."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.content.escalation import from_record
from bot.core.alerts import AlertStatus
from bot.core.escalation import EscalationPolicy, Recipient, due_step
from bot.core.levels import Category, Level
from bot.core.rota import Duty
from bot.services import own_phone, pages, practice, reach, recipients, rota, support
from bot.services.clinic import Clinic
from bot.storage import alerts, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, Page, Staff

# Not bad luck but something that a person must mend: the number, the e-mail, a missing channel.
_BROKEN_WAYS = frozenset({reach.OPTED_OUT, "unreachable", "no_such_channel"})


def first_step_at(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> datetime | None:
    """When this alert pages for the first time; never, for *watch*."""
    return None if alert.level == Level.WATCH else next_page_at(clinic, db, alert, now=now)


def next_page_at(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> datetime:
    """The first moment at or after now at which people may be paged about this alert.

    A same-day alert waits for staffed hours (clinic rules, "Levels"). Where none are left today,
    what concerns a baby, and what else the policy names, goes to whoever is on call: Monday is
    not the same day (decision 0028).
    """
    if alert.level != Level.SAME_DAY:
        return now
    opens, late = practice.next_staffed(clinic.protocol, now), policy_of(alert).out_of_hours
    zone = ZoneInfo(clinic.protocol.staffed_hours.zone)
    if late is None or opens.astimezone(zone).date() == now.astimezone(zone).date():
        return opens
    if not late.concerns(_kinds_of(db, alert)):
        return opens
    return min(opens, late.next_moment(now, zone=zone))


def may_page(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> bool:
    """May people be paged about this alert now, or does it wait for hours?"""
    return next_page_at(clinic, db, alert, now=now) == now


def _kinds_of(db: Session, alert: Alert) -> Collection[Category]:
    """What was seen in her words; a mere guess of the model, which pages nobody, does not count."""
    seen = [one for one in alerts.list_signals(db, alert.id) if one.level != Level.WATCH]
    return {Category(alert.category), *(Category(one.category) for one in seen)}


def hurry(
    clinic: Clinic, db: Session, alert: Alert, kinds: Collection[Category], *, now: datetime
) -> None:
    """She wrote of something else that cannot wait until another day, as this alert would.

    :param kinds: what it was not about before.
    """
    late, planned = policy_of(alert).out_of_hours, alert.next_step_at
    if alert.status != AlertStatus.OPEN or planned is None or late is None:
        return
    zone = ZoneInfo(clinic.protocol.staffed_hours.zone)
    if late.concerns(kinds) and planned.astimezone(zone).date() > now.astimezone(zone).date():
        alert.next_step_at = min(planned, next_page_at(clinic, db, alert, now=now))


def take_step(
    clinic: Clinic, db: Session, alert: Alert, *, now: datetime, text_id: str | None = None
) -> None:
    """Page whom the policy names next, and say when to look again.

    :param text_id: what the page says, where it is not simply first, again or open again.
    """
    policy = policy_of(alert)
    _skip_whom_it_is_about(clinic, db, alert, now=now)
    due = due_step(policy, steps_taken=alert.steps_taken, now=now)
    found = recipients.of_step(clinic, db, alert, due.step.recipient, now=now)
    alert.rounds += 1
    for responder in found.people:
        said = text_id or (found.text_id if responder is not None else None)
        pages.send(clinic, db, alert, responder, due.step, policy, text_id=said, now=now)
    alert.steps_taken += 1
    alert.next_step_at = due.next_step_at
    # Nobody is woken for a same-day one: the next page waits for its hours as the first one did.
    alert.next_step_at = next_page_at(clinic, db, alert, now=due.next_step_at)
    paged = [responder.id if responder else "practice" for responder in found.people]
    details = {"step": alert.steps_taken, "paged": paged}
    record(db, Audit("system", "page", f"alert:{alert.id}", details), now=now)


def _skip_whom_it_is_about(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> None:
    """A colleague in danger is not paged about himself: the ladder goes on at the next step."""
    if alert.is_test:
        return
    steps = policy_of(alert).steps
    while alert.steps_taken < len(steps) - 1:
        named = steps[alert.steps_taken].recipient
        if not recipients.names_only_whom_it_is_about(clinic, db, alert, named, now=now):
            return
        alert.steps_taken += 1


def page_besides(clinic: Clinic, db: Session, alert: Alert, staff: Staff, *, now: datetime) -> None:
    """This person is paged in the step just taken too, unless the policy named her or him."""
    sent = alerts.list_pages(db, alert.id)
    is_paged = any(page.staff_id == staff.id and page.round == alert.rounds for page in sent)
    if is_paged or staff.phone_index is None or staff.disabled_at is not None:
        return
    if own_phone.is_of(alert, staff):
        return
    policy = policy_of(alert)
    step = policy.steps[min(alert.steps_taken, len(policy.steps)) - 1]
    pages.send(clinic, db, alert, staff, step, policy, text_id="page_reopened", now=now)
    details = {"step": alert.steps_taken, "paged": [staff.id], "besides": True}
    record(db, Audit("system", "page", f"alert:{alert.id}", details), now=now)


def pass_on(clinic: Clinic, db: Session, alert: Alert, *, staff_id: str, now: datetime) -> None:
    """This person cannot take it: the next one is paged now."""
    record(db, Audit(f"staff:{staff_id}", "pass_on", f"alert:{alert.id}"), now=now)
    take_step(clinic, db, alert, now=now)


def steps_without(
    clinic: Clinic, db: Session, alert: Alert, staff_id: str, *, now: datetime
) -> int:
    """Where the ladder begins after this person handed the alert back: not with the same one."""
    steps = policy_of(alert).steps
    if len(steps) < 2:
        return 0
    first = recipients.of_duty(clinic, db, steps[0].recipient, now=now)
    return 1 if [found.id for found in first] == [staff_id] else 0


def page_newcomers(clinic: Clinic, *, now: datetime) -> int:
    """Page whoever has come on call while an alert was open; how many pages went.

    The ladder keeps its own clock: this is one page more, not a step.
    """
    with clinic.db.looking() as look:
        if not alerts.any_open(look):
            return 0
    with clinic.db.reading() as db:
        on_call = rota.holder(clinic, db, Duty.ON_CALL, now=now)
        if on_call is None:
            return 0
        waiting = list(
            alerts.unknown_to_newcomer(db, on_call.id, phone_index=on_call.phone_index or "")
        )
    paged = 0
    for alert_id in waiting:
        with clinic.db.transaction(audited=False) as db:
            paged += _page_newcomer(clinic, db, alerts.lock(db, alert_id), now=now)
    return paged


def _newcomer(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> Staff | None:
    """Who is on call now, if an earlier person was paged as such and this one never."""
    if alert.status != AlertStatus.OPEN or alert.is_test:
        return None
    if not may_page(clinic, db, alert, now=now):
        return None
    on_call = rota.holder(clinic, db, Duty.ON_CALL, now=now)
    sent = alerts.list_pages(db, alert.id)
    was_paged = any(page.recipient == Recipient.ON_CALL for page in sent)
    if on_call is None or not was_paged or any(page.staff_id == on_call.id for page in sent):
        return None
    if own_phone.is_of(alert, on_call):
        return None
    return on_call


def _page_newcomer(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> int:
    newcomer = _newcomer(clinic, db, alert, now=now)
    if newcomer is None:
        return 0
    support.report_trouble(
        clinic,
        db,
        "shift_changed_while_open",
        alert_id=alert.id,
        staff_id=newcomer.id,
        now=now,
    )
    policy = policy_of(alert)
    step = next(step for step in policy.steps if step.recipient == Recipient.ON_CALL)
    alert.rounds += 1
    pages.send(clinic, db, alert, newcomer, step, policy, text_id="page_alert_again", now=now)
    details = {"step": alert.steps_taken, "paged": [newcomer.id], "newcomer": True}
    record(db, Audit("system", "page", f"alert:{alert.id}", details), now=now)
    return 1


def newest_page_had_time(
    db: Session, alert: Alert, *, at_least: timedelta = timedelta(0), now: datetime
) -> bool:
    """Had the newest page the time to arrive, and is there somebody else to page?

    The last step has a clock of its own: everybody is not rung whenever she writes.

    :param at_least: it must be so old, however soon such a page arrives.
    """
    policy, sent = policy_of(alert), alerts.list_pages(db, alert.id)
    if not sent or alert.steps_taken >= len(policy.steps):
        return False
    return now - sent[-1].at >= max(policy.delivery_timeout, at_least)


def policy_of(alert: Alert) -> EscalationPolicy:
    """The policy as it stood when the alert was raised."""
    return from_record(alert.policy)


def escalate_due(clinic: Clinic, *, now: datetime) -> int:
    """Take every step that is due; how many were taken."""
    with clinic.db.looking() as look:
        due = alerts.due_alert_ids(look, now=now)
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
        if alert.status != AlertStatus.OPEN or not is_due(alert, now):
            return 0
        take_step(clinic, db, alert, now=now)
        return 1


def fail_overdue_pages(clinic: Clinic, *, now: datetime) -> int:
    """Treat a page that no receipt confirmed in the policy's time as failed; how many."""
    with clinic.db.looking() as look:
        if not alerts.any_overdue_page(look, now=now):
            return 0
    with clinic.db.transaction(audited=False) as db:
        overdue = list(alerts.overdue_pages(db, now=now))
        for page in overdue:
            page_failed(clinic, db, page.id, now=now, because="not_delivered_in_time")
    return len(overdue)


def page_failed(clinic: Clinic, db: Session, page_id: str, *, now: datetime, because: str) -> None:
    """A page did not arrive: the next step is due at once, and only once for this page.

    A colleague's phone that refuses us is trouble of its own: a person must look into it.
    """
    page = db.get(Page, page_id)
    if page is None or page.failed_at is not None or page.delivered_at is not None:
        return
    page.failed_at, page.delivery_due_at = now, None
    page.failed_because = because
    alert = alerts.lock(db, page.alert_id)
    if because == reach.OPTED_OUT and page.staff_id is not None:
        reach.lost(clinic, db, people.get_staff(db, page.staff_id), now=now)
    elif because in _BROKEN_WAYS:
        support.report_trouble(clinic, db, because, staff_id=page.staff_id, now=now)
    record(
        db,
        Audit("system", "page_failed", f"alert:{alert.id}", {"page": page.id, "because": because}),
        now=now,
    )
    # Only while this page is the newest hope: a step taken since then has its own clock.
    if alert.status == AlertStatus.OPEN and page.round == alert.rounds:
        db.flush()
        if not alerts.any_hope(db, alert.id, round_=page.round):
            alert.next_step_at = min(alert.next_step_at or now, _no_sooner(alert, page, now))


def page_delivered(db: Session, page_id: str, *, now: datetime) -> None:
    """A page reached a phone; that is not yet an acknowledgement."""
    page = db.get(Page, page_id)
    if page is not None and page.delivered_at is None:
        page.delivered_at, page.delivery_due_at = now, None


def page_sent(db: Session, page_id: str, *, now: datetime) -> None:
    """A page was handed to its carrier; the first one of an alert is a figure."""
    page = db.get_one(Page, page_id)
    first = update(Alert).where(Alert.id == page.alert_id, Alert.first_paged_at.is_(None))
    db.execute(first.values(first_paged_at=now))


def recipients_now(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> Sequence[Staff]:
    """Who is to be told about this alert at this moment: its holder, or who the last step named."""
    if alert.acknowledged_by is not None:
        return [people.get_staff(db, alert.acknowledged_by)]
    steps = policy_of(alert).steps
    everybody = own_phone.others(alert, people.list_clinicians(db))
    if not steps:
        return everybody
    step = steps[min(max(alert.steps_taken - 1, 0), len(steps) - 1)]
    duty = recipients.of_duty(clinic, db, step.recipient, now=now)
    return own_phone.others(alert, duty) or everybody


def _no_sooner(alert: Alert, page: Page, now: datetime) -> datetime:
    # When every number fails at once the ladder must not spin: one lap, then a breath.
    steps = max(1, len(alert.policy["steps"]))
    return now if alert.steps_taken <= steps else max(now, page.at + timedelta(minutes=1))


def is_due(alert: Alert, now: datetime) -> bool:
    """Has the moment come at which something must be done about it?"""
    return alert.next_step_at is not None and alert.next_step_at <= now
