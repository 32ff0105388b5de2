"""Takes her texts to the dialogue, one conversation at a time, and queues what it says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.core import bare_words
from bot.core.alerts import SupportKind
from bot.core.enrolments import ConversationMode
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.core.messages import Lane
from bot.core.spoken_language import language_to_answer, languages_of
from bot.crisis.screening import Signal
from bot.errors import ConfigError, DialogueUnavailable, NotFound
from bot.ports import DialogueEngine, Reply
from bot.services import alerts, bereaved, outbox, practice, support, turns, understandings
from bot.services.clinic import Clinic
from bot.storage import care, messages, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Conversation, InboundMessage, Patient

log = structlog.get_logger()

# As long as nobody else takes a text whose worker is gone. A worker that is at it renews the lease,
# so a long turn is not done twice; and not for ever, for a worker that hangs is as good as gone.
LEASE = timedelta(seconds=10)
HELD_AT_MOST = timedelta(seconds=60)
# She hears this often that the line is slow while it is: an hour of silence, on a bad night, is
# long. The clinic's own measure for a text that she hears again and again is ten minutes.
_HOLDING_EVERY = timedelta(minutes=10)
_HOLDING_AFRESH = timedelta(hours=1)
# Said in the language that she has just chosen, or about an item in hers.
_IN_HER_OWN = frozenset({"utter_language_changed", "utter_items_left", "utter_offer_phq9"})
# After a week's silence she is told again that she texts with a program.
_NOTICE_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Waiting:
    """A claimed text, read while the transaction was open."""

    inbound_id: str
    at: datetime
    key: str
    text: str
    question_open: bool


@dataclass(frozen=True)
class Claimed:
    """What one claim brought.

    :param taken: how many texts waited; those in people's hands are not for the dialogue.
    """

    taken: int = 0
    waiting: tuple[Waiting, ...] = ()


def converse_next(clinic: Clinic, engine: DialogueEngine, *, worker: str, now: datetime) -> bool:
    """Ask the dialogue about the oldest waiting text; false when there is none."""
    claimed = claim(clinic, worker=worker, now=now, most=1)
    for waiting in claimed.waiting:
        converse(clinic, engine, waiting)
    return claimed.taken > 0


def claim(clinic: Clinic, *, worker: str, now: datetime, most: int) -> Claimed:
    """Take the oldest waiting texts, one a conversation."""
    with clinic.db.looking() as connection:
        if not messages.any_waiting(connection, now=now):
            return Claimed()
    found: list[Waiting] = []
    with clinic.db.transaction(audited=False) as db:
        rows = messages.claim_inbound(db, worker=worker, now=now, lease=LEASE, most=most)
        for row in rows:
            waiting = _waiting(db, row, now=now)
            if waiting is not None:
                found.append(waiting)
                continue
            row.dialogue_status, row.handled_at = "done", now
            record(db, Audit("system", "left_to_people", f"inbound:{row.id}"), now=now)
    return Claimed(len(rows), tuple(found))


def renew(clinic: Clinic, inbound_ids: Sequence[str], *, worker: str, now: datetime) -> None:
    """These texts are still being worked on: nobody else is to take them."""
    if inbound_ids:
        with clinic.db.transaction(audited=False) as db:
            messages.renew_inbound(db, inbound_ids, worker=worker, until=now + LEASE)


def converse(clinic: Clinic, engine: DialogueEngine, waiting: Waiting) -> None:
    """Ask the dialogue about one text, and queue what it says."""
    now = waiting.at
    clinic.db.assert_none_open()
    said, silent = _replies(clinic, engine, waiting, now=now)
    # What is not in the catalogue was approved by nobody; the rest is said all the same.
    replies = [reply for reply in said if reply.text_id in clinic.texts]
    if len(replies) < len(said):
        log.error("reply not in the catalogue", inbound=waiting.inbound_id)
    try:
        _finish(clinic, waiting, replies, silent=silent, now=now)
    except (NotFound, ConfigError):
        # It said something that is in no catalogue: that is no answer, and would be none next time.
        _finish(clinic, waiting, [], silent=False, now=now)


def _finish(
    clinic: Clinic, waiting: Waiting, replies: list[Reply], *, silent: bool, now: datetime
) -> None:
    def act(db: Session) -> None:
        row = db.get_one(InboundMessage, waiting.inbound_id)
        if row.dialogue_status == "done":
            return
        if replies or silent:
            _queue_replies(clinic, db, row, replies, now=now)
        else:
            _no_answer(clinic, db, row, now=now)
        words = sealing.get(db, row, "body")
        understandings.note(db, row.id, replies, words=words, now=now)
        row.dialogue_status, row.handled_at, row.lease_until = "done", now, None
        record(
            db, Audit("system", "converse", f"inbound:{row.id}", {"replies": len(replies)}), now=now
        )

    clinic.db.together(act)


def _waiting(db: Session, row: InboundMessage, *, now: datetime) -> Waiting | None:
    """What the dialogue is to be asked; none when people have taken over since."""
    if row.patient_id is None:
        return None
    conversation = care.conversation_of(db, row.patient_id)
    if conversation.mode == ConversationMode.HUMAN or people.is_opted_out(db, row.phone_index):
        return None
    return Waiting(
        inbound_id=row.id,
        at=now,
        key=conversation.key,
        text=sealing.get(db, row, "body"),
        question_open=conversation.question is not None,
    )


def _replies(
    clinic: Clinic, engine: DialogueEngine, waiting: Waiting, *, now: datetime
) -> tuple[list[Reply], bool]:
    """What to say, and whether saying nothing is meant."""
    bare = None if waiting.question_open else bare_words.read(waiting.text, labels=_labels(clinic))
    if bare is not None:
        turn = turns.Turn(waiting.key, waiting.inbound_id, waiting.text, intent="")
        result = turns.run(clinic, bare, turn, now=now)
        return list(result.replies), True
    try:
        replies = engine.say(
            conversation_key=waiting.key,
            text=waiting.text,
            inbound_id=waiting.inbound_id,
            question_open=waiting.question_open,
        )
    except DialogueUnavailable:
        replies = []
    else:
        if replies:
            return replies, False
        with clinic.db.reading() as db:
            if care.any_turn(db, waiting.inbound_id):
                return [], True
    return _without_dialogue(clinic, waiting, now=now)


def _labels(clinic: Clinic) -> set[str]:
    """The choices of our questions in words, in every language; a bare number is none."""
    answers = [
        answer.label
        for instrument in clinic.instruments.values()
        for item in instrument.scored_items
        for answer in item.answers
    ]
    printed = {words for label in answers for words in (label.en, label.es) if words}
    return {words for words in printed if any(sign.isalpha() for sign in words)}


def _without_dialogue(
    clinic: Clinic, waiting: Waiting, *, now: datetime
) -> tuple[list[Reply], bool]:
    """The dialogue is down: an answer to an open question is still taken, by the same verb."""
    if not waiting.question_open:
        return [], False
    turn = turns.Turn(waiting.key, waiting.inbound_id, waiting.text, intent="")
    result = turns.run(clinic, "answer_question", turn, now=now)
    if not result.also_asks:
        return list(result.replies), result.handled
    left = turns.run(clinic, "leave_question", turn, now=now)
    return [*result.replies, *left.replies], True


def _queue_replies(
    clinic: Clinic, db: Session, row: InboundMessage, replies: list[Reply], *, now: datetime
) -> None:
    patient = people.get_patient(db, row.patient_id or "")
    conversation = care.conversation_of(db, patient.id)
    _remind_that_automated(clinic, db, row, conversation, patient, now=now)
    for number, said in enumerate(replies):
        reply = _fitting_loss(clinic, db, row, patient, said, now=now)
        _queue_reply(clinic, db, row, patient, reply, key=f"reply:{row.id}:{number}", now=now)
        _tell_care_team(clinic, db, row, patient, reply, now=now)


def _queue_reply(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    patient: Patient,
    reply: Reply,
    *,
    key: str,
    now: datetime,
) -> None:
    """One reply in the language of her very words; an item of a check-in in the one she chose."""
    safety = reply.text_id.startswith("crisis_")
    own = Language(patient.language)
    spoken = _languages(sealing.get(db, row, "body"), reply, own=own)
    for language in spoken:
        values = dict(reply.values)
        if safety and language is not own and "time" in values:
            values["time"] = practice.promise(clinic.protocol, patient, now=now, language=language)
        text = outbox.Text(
            id=reply.text_id,
            key=key if language is own else f"{key}:{language}",
            lane=Lane.CRISIS if safety else Lane.REPLY,
            values=values,
            in_reply_to=row.id,
            administration_id=reply.administration_id,
            item=reply.item,
        )
        to_her = replace(outbox.to_patient(db, patient), language=language)
        outbox.queue(clinic, db, text, to_her, now=now)


def _languages(words: str, reply: Reply, *, own: Language) -> tuple[Language, ...]:
    if reply.text_id.startswith("crisis_"):
        return languages_of(words, own=own)
    if reply.administration_id is not None or reply.text_id in _IN_HER_OWN:
        return (own,)
    return (language_to_answer(words, own=own),)


def _fitting_loss(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    patient: Patient,
    reply: Reply,
    *,
    now: datetime,
) -> Reply:
    """For a mother who has lost her baby an answer that does not fit becomes a call."""
    loss_text = clinic.texts.get(reply.text_id, Language.ENGLISH).loss_text
    if patient.loss_at is None or not bereaved.needs_person(reply.text_id, loss_text=loss_text):
        return reply
    kind = SupportKind.CALL_BACK
    support.open_item(clinic, db, kind, patient_id=patient.id, inbound_id=row.id, now=now)
    words, own = sealing.get(db, row, "body"), Language(patient.language)
    language = language_to_answer(words, own=own)
    by = practice.promise(clinic.protocol, patient, now=now, language=language)
    return Reply(bereaved.fitting(db, patient.id, words), {"time": by})


def _tell_care_team(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    patient: Patient,
    reply: Reply,
    *,
    now: datetime,
) -> None:
    """Some questions reach a person although they have an answer; the FAQ's file says which."""
    level = clinic.texts.told_level(reply.text_id)
    if level is None:
        return
    signal = Signal(Category.DISTRESS, Level(level), "faq", reply.text_id, (), "")
    about = alerts.About(patient.phone_index, patient.id)
    alerts.raise_alert(clinic, db, about, [signal], inbound_id=row.id, now=now)


def _remind_that_automated(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    conversation: Conversation,
    patient: Patient,
    *,
    now: datetime,
) -> None:
    last = conversation.automated_notice_at
    conversation.automated_notice_at = now
    if last is None or now - last < _NOTICE_AFTER:
        return
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id="automated_notice",
            key=f"automated:{row.id}",
            lane=Lane.REPLY,
            in_reply_to=row.id,
        ),
        outbox.to_patient(db, patient),
        now=now,
    )


def _no_answer(clinic: Clinic, db: Session, row: InboundMessage, *, now: datetime) -> None:
    """The dialogue gave no answer: a person reads it, and she is told so, every ten minutes."""
    support.open_item(
        clinic, db, SupportKind.NO_ANSWER, patient_id=row.patient_id, inbound_id=row.id, now=now
    )
    if row.patient_id is None:
        raise NotFound("a text without a patient was sent to the dialogue")
    conversation = care.conversation_of(db, row.patient_id)
    last = conversation.holding_reply_at
    if last is not None and now - last < _HOLDING_EVERY:
        return
    afresh = last is None or now - last >= _HOLDING_AFRESH
    conversation.holding_reply_at = now
    patient = people.get_patient(db, row.patient_id)
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id="holding_reply" if afresh else "holding_again",
            key=f"holding:{row.id}",
            lane=Lane.REPLY,
            values={"time": practice.promise(clinic.protocol, patient, now=now)},
            in_reply_to=row.id,
        ),
        outbox.to_patient(db, patient),
        now=now,
    )
