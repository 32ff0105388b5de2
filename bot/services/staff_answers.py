"""What a colleague hears back to a text; by call and e-mail, where the phone takes no texts.

After a STOP the carrier lets nothing of ours through to that phone until it says START; what the
phone texts us still comes in, and counts. So whoever has just texted ACK is rung with the answer.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.escalation import PageChannel
from bot.core.languages import Language
from bot.core.messages import Lane
from bot.services import outbox, reach
from bot.services.arrival import Arrival
from bot.services.clinic import Clinic
from bot.storage import sealing
from bot.storage.tables import Alert, InboundMessage, Staff


def say_in(
    case: Arrival,
    staff: Staff,
    text_id: str,
    values: dict[str, str] | None = None,
    *,
    alert: Alert | None = None,
) -> None:
    """Answer the text that has just come in."""
    say(case.clinic, case.db, case.row, staff, text_id, values, now=case.now, alert=alert)


def say(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    text_id: str,
    values: dict[str, str] | None = None,
    *,
    now: datetime,
    alert: Alert | None = None,
    lane: Lane = Lane.PAGE,
    language: Language = Language.ENGLISH,
) -> None:
    """Answer a colleague's text.

    :param values: with a ``code`` where one text of theirs has several answers, one each.
    :param alert: the one that it is about; it shows when the answer could not be sent.
    """
    parts = [text_id, row.id, (values or {}).get("code", "")]
    if language != Language.ENGLISH:
        parts.append(language.value)
    text = outbox.Text(
        id=text_id,
        key=":".join(part for part in parts if part),
        lane=lane,
        values=values or {},
        in_reply_to=row.id,
        alert_id=alert.id if alert else None,
        despite_opt_out=True,
    )
    # Tried all the same: where the carrier has heard a START that we have not, it arrives.
    addressee = replace(outbox.to_staff(db, staff), language=language)
    outbox.queue(clinic, db, text, addressee, now=now)
    if reach.takes_no_texts(db, staff):
        _by_other_ways(clinic, db, staff, text, now=now)


def _by_other_ways(
    clinic: Clinic, db: Session, staff: Staff, text: outbox.Text, *, now: datetime
) -> None:
    """A call reads the answer aloud; a mailbox, which others may read, hears that there is one."""
    ways = [(PageChannel.VOICE, sealing.get(db, staff, "phone"), text.id)]
    if email := sealing.get(db, staff, "email"):
        ways.append((PageChannel.EMAIL, email, "answer_by_email"))
    for channel, address, text_id in ways:
        outbox.queue(
            clinic,
            db,
            outbox.Text(
                id=text_id,
                key=f"{text.key}:{channel}",
                lane=text.lane,
                values=text.values,
                in_reply_to=text.in_reply_to,
                despite_opt_out=True,
            ),
            outbox.Addressee(address, staff_id=staff.id, channel=channel),
            now=now,
        )
