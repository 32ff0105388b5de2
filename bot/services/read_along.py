"""What she is written while somebody at home may read along (clinic rules, "Violence").

Her alert, her care team and a crisis line must not stand on a phone that he checks. Her own words
are answered with the one neutral sentence, which reads like a notice that everyone gets. What she
did not ask for does not go at all, for it may come into his hands: it is held, and staff are told.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind, SupportStatus
from bot.core.levels import Category
from bot.services import outbox, support
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, AuditEvent, OutboundMessage, SupportItem

NEUTRAL = "crisis_violence_unsafe"
# Why a text was held or not sent, on record.
MAY_BE_READ = "may_be_read"


def may_be_read(alert: Alert) -> bool:
    """Is violence at home what her alert is about?"""
    return alert.category == Category.VIOLENCE


def discreet(alert: Alert, text_id: str) -> str:
    """The text that may go to her phone about this alert, in answer to her own words."""
    return NEUTRAL if may_be_read(alert) else text_id


def phones(db: Session, patient_ids: Collection[str]) -> Mapping[str, str]:
    """Whose phone may be read along, and the alert that says so; until a person closes it."""
    if not patient_ids:
        return {}
    return stored.unresolved_with(db, patient_ids, Category.VIOLENCE)


def queue_unasked(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    text: outbox.Text,
    addressee: outbox.Addressee,
    *,
    now: datetime,
) -> OutboundMessage | None:
    """Tell her something about her alert that she did not ask for; not where he may read it.

    Any sign of violence counts here, also where something graver has become the matter.
    """
    row = outbox.queue(clinic, db, text, addressee, now=now)
    if row is not None and stored.has_category(db, alert.id, Category.VIOLENCE):
        outbox.suppress(db, row, MAY_BE_READ, now=now)
        tell_staff(clinic, db, alert.id, alert.patient_id, text.id, now=now)
    return row


def tell_staff(
    clinic: Clinic,
    db: Session,
    alert_id: str,
    patient_id: str | None,
    text_id: str,
    *,
    now: datetime,
) -> None:
    """What was held stands in her alert, each text once; and one task says that somebody calls."""
    subject, details = f"alert:{alert_id}", {"text": text_id}
    known = select(AuditEvent).where(AuditEvent.subject == subject, AuditEvent.verb == "hold_text")
    if any(event.details == details for event in db.scalars(known)):
        return
    record(db, Audit("system", "hold_text", subject, details), now=now)
    task = select(SupportItem.id).where(
        SupportItem.kind == SupportKind.TEXTS_HELD,
        SupportItem.status == SupportStatus.OPEN,
        SupportItem.patient_id == patient_id,
    )
    if db.scalars(task).first() is None:
        kind = SupportKind.TEXTS_HELD
        support.open_item(clinic, db, kind, patient_id=patient_id, inbound_id=None, now=now)
