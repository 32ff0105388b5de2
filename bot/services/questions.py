"""The one question that is open in a conversation: reads her answer, asks the next.

The safety questions are not here: they are read in the gateway's transaction.
"""

import re

from bot.core import answers, instruments, item_questions
from bot.core.administrations import AdministrationStatus
from bot.core.alerts import SupportKind
from bot.core.enrolments import QuestionKind, QuestionRoute
from bot.core.instruments import Item
from bot.core.messages import Lane
from bot.ports import Reply
from bot.services import alerts, check_ins, conversations, enrolments, outbox, sessions
from bot.services.results import Asked, TurnResult
from bot.storage import care, messages
from bot.storage.tables import Administration, InboundMessage

_ONE_TWO_THREE = re.compile(
    r"^\W*([123])\W*(?:(?:by |por )?(?:private |web |phone )?"
    r"(?:link|phone|call|text|here|please|enlace|tel[eé]fono|llamada|mensaje|texto|"
    r"por favor))?\W*$",
    re.I,
)
_NOW = re.compile(
    r"^\W*(1|ok|okay|sure|now|yes|yeah|s[ií]|claro|ahora)\W*(now|ahora|yes|s[ií])?\W*$", re.I
)
_NOT_NOW = re.compile(r"^\W*(2|no|nope|later|not now|ahora no|despu[eé]s|luego)\W*", re.I)
_ROUTES = {"1": QuestionRoute.LINK, "2": QuestionRoute.PHONE, "3": QuestionRoute.TEXT}


def answer(asked: Asked) -> TurnResult:
    """Take her words as the answer to the open question; not handled when they are none."""
    kind = asked.conversation.question
    if kind == QuestionKind.ITEM:
        return _answer_item(asked)
    if kind == QuestionKind.OFFER_PHQ9:
        return _answer_offer(asked)
    if kind == QuestionKind.PRIVACY:
        return _answer_privacy(asked)
    if kind == QuestionKind.WHEN:
        return _answer_when(asked)
    return TurnResult(handled=False, question_open=False)


def ask(asked: Asked) -> TurnResult:
    """Ask the open question; nothing, when none is open."""
    kind = asked.conversation.question
    if kind == QuestionKind.ITEM:
        return _ask_item(asked)
    if kind == QuestionKind.OFFER_PHQ9:
        return asked.say("utter_offer_phq9")
    if kind == QuestionKind.PRIVACY:
        return asked.say("invite_privacy")
    if kind == QuestionKind.WHEN:
        return asked.say("invite_when")
    return TurnResult(question_open=False)


def _ask_item(asked: Asked) -> TurnResult:
    administration = _administration(asked)
    if administration is None:
        return TurnResult(question_open=False)
    instrument = asked.clinic.instruments[administration.instrument_id]
    item = instruments.next_item(instrument, care.item_responses(asked.db, administration.id))
    if item is None:
        return TurnResult(question_open=False)
    # Nobody reads the very same text three times in a row.
    twice = _asked_with(asked, administration, item)[-2:] == ["utter_item", "utter_item"]
    reply = check_ins.ask(asked.clinic, administration, item, asked.language, again=twice)
    return TurnResult((reply,), question_open=True)


def _asked_with(asked: Asked, administration: Administration, item: Item) -> list[str]:
    """The texts by which this item was asked so far, oldest first."""
    rows = messages.times_asked(asked.db, administration.id, item.number)
    return [row.text_id for row in rows]


def _answer_item(asked: Asked) -> TurnResult:
    administration = _administration(asked)
    if administration is None:
        return TurnResult(handled=False, question_open=False)
    item = _item_of(asked, administration)
    if item is None:
        return TurnResult(handled=False, question_open=True)
    reading = answers.read_answer(item, asked.text, asked.language)
    how_many = item_questions.asks_how_many_left(asked.text)
    if isinstance(reading, answers.Unreadable):
        if how_many:
            return _with_count(asked, administration, _ask_item(asked))
        return TurnResult(handled=False, question_open=True)
    if isinstance(reading, answers.Declined):
        conversations.abandon_administration(asked.db, asked.patient.id, now=asked.now)
        conversations.close_question(asked.db, asked.conversation, now=asked.now)
        return asked.say("utter_check_in_declined")
    if isinstance(reading, answers.Ambiguous):
        _alert_in_doubt(asked, administration, item, reading)
        return _ask_otherwise(asked, administration, item)
    score = reading.score if isinstance(reading, answers.Answered) else None
    kept = _keep(asked, administration, item, score)
    if how_many:
        return _with_count(asked, administration, kept)
    if answers.asks_besides(item, asked.text, asked.language):
        return _pass_on_rest(kept)
    return kept


def _pass_on_rest(kept: TurnResult) -> TurnResult:
    """Her answer is stored; her question goes to the dialogue, which then asks what is open."""
    open_still = kept.question_open is True
    return TurnResult(
        () if open_still else kept.replies,
        handled=False,
        question_open=kept.question_open,
        also_asks=True,
    )


def _with_count(asked: Asked, administration: Administration, then: TurnResult) -> TurnResult:
    """How many items are left, before what comes next."""
    instrument = asked.clinic.instruments[administration.instrument_id]
    given = care.item_responses(asked.db, administration.id)
    left = sum(1 for item in instrument.scored_items if item.number not in given)
    if administration.status != AdministrationStatus.STARTED or not left:
        return then
    count = Reply("utter_items_left", {"count": str(left)})
    return TurnResult((count, *then.replies), question_open=then.question_open)


def _ask_otherwise(asked: Asked, administration: Administration, item: Item) -> TurnResult:
    """After an unclear answer: other words once, then SKIP and a person, then a person reads it.

    A third identical text helps nobody who cannot put herself into a number tonight.
    """
    before = _asked_with(asked, administration, item)
    if "utter_item_again" not in before:
        reply = check_ins.ask(asked.clinic, administration, item, asked.language, again=True)
    elif "utter_item_stuck" not in before:
        reply = Reply("utter_item_stuck", administration_id=administration.id, item=item.number)
    else:
        asked.hand_to_support(SupportKind.NOT_UNDERSTOOD)
        passed = Reply("utter_item_passed", {"time": asked.promise()})
        kept = _keep(asked, administration, item, None)
        return TurnResult((passed, *kept.replies), question_open=kept.question_open)
    # The form is told nothing is open to ask: the question was repeated here, once.
    return TurnResult((reply,), question_open=True)


def _keep(
    asked: Asked, administration: Administration, item: Item, score: int | None
) -> TurnResult:
    check_ins.record_answer(
        asked.clinic,
        asked.db,
        administration,
        item,
        score=score,
        inbound_id=asked.inbound_id if asked.known_inbound else None,
        now=asked.now,
    )
    instrument = asked.clinic.instruments[administration.instrument_id]
    if score is not None:
        low = check_ins.low_mood_signal(instrument, score)
        if low is not None:
            about = alerts.About(asked.patient.phone_index, asked.patient.id)
            alerts.raise_alert(
                asked.clinic, asked.db, about, [low], inbound_id=asked.inbound_id, now=asked.now
            )
    if administration.status == AdministrationStatus.STARTED:
        return _ask_item(asked)
    conversations.close_question(asked.db, asked.conversation, now=asked.now)
    if _leads_on(asked, administration):
        conversations.open_question(
            asked.db, asked.conversation, QuestionKind.OFFER_PHQ9, ref=None, now=asked.now
        )
        return asked.say("utter_offer_phq9")
    if score is not None and check_ins.low_mood_signal(instrument, score) is not None:
        return asked.say("utter_report_low")
    return asked.say("utter_check_in_done")


def _leads_on(asked: Asked, administration: Administration) -> bool:
    """Does this score lead to the longer instrument, which she then may choose?"""
    instrument = asked.clinic.instruments[administration.instrument_id]
    return administration.score is not None and (
        instruments.follow_up(instrument, administration.score) is not None
    )


def _alert_in_doubt(
    asked: Asked, administration: Administration, item: Item, reading: answers.Ambiguous
) -> None:
    """Doubt at an alerting item goes up; the gateway has seen it too, and raising only adds."""
    signal = check_ins.alerting_signal(
        item,
        reading,
        instrument_id=administration.instrument_id,
        plan_is_fresh=sessions.has_fresh_plan(asked.patient, now=asked.now),
    )
    if signal is not None:
        about = alerts.About(asked.patient.phone_index, asked.patient.id)
        alerts.raise_alert(
            asked.clinic, asked.db, about, [signal], inbound_id=asked.inbound_id, now=asked.now
        )


def _answer_offer(asked: Asked) -> TurnResult:
    if _NOT_NOW.match(asked.text):
        conversations.close_question(asked.db, asked.conversation, now=asked.now)
        return asked.say("utter_offer_declined")
    if not _NOW.match(asked.text):
        return TurnResult(handled=False, question_open=True)
    instrument = asked.clinic.instruments["phq9"]
    check_ins.open_now(asked.clinic, asked.db, asked.patient, instrument, now=asked.now)
    return TurnResult(question_open=True)


def _answer_privacy(asked: Asked) -> TurnResult:
    found = _ONE_TWO_THREE.match(asked.text)
    if found is None:
        return TurnResult(handled=False, question_open=True)
    enrolments.choose_route(
        asked.clinic,
        asked.db,
        asked.patient,
        _ROUTES[found.group(1)],
        asked.source,
        now=asked.now,
    )
    conversations.open_question(
        asked.db, asked.conversation, QuestionKind.WHEN, ref=None, now=asked.now
    )
    return asked.say("invite_when")


def _answer_when(asked: Asked) -> TurnResult:
    """Her wishes about times and words are free text: a person reads them and sets them."""
    asked.hand_to_support(SupportKind.PREFERENCES)
    conversations.close_question(asked.db, asked.conversation, now=asked.now)
    # Into the outbox here and not as a reply, which would come after the question that follows.
    outbox.queue(
        asked.clinic,
        asked.db,
        outbox.Text(id="welcome_done", key=f"welcome:{asked.inbound_id}", lane=Lane.REPLY),
        outbox.to_patient(asked.db, asked.patient),
        now=asked.now,
    )
    instrument = asked.clinic.instruments["mood"]
    check_ins.open_now(asked.clinic, asked.db, asked.patient, instrument, now=asked.now)
    return TurnResult(question_open=True)


def _administration(asked: Asked) -> Administration | None:
    administration = care.open_administration(asked.db, asked.patient.id)
    if administration is None and asked.conversation.question == QuestionKind.ITEM:
        conversations.close_question(asked.db, asked.conversation, now=asked.now)
    return administration


def _item_of(asked: Asked, administration: Administration) -> Item | None:
    """The item that her words belong to: what had reached her phone when she wrote them."""
    written = asked.now
    if asked.known_inbound:
        inbound = asked.db.get(InboundMessage, asked.inbound_id)
        written = inbound.received_at if inbound else asked.now
    return check_ins.item_in_question(asked.clinic, asked.db, administration, asked_before=written)
