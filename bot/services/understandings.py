"""Keeps what the dialogue model made of each text, so that staff find what it misunderstood."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.ports import Reply, Understood
from bot.storage import care
from bot.storage.tables import Understanding


def note(
    db: Session, inbound_id: str, replies: Sequence[Reply], *, words: str = "", now: datetime
) -> None:
    """Note intent and certainty; an answer to an open question was not the model's to read.

    Part of the transaction, and of the audit event, of the turn that it is about.

    :param words: hers. A bare number or emoji says nothing of what the model understands, and would
        count as understood.
    """
    made = next((reply.understood for reply in replies if reply.understood), None)
    if words and not any(letter.isalpha() for letter in words):
        return
    if made is None or db.get(Understanding, inbound_id) is not None:
        return
    answered = care.find_turn(db, inbound_id=inbound_id, verb="answer_question")
    if answered is None or not answered.result.get("handled"):
        db.add(_row(inbound_id, made, now=now))


def _row(inbound_id: str, made: Understood, *, now: datetime) -> Understanding:
    return Understanding(
        inbound_id=inbound_id,
        intent=made.intent,
        confidence=made.confidence,
        runner_up=made.runner_up,
        runner_up_confidence=made.runner_up_confidence,
        at=now,
    )
