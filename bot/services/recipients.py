"""Whom a step of an escalation policy means at this moment, and whom when nobody has the duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.escalation import Recipient
from bot.core.rota import Duty
from bot.services import own_phone, rota, support
from bot.services.clinic import Clinic
from bot.storage import people
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, Staff


@dataclass(frozen=True)
class Responders:
    """Who is paged in a step.

    :param people: none stands for the practice's own phone.
    :param text_id: what the page says, where the reason why it goes to them matters.
    """

    people: Sequence[Staff | None]
    text_id: str | None = None


def of_step(
    clinic: Clinic, db: Session, alert: Alert, recipient: Recipient, *, now: datetime
) -> Responders:
    """Whom this step pages; never nobody.

    Nobody on duty, or somebody without a phone: everybody is told rather than nobody, and the
    trouble is a task of its own. Not a single clinician: the practice's phone rings. Whoever the
    alert is about is not paged about himself; everybody else is, where the step names nobody else.
    """
    if alert.is_test:
        return Responders(people.list_machines(db))
    if recipient == Recipient.PRACTICE:
        return Responders([None])
    on_duty = of_duty(clinic, db, recipient, now=now)
    if found := own_phone.others(alert, on_duty):
        return Responders(found)
    if not on_duty:
        _report(clinic, db, alert, recipient, now=now)
    everybody = own_phone.others(alert, people.list_clinicians(db))
    if not everybody:
        return Responders([None])
    no_one = not on_duty and recipient == Recipient.ON_CALL
    return Responders(everybody, "page_no_one_on_call" if no_one else None)


def names_only_whom_it_is_about(
    clinic: Clinic, db: Session, alert: Alert, recipient: Recipient, *, now: datetime
) -> bool:
    """Would this step page nobody but the colleague whose own phone the alert is about?"""
    on_duty = of_duty(clinic, db, recipient, now=now)
    return bool(on_duty) and not own_phone.others(alert, on_duty)


def of_duty(clinic: Clinic, db: Session, recipient: Recipient, *, now: datetime) -> Sequence[Staff]:
    """The clinicians with a phone whom this word means now; perhaps none."""
    clinicians = people.list_clinicians(db)
    if recipient == Recipient.EVERYONE:
        return clinicians
    if recipient == Recipient.LEAD:
        return [staff for staff in clinicians if staff.leads]
    if recipient == Recipient.PRACTICE:
        return []
    staff = rota.holder(clinic, db, Duty(recipient.value), now=now)
    return [staff] if staff else []


def _report(
    clinic: Clinic, db: Session, alert: Alert, recipient: Recipient, *, now: datetime
) -> None:
    details = {"duty": recipient}
    record(db, Audit("system", "no_one_on_duty", f"alert:{alert.id}", details), now=now)
    named = None
    if recipient in (Recipient.ON_CALL, Recipient.BACKUP):
        named = rota.holder_id(clinic, db, Duty(recipient.value), now=now)
    reason = "responder_without_phone" if named else f"no_one_is_{recipient}"
    support.report_trouble(clinic, db, reason, alert_id=alert.id, staff_id=named, now=now)
