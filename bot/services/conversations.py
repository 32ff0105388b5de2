"""Who speaks with her, and which one question is open."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.core.administrations import AdministrationStatus, check_transition
from bot.core.enrolments import ConversationMode, QuestionKind
from bot.core.levels import Level
from bot.storage import alerts, care, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Conversation, Takeover

_ABOUT_AN_ALERT = (QuestionKind.SAFETY, QuestionKind.SAFE_TO_TEXT)


def open_question(
    db: Session,
    conversation: Conversation,
    kind: QuestionKind,
    *,
    ref: str | None,
    now: datetime,
) -> None:
    """From now on this is what her next words may answer; an earlier question is dropped."""
    conversation.question, conversation.question_ref = kind, ref
    conversation.question_at = now
    subject = f"conversation:{conversation.id}"
    record(db, Audit("system", "open_question", subject, {"kind": kind}), now=now)


def close_question(db: Session, conversation: Conversation, *, now: datetime) -> None:
    """Nothing is asked any more."""
    if conversation.question is not None:
        conversation.question = conversation.question_ref = conversation.question_at = None
        subject = f"conversation:{conversation.id}"
        record(db, Audit("system", "close_question", subject), now=now)


def hand_to_people(db: Session, conversation: Conversation, *, now: datetime) -> None:
    """From *urgent* up people speak with her: no menus, questionnaires end (clinic rules)."""
    if conversation.mode == ConversationMode.HUMAN:
        return
    conversation.mode = ConversationMode.HUMAN
    subject = f"conversation:{conversation.id}"
    record(db, Audit("system", "hand_to_people", subject), now=now)
    close_question(db, conversation, now=now)
    abandon_administration(db, conversation.patient_id, now=now)


def give_back_to_bot(db: Session, patient_id: str, *, now: datetime) -> None:
    """A person has closed the alert: the bot may speak again, unless another one is urgent."""
    conversation = care.conversation_of(db, patient_id)
    still = alerts.find_unresolved(db, people.get_patient(db, patient_id).phone_index)
    if still is not None and Level(still.level).at_least(Level.URGENT):
        return
    if db.scalars(_running_takeover(patient_id)).first() is not None:
        # Somebody took over before or during the alert, and has not handed her back.
        return
    conversation.mode = ConversationMode.BOT
    conversation.not_understood = 0
    if conversation.question in _ABOUT_AN_ALERT:
        # Else her next words, whatever they are, would be read as the answer and page somebody.
        close_question(db, conversation, now=now)
    subject = f"conversation:{conversation.id}"
    record(db, Audit("system", "give_back_to_bot", subject), now=now)


def taken_over_at(db: Session, patient_ids: Collection[str]) -> dict[str, datetime]:
    """With whom of them a person speaks in place of the bot, and since when."""
    if not patient_ids:
        return {}
    query = select(Takeover.patient_id, Takeover.started_at).where(
        Takeover.patient_id.in_(patient_ids), Takeover.ended_at.is_(None)
    )
    return {patient_id: since for patient_id, since in db.execute(query)}


def _running_takeover(patient_id: str) -> Select[str]:
    return select(Takeover.id).where(Takeover.patient_id == patient_id, Takeover.ended_at.is_(None))


def abandon_administration(db: Session, patient_id: str, *, now: datetime) -> None:
    """End what she is in the middle of; it is never scored, and its alerts stand."""
    administration = care.open_administration(db, patient_id)
    if administration is None:
        return
    check_transition(AdministrationStatus(administration.status), AdministrationStatus.ABANDONED)
    administration.status, administration.ended_at = AdministrationStatus.ABANDONED, now
    record(db, Audit("system", "abandon", f"administration:{administration.id}"), now=now)
