"""What a patient's text means to people: an answer, a wish to stop, signs of danger.

Signals only raise (S2): each reader here may add one, and none takes one away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core import answers, his_return, joins_the_dead, violence_news, weapons
from bot.core.alerts import AlertStatus
from bot.core.enrolments import EnrolmentStatus, QuestionKind
from bot.core.instruments import Item
from bot.core.levels import Category, Level
from bot.core.messages import InboundText, OptOutType
from bot.core.opt_out import OptOutKind, OptOutReading, read_opt_out
from bot.core.pleas import wants_call
from bot.crisis.screening import Layer, Signal
from bot.services import (
    alerts,
    check_ins,
    mourning,
    practice,
    read_along,
    safety_answers,
    sessions,
)
from bot.services.patient_cases import Case
from bot.storage import alerts as stored_alerts
from bot.storage import care
from bot.storage.tables import Administration, Alert

# As long as a sentence sent in pieces may take.
_ONE_STORY = timedelta(minutes=3)


@dataclass(frozen=True)
class Answer:
    """Her words as the answer to the item that is open."""

    administration: Administration
    item: Item
    reading: answers.Reading


def answer_in(case: Case) -> Answer | None:
    """Her words as the answer to the item that is open, if one is."""
    if case.conversation.question != QuestionKind.ITEM:
        return None
    administration = care.open_administration(case.db, case.patient.id)
    if administration is None:
        return None
    item = check_ins.item_in_question(
        case.clinic, case.db, administration, asked_before=case.row.received_at
    )
    if item is None:
        return None
    reading = answers.read_answer(item, case.text.body, case.arrival.language)
    return Answer(administration, item, reading)


def wish_in(text: InboundText, answer: Answer | None, *, opted_out: bool) -> OptOutReading | None:
    wish = read_opt_out(text.body)
    if text.opt_out_type == OptOutType.START and wish is None and not opted_out:
        # Carriers take a bare YES for START. From somebody who had not stopped it answers our
        # question, and agrees to nothing.
        return None
    if text.opt_out_type is not None:
        kinds = {
            OptOutType.STOP: OptOutKind.STOP,
            OptOutType.START: OptOutKind.START,
            OptOutType.HELP: OptOutKind.HELP,
        }
        return OptOutReading(kind=kinds[text.opt_out_type], exact=True)
    # "Alto" may mean stop, or a high mood: an open item is what she was asked about.
    if wish is None or wish.exact or answer is None:
        return wish
    return None if isinstance(answer.reading, answers.Answered) else wish


def signals_in(case: Case, wish: OptOutReading | None, answer: Answer | None) -> list[Signal]:
    signals = mourning.as_told(case.arrival.screening.signals, case.text.body)
    if answer is not None:
        signals.extend(_alerting_answer(case, answer))
    signals.extend(safety_answers.signals(case.db, case.conversation, case.text.body))
    signals.extend(_news_of_violence(case, wish))
    signals.extend(_joins_the_dead(case, signals))
    if wish is not None:
        signals.extend(_wish_signals(case, wish))
    return signals


def _joins_the_dead(case: Case, signals: Sequence[Signal]) -> list[Signal]:
    """Her baby has died, and she says that she goes to him: no word of dying need be in it."""
    mourns = case.patient.loss_at is not None
    mourns = mourns or any(one.category == Category.LOSS for one in signals)
    if not mourns or not joins_the_dead.says_so(case.text.body):
        return []
    pattern, reply = joins_the_dead.PATTERN, case.clinic.screener.text_for(Category.SUICIDE)
    return [Signal(Category.SUICIDE, Level.URGENT, "loss", pattern, (), reply)]


def _news_of_violence(case: Case, wish: OptOutReading | None) -> list[Signal]:
    """Violence is known, and she says that he is back, or that it happened again: it cannot wait.

    While nobody has it, it is urgent from now on; whoever has it hears of it at once. A weapon
    makes it an emergency, whoever has it.
    """
    alert = case.arrival.sender.alert
    if (alert is None or alert.level == Level.WATCH) and read_along.is_quiet(
        case.db, case.patient, alert
    ):
        return _news_on_a_marked_phone(case, wish)
    if alert is None or not stored_alerts.has_signal(case.db, alert.id, Category.VIOLENCE):
        return []
    news = _news_in(case, alert, wish)
    if news is None:
        return []
    if news == violence_news.ARMED:
        reply = read_along.IN_DANGER
        return [Signal(Category.VIOLENCE, Level.EMERGENCY, "return", news, (), reply)]
    taken = alert.status == AlertStatus.ACKNOWLEDGED
    level = Level(alert.level) if taken else Level.URGENT
    return [Signal(Category.VIOLENCE, level, "return", news, (), read_along.NEUTRAL)]


def _news_on_a_marked_phone(case: Case, wish: OptOutReading | None) -> list[Signal]:
    """No alert is open, but somebody may read her phone: a person calls the same day.

    What she asks for can be confirmed by no text, so the call itself must come.
    """
    words = case.text.body
    if weapons.are_named(words):
        news, level, reply = violence_news.ARMED, Level.EMERGENCY, read_along.IN_DANGER
    elif his_return.tells_of_return(words):
        news, level, reply = violence_news.RETURN, Level.SAME_DAY, read_along.NEUTRAL
    elif wants_call(words) or (wish is not None and wish.kind == OptOutKind.HELP):
        news, level, reply = violence_news.CALL, Level.SAME_DAY, read_along.NEUTRAL
    else:
        return []
    return [Signal(Category.VIOLENCE, level, "return", news, (), reply)]


def _news_in(case: Case, alert: Alert, wish: OptOutReading | None) -> str | None:
    if weapons.are_named(case.text.body):
        return violence_news.ARMED
    if his_return.tells_of_return(case.text.body):
        return violence_news.RETURN
    told = [one for one in case.arrival.screening.signals if one.category == Category.VIOLENCE]
    if any(_is_news(case, alert, one) for one in told) and not _same_story(case, alert):
        return violence_news.AGAIN
    asks = wants_call(case.text.body) or (wish is not None and wish.kind == OptOutKind.HELP)
    waits = alert.status == AlertStatus.OPEN and alert.level == Level.SAME_DAY
    if asks and waits and read_along.keeps_quiet(case.db, alert):
        # Nothing on her phone may say that a call comes; so the call itself must come.
        return violence_news.CALL
    return None


def _is_news(case: Case, alert: Alert, signal: Signal) -> bool:
    """Does this text itself tell of violence?

    The classifier may only see it in what she wrote just before, or name it beside another kind.
    """
    if signal.layer == Layer.PATTERN:
        return signal.level != Level.WATCH
    return bool(signal.reply) and case.now - alert.last_words_at >= _ONE_STORY


def _same_story(case: Case, alert: Alert) -> bool:
    """Is she still telling what she began to tell, before she answered our question?"""
    if case.conversation.question != QuestionKind.SAFE_TO_TEXT:
        return False
    return case.now - alert.last_words_at < _ONE_STORY


def _alerting_answer(case: Case, answer: Answer) -> list[Signal]:
    """Her answer to an alerting item alerts here, Rasa or no Rasa, and is kept here too."""
    signal = check_ins.alerting_signal(
        answer.item,
        answer.reading,
        instrument_id=answer.administration.instrument_id,
        plan_is_fresh=sessions.has_fresh_plan(case.patient, now=case.now),
    )
    if signal is None:
        return []
    if isinstance(answer.reading, answers.Answered):
        check_ins.record_answer(
            case.clinic,
            case.db,
            answer.administration,
            answer.item,
            score=answer.reading.score,
            inbound_id=case.row.id,
            now=case.now,
        )
    return [signal]


def _wish_signals(case: Case, wish: OptOutReading) -> list[Signal]:
    """A STOP, END or HELP from a patient in treatment reaches her clinician."""
    in_treatment = case.status in (EnrolmentStatus.ACTIVE, EnrolmentStatus.PAUSED)
    if wish.kind in (OptOutKind.STOP, OptOutKind.FORGET) and in_treatment:
        level = alerts.opt_out_level(case.db, case.patient.phone_index, now=case.now)
        return [_wish_signal(Category.OPT_OUT, level, "opt_out_in_treatment")]
    if wish.kind == OptOutKind.HELP and in_treatment:
        at_night = not practice.is_staffed(case.clinic.protocol, case.now)
        session_day = check_ins.is_session_day(case.db, case.patient, case.now)
        level = Level.URGENT if at_night and session_day else Level.SAME_DAY
        return [_wish_signal(Category.HELP_KEYWORD, level, "bare_help")]
    return []


def _wish_signal(category: Category, level: Level, pattern_id: str) -> Signal:
    return Signal(
        category=category, level=level, layer="keyword", pattern_id=pattern_id, spans=(), reply=""
    )
