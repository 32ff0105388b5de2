"""What the dialogue may ask of the clinic: one verb for each custom action.

Rasa decides which verb fits her words; everything that is decided about her is decided here.
Every verb that writes is unique on the inbound text: told twice, it answers the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.core.ids import new_id
from bot.core.languages import Language
from bot.errors import NotFound
from bot.ports import Reply
from bot.services import taught_verbs, verbs
from bot.services.clinic import Clinic
from bot.services.results import Asked, TurnResult
from bot.storage import care, people
from bot.storage.tables import TurnRecord


@dataclass(frozen=True)
class Turn:
    """One text of hers, as the dialogue engine sees it.

    :param conversation_key: all that Rasa knows of her.
    :param inbound_id: our id of the text; none when somebody types in Rasa's own shell.
    :param intent: what the model made of it; empty before it was asked.
    :param confidence: how sure the model is of it, from 0 to 1.
    """

    conversation_key: str
    inbound_id: str | None
    text: str
    intent: str
    confidence: float = 1.0


_VERBS: Mapping[str, Callable[[Asked], TurnResult]] = {
    "answer_question": verbs.answer_question,
    "ask_question": verbs.ask_question,
    "leave_question": verbs.leave_question,
    "start_check_in": verbs.start_check_in,
    "screen": verbs.screen,
    "not_understood": verbs.not_understood,
    "request_call": verbs.request_call,
    "request_move": verbs.request_move,
    "next_session": verbs.next_session,
    "confirm_session": verbs.confirm_session,
    "report": verbs.report,
    "pass_on": taught_verbs.pass_on,
    "pass_on_same_day": taught_verbs.pass_on_same_day,
    "pass_on_watch": taught_verbs.pass_on_watch,
    "stop_texts": verbs.stop_texts,
    "start_texts": verbs.start_texts,
    "forget": verbs.forget,
    "take_back": verbs.take_back,
    "goodbye": verbs.goodbye,
    "nothing_waiting": verbs.nothing_waiting,
    "set_language": verbs.set_language,
    "help": verbs.give_help,
    "restore": verbs.restore,
}
# These only look, so asking twice is asking afresh.
_LOOKING = frozenset({"ask_question", "next_session", "restore", "help"})


def run(clinic: Clinic, verb: str, turn: Turn, *, now: datetime) -> TurnResult:
    """Carry out one verb for one text of hers.

    :raises NotFound: there is no such verb.
    """
    if verb not in _VERBS:
        raise NotFound(f"no verb {verb}")

    def act(db: Session) -> TurnResult:
        asked = _asked(clinic, db, turn, now=now)
        if asked is None:
            return verbs.for_nobody(clinic, db, verb, turn.text, turn.intent, now=now)
        if verb in _LOOKING:
            return _VERBS[verb](asked)
        if turn.inbound_id is None:
            result = _VERBS[verb](asked)
            verbs.note_turn(asked, verb, result)
            return result
        before = care.find_turn(db, inbound_id=turn.inbound_id, verb=verb)
        if before is not None:
            return _from_record(before.result)
        result = _VERBS[verb](asked)
        db.add(TurnRecord(inbound_id=turn.inbound_id, verb=verb, result=_to_record(result), at=now))
        verbs.note_turn(asked, verb, result)
        return result

    return clinic.db.together(act)


def _asked(clinic: Clinic, db: Session, turn: Turn, *, now: datetime) -> Asked | None:
    conversation = care.find_conversation(db, turn.conversation_key)
    if conversation is None:
        return None
    return Asked(
        clinic=clinic,
        db=db,
        conversation=conversation,
        patient=people.get_patient(db, conversation.patient_id),
        inbound_id=turn.inbound_id or f"shell{new_id()}"[:28],
        known_inbound=turn.inbound_id is not None,
        text=turn.text,
        intent=turn.intent,
        confidence=turn.confidence,
        now=now,
    )


def _to_record(result: TurnResult) -> dict[str, Any]:
    record = asdict(result)
    record["replies"] = [
        {**asdict(reply), "values": dict(reply.values)} for reply in result.replies
    ]
    return record


def _from_record(record: dict[str, Any]) -> TurnResult:
    language = record["language"]
    return TurnResult(
        replies=tuple(Reply(**reply) for reply in record["replies"]),
        handled=record["handled"],
        language=Language(language) if language else None,
        question_open=record["question_open"],
        also_asks=record["also_asks"],
    )
