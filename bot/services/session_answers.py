"""Her answer to "Reply C to confirm", read at once: it must not get lost in what else she says."""

import re
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.appointments import AppointmentStatus
from bot.core.enrolments import ConversationMode
from bot.services import appointments
from bot.storage import care, messages
from bot.storage.tables import Conversation, Patient

_ASKING = frozenset({"reminder_day_before", "session_moved"})
# As long as the reminder comes before the session, and a little more.
_ANSWERS_FOR = timedelta(hours=26)
_YES = re.compile(
    r"^\W*(c|confirm(ed|ing)?|yes+|yeah|yep|yup|yea|sure|s[ií]+|claro|confirmo|confirmad[oa]|"
    r"ah[ií] estar[eé]|i ?'?ll be there|see you then|ok(ay)? (c|yes|s[ií]))\b",
    re.IGNORECASE,
)
# A yes that wants something else is for the dialogue.
_BUT = re.compile(
    r"\?|\b(no|not|but|cant|can'?t|cannot|move|another|other|different|change|resched\w*|cancel\w*|"
    r"later|earlier|late|call|pero|cambi\w*|mover\w*|otr[oa]|cancel\w*|tarde|antes|llam\w*|stop)\b",
    re.IGNORECASE,
)


def confirms(
    db: Session, patient: Patient, conversation: Conversation, text: str, *, now: datetime
) -> bool:
    """Is this her yes to the reminder that she was sent last?

    Asked before anything else is done about her text, for that may hand her to people.
    """
    if conversation.question is not None or conversation.mode == ConversationMode.HUMAN:
        return False
    if not _YES.match(text) or _BUT.search(text):
        return False
    last = messages.last_sent_to(db, patient.id, since=now - _ANSWERS_FOR)
    appointment = care.next_appointment(db, patient.id, now=now)
    return (
        last is not None
        and last.text_id in _ASKING
        and appointment is not None
        and appointment.status in (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED)
    )


def confirm(db: Session, patient: Patient, *, now: datetime) -> None:
    """Her next session is confirmed; a clinician still gives the OK."""
    appointment = care.next_appointment(db, patient.id, now=now)
    if appointment is not None and appointment.status == AppointmentStatus.SCHEDULED:
        appointments.confirm(db, appointment, by=f"patient:{patient.id}", now=now)
