"""Looks, as a text leaves, whether it still says truly who has her alert.

A text may wait for its minute (decision 0017), or for a carrier that is down. When somebody takes
the alert meanwhile, or gives it back, the one that is true now goes instead, and once.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.languages import Language
from bot.core.messages import Lane, OutboundStatus
from bot.services import outbox, read_along
from bot.services.clinic import Clinic
from bot.storage import people
from bot.storage.tables import Alert, OutboundMessage

# Why such a text is not sent, on record.
OVERTAKEN = "overtaken"
# They say that nobody has it; and what is said once somebody has.
_TAKEN = {
    "crisis_question": "crisis_question_held",
    "crisis_real": "crisis_real_held",
    "crisis_waiting": "crisis_question_held",
    "crisis_waits_again": "crisis_question_held",
    "crisis_waits_again_now": "crisis_question_held",
    "crisis_unacknowledged": "crisis_question_held",
    "crisis_unacknowledged_now": "crisis_question_held",
}
# They say that somebody has it; and what is said once nobody has.
_GIVEN_BACK = {
    "crisis_added_held": "crisis_added",
    "crisis_call_added_held": "crisis_question",
    "crisis_question_held": "crisis_question",
    "crisis_real_held": "crisis_real",
    "crisis_seen_held": "crisis_question",
    "crisis_waiting_held": "crisis_question",
}
_SAYS_WHO = frozenset(_TAKEN) | frozenset(_GIVEN_BACK)
# Any of these tells her that a person has it.
_TELLS_TAKEN = frozenset(_GIVEN_BACK) | {"alert_taken"}
_STANDS = (
    OutboundStatus.QUEUED,
    OutboundStatus.SENDING,
    OutboundStatus.SENT,
    OutboundStatus.DELIVERED,
)


def look_again(clinic: Clinic, db: Session, row: OutboundMessage, *, now: datetime) -> bool:
    """Is this text no longer true? Then the one that is has been put in its place.

    She is not left without an answer: it is dropped alone only where she was told since.
    """
    if row.text_id not in _SAYS_WHO or row.alert_id is None or row.patient_id is None:
        return False
    # Not locked: a gateway that holds her conversation may be waiting for this very row.
    alert = db.get_one(Alert, row.alert_id)
    instead = (_GIVEN_BACK if alert.status == AlertStatus.OPEN else _TAKEN).get(row.text_id)
    if instead is None:
        return False
    if alert.status == AlertStatus.OPEN or not _knows(db, alert, row):
        _say(clinic, db, alert, row, instead, now=now)
    return True


def _knows(db: Session, alert: Alert, row: OutboundMessage) -> bool:
    """Was she told, in the language of this text, that a person has it since one took it?"""
    if alert.acknowledged_at is None:
        return False
    query = select(OutboundMessage.id).where(
        OutboundMessage.patient_id == row.patient_id,
        OutboundMessage.alert_id == alert.id,
        OutboundMessage.text_id.in_(_TELLS_TAKEN),
        OutboundMessage.language == row.language,
        OutboundMessage.status.in_(_STANDS),
        OutboundMessage.created_at >= alert.acknowledged_at,
    )
    return db.scalars(query.limit(1)).first() is not None


def _say(
    clinic: Clinic, db: Session, alert: Alert, row: OutboundMessage, text_id: str, *, now: datetime
) -> None:
    to_her = outbox.to_patient(db, people.get_patient(db, row.patient_id or ""))
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id=read_along.answer(db, alert, text_id),
            key=f"{OVERTAKEN}:{row.id}",
            lane=Lane.CRISIS,
            expires_after=row.expires_at - now if row.expires_at else None,
            in_reply_to=row.in_reply_to,
            alert_id=alert.id,
            despite_opt_out=row.despite_opt_out,
        ),
        replace(to_her, language=Language(row.language)),
        now=now,
    )
