"""Puts one page into the outbox, by each of the ways that a step names."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.calls import spelled
from bot.core.escalation import EscalationPolicy, EscalationStep, PageChannel, Recipient
from bot.core.messages import Lane
from bot.services import links, outbox, reach
from bot.services.clinic import Clinic
from bot.storage import sealing
from bot.storage.tables import Alert, Page, Staff

# A page that has waited this long in our own outbox is as good as undelivered.
_VALID = timedelta(hours=2)


def send(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    responder: Staff | None,
    step: EscalationStep,
    policy: EscalationPolicy,
    *,
    text_id: str | None,
    now: datetime,
) -> None:
    """Page one person, by every way of the step at once; or ring the practice.

    :param responder: none for the practice's own phone.
    :param text_id: what a text says, where it is not simply first, again or open again.
    """
    for channel, addressee in _ways(clinic, db, responder, step):
        page = Page(
            alert_id=alert.id,
            round=alert.rounds,
            recipient=step.recipient if responder else Recipient.PRACTICE,
            channel=channel,
            staff_id=responder.id if responder else None,
            at=now,
            delivery_due_at=now + policy.delivery_timeout,
        )
        db.add(page)
        db.flush()
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id=_text_id(alert, responder, channel, text_id),
                key=f"page:{page.id}",
                lane=Lane.PAGE,
                values={
                    "code": alert.code,
                    "spelled_code": spelled(alert.code),
                    "level": alert.level,
                    "link": links.address(clinic, db, page),
                },
                expires_after=_VALID,
                alert_id=alert.id,
                page_id=page.id,
                despite_opt_out=True,
            ),
            addressee,
            now=now,
        )


def _ways(
    clinic: Clinic, db: Session, responder: Staff | None, step: EscalationStep
) -> Iterator[tuple[PageChannel, outbox.Addressee]]:
    """Every way that this person has; a text when the step names none of them.

    A phone that said STOP rings, whatever the step says.
    """
    if responder is None:
        number = clinic.protocol.practice.phone
        # A practice's phone may be a landline: it rings, and is sent no texts.
        yield PageChannel.VOICE, outbox.Addressee(number, channel=PageChannel.VOICE)
        return
    by_text = outbox.to_staff(db, responder)
    if responder.is_test:
        yield PageChannel.CANARY, by_text
        return
    email = sealing.get(db, responder, "email")
    named = {channel for channel in step.channels if channel != PageChannel.EMAIL or email}
    if reach.takes_no_texts(db, responder):
        # The text is tried all the same, so that a START at the carrier is noticed; it rings too.
        named |= {PageChannel.SMS, PageChannel.VOICE}
    for channel in PageChannel:
        if channel in (named or {PageChannel.SMS}):
            number = email if channel == PageChannel.EMAIL else by_text.number
            yield channel, outbox.Addressee(number, staff_id=responder.id, channel=channel)


def _text_id(
    alert: Alert, responder: Staff | None, channel: PageChannel, text_id: str | None
) -> str:
    if responder is None:
        return "voice_practice"
    if channel == PageChannel.VOICE:
        return "page_voice"
    if channel == PageChannel.EMAIL:
        return "page_email"
    return text_id or _round_text(alert)


def _round_text(alert: Alert) -> str:
    """First, again, or open again after somebody had it."""
    if alert.rounds == 1:
        return "page_alert"
    return "page_reopened" if alert.steps_taken == 0 else "page_alert_again"
