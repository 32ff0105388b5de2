"""The verbs themselves: what a mother may ask for in her own words, and what is then done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core import grief, taken_back, tears
from bot.core.alerts import SupportKind
from bot.core.enrolments import QuestionRoute
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.core.mood import may_be_low
from bot.core.spoken_language import language_not_known
from bot.crisis.screening import Context, Signal
from bot.ports import Reply
from bot.services import (
    alerts,
    appointments,
    bereaved,
    check_ins,
    enrolments,
    mourning,
    practice,
    questions,
    read_along,
    safety_answers,
    second_looks,
)
from bot.services.clinic import Clinic
from bot.services.results import Asked, TurnResult
from bot.storage import alerts as stored_alerts
from bot.storage import care, people
from bot.storage.audit import Audit, record

_NOT_UNDERSTOOD = ("utter_not_understood_once", "utter_not_understood_night")


def note_turn(asked: Asked, verb: str, result: TurnResult) -> None:
    """Put the verb on record; her words were understood unless the answer says that they were not.

    Not the verb: several of them ask again where the model only guessed, and the second time a
    person must read it whichever they were.
    """
    understood = not any(reply.text_id in _NOT_UNDERSTOOD for reply in result.replies)
    if understood and asked.conversation.not_understood:
        asked.conversation.not_understood = 0
    subject = f"conversation:{asked.conversation.id}"
    details = {"verb": verb, "inbound": asked.inbound_id}
    record(asked.db, Audit(f"patient:{asked.patient.id}", "turn", subject, details), now=asked.now)


def for_nobody(
    clinic: Clinic, db: Session, verb: str, text: str, intent: str, *, now: datetime
) -> TurnResult:
    """Somebody types in Rasa's own shell: danger is still detected and escalated."""
    context = Context(language=Language.ENGLISH)
    signals = [
        signal
        for signal in clinic.screener.screen(text, context).signals
        if signal.level != Level.WATCH
    ]
    if intent in _CRISIS_INTENTS and not signals:
        signals = [_intent_signal(intent)]
    if verb in ("screen", "not_understood") and signals:
        about = alerts.About(people.index_of(db, "rasa-shell"))
        alerts.raise_alert(clinic, db, about, signals, inbound_id=None, now=now)
        worst = max(signals, key=lambda signal: signal.level.rank)
        return TurnResult((Reply("utter_safety"),)) if worst.reply else TurnResult()
    if verb == "restore":
        return TurnResult(language=Language.ENGLISH, question_open=False)
    if verb in ("answer_question", "ask_question"):
        return TurnResult(handled=False, question_open=False)
    return TurnResult((Reply("utter_help"),))


# --- what she answers -----------------------------------------------------------------------


def restore(asked: Asked) -> TurnResult:
    """Where she was: the only way in which the dialogue learns it after any interruption."""
    return TurnResult(
        language=asked.language, question_open=asked.conversation.question is not None
    )


def answer_question(asked: Asked) -> TurnResult:
    """Take her words as the answer to the open question, if they are one."""
    return questions.answer(asked)


def ask_question(asked: Asked) -> TurnResult:
    """Ask the open question (again)."""
    return questions.ask(asked)


def leave_question(asked: Asked) -> TurnResult:
    """Nobody can answer what she asked beside her answer: a person reads it, and we go on."""
    asked.hand_to_support(SupportKind.NO_ANSWER)
    held = asked.say("holding_reply", time=asked.promise())
    return TurnResult((*held.replies, *questions.ask(asked).replies))


def start_check_in(asked: Asked) -> TurnResult:
    """She wants to do her check-in now."""
    if care.open_administration(asked.db, asked.patient.id) is not None:
        return questions.ask(asked)
    route = people.enrolment_of(asked.db, asked.patient.id).question_route
    instrument_id = "phq2" if route == QuestionRoute.TEXT else "mood"
    instrument = asked.clinic.instruments[instrument_id]
    check_ins.open_now(asked.clinic, asked.db, asked.patient, instrument, now=asked.now)
    return TurnResult(question_open=True)


# --- danger that the patterns may have missed ------------------------------------------------

_CRISIS_INTENTS = {
    "crisis_suicide": Category.SUICIDE,
    "crisis_self_harm": Category.SELF_HARM,
    "crisis_harm_baby": Category.HARM_BABY,
    "crisis_psychosis": Category.PSYCHOSIS,
    "crisis_violence": Category.VIOLENCE,
    "crisis_overdose": Category.OVERDOSE,
    "crisis_infant": Category.INFANT_EMERGENCY,
}


# Below this the model guesses: it may send a text to people, but not call it danger.
_GUESS = 0.5
# From here on the model alone is believed where minutes count.
_SURE = 0.8


def _intent_signal(intent: str, confidence: float = 1.0) -> Signal:
    """The model sees danger where no pattern did: a person looks, and she is asked.

    Where minutes count her text says that people are alerted now, so they are, however unsure it
    is: then by a text that fits more than one kind.
    """
    category = _CRISIS_INTENTS[intent]
    life = category in (Category.OVERDOSE, Category.INFANT_EMERGENCY)
    sure = confidence >= _SURE
    replies = {
        Category.OVERDOSE: "crisis_overdose" if sure else "crisis_body",
        Category.INFANT_EMERGENCY: "crisis_infant",
        Category.VIOLENCE: "crisis_violence",
        # Nothing about the baby is ever asked in writing: soft text, and a person calls.
        Category.HARM_BABY: "crisis_intrusive",
    }
    return Signal(
        category=category,
        level=_level_of_guess(life=life, sure=sure),
        layer="intent",
        pattern_id=intent,
        spans=(),
        reply=replies.get(category, "crisis_ask"),
    )


def _level_of_guess(*, life: bool, sure: bool) -> Level:
    if not life:
        return Level.SAME_DAY
    return Level.EMERGENCY if sure else Level.URGENT


def _guess_signal(intent: str) -> Signal:
    """The model only guesses at danger: the care team reads it in the morning list."""
    return Signal(_CRISIS_INTENTS[intent], Level.WATCH, "intent", f"{intent}:guess", (), "")


def screen(asked: Asked) -> TurnResult:
    """Screen her words once more, with what the model made of them; signals only raise."""
    context = Context(language=asked.language)
    found = asked.clinic.screener.screen(asked.text, context).signals
    signals = mourning.as_told(found, asked.text)
    if asked.intent in _CRISIS_INTENTS and not any(signal.reply for signal in signals):
        if asked.confidence < _GUESS:
            return _pass_on_guess(asked)
        if asked.patient.loss_at is not None and bereaved.only_looks_back(asked.text):
            _raise_guess(asked)
            return bereaved.ask_a_person(asked)
        signals.append(_intent_signal(asked.intent, asked.confidence))
    if not signals:
        return asked.say("utter_safety")
    about = alerts.About(asked.patient.phone_index, asked.patient.id)
    inbound_id = asked.inbound_id if asked.known_inbound else None
    was_marked = asked.patient.read_along_since is not None
    raised = alerts.raise_alert(
        asked.clinic, asked.db, about, signals, inbound_id=inbound_id, now=asked.now
    )
    worst = max(signals, key=lambda signal: (bool(signal.reply), signal.level.rank))
    if not worst.reply:
        return asked.say("utter_safety")
    if raised.needs_own_reply:
        text_id = read_along.answer_to_danger(
            raised.alert, worst, signals, was_marked=was_marked, new=raised.new
        )
    else:
        text_id = read_along.answer(asked.db, raised.alert, "crisis_added")
    safety_answers.ask_after(
        asked.clinic,
        asked.db,
        asked.conversation,
        raised.alert,
        worst,
        said=text_id,
        words=asked.text,
        now=asked.now,
    )
    # The safety question is read by the gateway, not by the dialogue's form.
    return TurnResult(replies=(Reply(text_id, {"time": asked.promise()}),), question_open=False)


def _pass_on_guess(asked: Asked) -> TurnResult:
    """Asked again what she means, with the numbers that help; and the care team reads it."""
    _raise_guess(asked)
    return not_understood(asked)


def _raise_guess(asked: Asked) -> None:
    about = alerts.About(asked.patient.phone_index, asked.patient.id)
    inbound_id = asked.inbound_id if asked.known_inbound else None
    guess = _guess_signal(asked.intent)
    alerts.raise_alert(asked.clinic, asked.db, about, [guess], inbound_id=inbound_id, now=asked.now)


def not_understood(asked: Asked) -> TurnResult:
    """Once: offer choices. Twice: a person reads it, and she is told by when.

    Tears alone are understood, and a mother who mourns is called.
    """
    signals = asked.clinic.screener.screen(asked.text, Context(language=asked.language)).signals
    if any(signal.reply for signal in signals) and not _already_raised(asked):
        return screen(asked)
    if asked.patient.loss_at is not None:
        # Menus are no answer to a mother who mourns: a person calls.
        return bereaved.ask_a_person(asked)
    if tears.only(asked.text):
        return asked.say("utter_report_low")
    asked.conversation.not_understood += 1
    if asked.conversation.not_understood == 1:
        choices = asked.clinic.texts.get("choices", asked.answers_in).text
        staffed = practice.is_staffed(asked.clinic.protocol, asked.now)
        text_id = "utter_not_understood_once" if staffed else "utter_not_understood_night"
        return asked.say(text_id, choices=choices)
    asked.conversation.not_understood = 0
    asked.hand_to_support(SupportKind.NOT_UNDERSTOOD)
    return asked.say("utter_not_understood_twice", time=asked.promise())


def _already_raised(asked: Asked) -> bool:
    return stored_alerts.find_unresolved(asked.db, asked.patient.phone_index) is not None


# --- requests -------------------------------------------------------------------------------


def request_call(asked: Asked) -> TurnResult:
    """She wants a person to call."""
    asked.hand_to_support(SupportKind.CALL_BACK)
    staffed = practice.is_staffed(asked.clinic.protocol, asked.now)
    text_id = "utter_call_requested" if staffed else "utter_call_requested_off_hours"
    return asked.say(text_id, time=asked.promise())


def request_move(asked: Asked) -> TurnResult:
    """She wants another time for her session."""
    if not second_looks.is_about_a_session(asked):
        return not_understood(asked)
    appointment = care.next_appointment(asked.db, asked.patient.id, now=asked.now)
    appointments.request_move(
        asked.clinic,
        asked.db,
        asked.patient,
        appointment,
        inbound_id=asked.inbound_id if asked.known_inbound else None,
        now=asked.now,
    )
    return asked.say("utter_move_requested", time=asked.promise())


def next_session(asked: Asked) -> TurnResult:
    """She asks when her next session is."""
    if asked.patient.loss_at is not None:
        return bereaved.about_her_session(asked)
    appointment = care.next_appointment(asked.db, asked.patient.id, now=asked.now)
    if appointment is None:
        return asked.say("utter_no_session")
    return asked.say("utter_next_session", when=_when(asked, appointment.starts_at))


def confirm_session(asked: Asked) -> TurnResult:
    """She confirms her next session."""
    if not second_looks.is_about_a_session(asked):
        return not_understood(asked)
    appointment = care.next_appointment(asked.db, asked.patient.id, now=asked.now)
    if appointment is None:
        return asked.say("utter_nothing_to_confirm")
    if appointment.status == "move_requested":
        return asked.say("utter_move_requested", time=asked.promise())
    appointments.confirm(asked.db, appointment, by=f"patient:{asked.patient.id}", now=asked.now)
    return asked.say("utter_session_confirmed", when=_when(asked, appointment.starts_at))


def stop_texts(asked: Asked) -> TurnResult:
    """She wants no more texts, in words that the gateway did not read as such."""
    if not second_looks.wants_no_texts(asked):
        return second_looks.texts_stay_on(asked)
    _alert_opt_out(asked)
    enrolments.stop(
        asked.clinic, asked.db, asked.patient, asked.source, confirm=True, now=asked.now
    )
    return TurnResult(question_open=False)


def _alert_opt_out(asked: Asked) -> None:
    level = alerts.opt_out_level(asked.db, asked.patient.phone_index, now=asked.now)
    signal = Signal(Category.OPT_OUT, level, "intent", "opt_out_in_treatment", (), "")
    about = alerts.About(asked.patient.phone_index, asked.patient.id)
    inbound_id = asked.inbound_id if asked.known_inbound else None
    alerts.raise_alert(
        asked.clinic, asked.db, about, [signal], inbound_id=inbound_id, now=asked.now
    )


def start_texts(asked: Asked) -> TurnResult:
    """She wants texts again."""
    enrolments.restart(
        asked.clinic, asked.db, asked.patient, asked.source, confirm=False, now=asked.now
    )
    return asked.say("utter_start_confirmed")


def forget(asked: Asked) -> TurnResult:
    """She wants her data erased: in her words, for the model's guess alone ends no texts."""
    if not second_looks.wants_erasure(asked):
        return second_looks.texts_stay_on(asked)
    _alert_opt_out(asked)
    enrolments.forget(asked.clinic, asked.db, asked.patient, asked.source, now=asked.now)
    return TurnResult(question_open=False)


def set_language(asked: Asked) -> TurnResult:
    """She wants to be spoken to in another language."""
    unknown = language_not_known(asked.text)
    if unknown is None:
        to_spanish = asked.intent == "request_spanish"
    else:
        to_spanish = unknown is Language.ENGLISH
    language = Language.SPANISH if to_spanish else Language.ENGLISH
    enrolments.set_language(asked.db, asked.patient, language, now=asked.now)
    result = asked.say("utter_language_changed")
    return TurnResult(result.replies, language=language, question_open=result.question_open)


def take_back(asked: Asked) -> TurnResult:
    """She takes back what she wrote; nothing is erased, and no text ends."""
    return second_looks.take_back(asked)


def goodbye(asked: Asked) -> TurnResult:
    """She says goodbye; one that may be for good is no small talk."""
    return second_looks.goodbye(asked)


def nothing_waiting(asked: Asked) -> TurnResult:
    """A yes, a no or an answer, and no question is open; a guess at one is asked again."""
    if taken_back.among(asked.text):
        return take_back(asked)
    if not second_looks.is_yes_or_no(asked):
        return not_understood(asked)
    return asked.say("utter_affirm_nothing")


def give_help(asked: Asked) -> TurnResult:
    """She asks what this line can do."""
    return asked.say("utter_help")


# --- reports --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Report:
    """What a report leads to: a text for her, and somebody who looks."""

    text_id: str
    category: Category | None = None
    level: Level | None = None
    kind: SupportKind | None = None


_SURE_GOOD = 0.8
_REPORTS = {
    "report_good": _Report("utter_report_good"),
    "report_low": _Report("utter_report_low", Category.DISTRESS, Level.WATCH),
    "report_side_effect": _Report(
        "utter_side_effect_noted", Category.MEDICAL_EMERGENCY, Level.SAME_DAY
    ),
    "report_pain_or_bleeding": _Report(
        "crisis_medical", Category.MEDICAL_EMERGENCY, Level.EMERGENCY
    ),
    "report_medicine_problem": _Report("utter_medicine_problem", Category.MISUSE, Level.SAME_DAY),
    "report_loss": _Report("utter_loss", Category.LOSS, Level.SAME_DAY),
    "complaint": _Report("utter_complaint", kind=SupportKind.COMPLAINT),
}
# Answered as a good day, and seen by a person as a bad one.
_PERHAPS_GOOD = _Report("utter_report_good", Category.DISTRESS, Level.WATCH)


# A grown-up or a pet: her own texts go on, and a person reads of it.
_GRIEF = _Report("utter_grief", Category.DISTRESS, Level.WATCH)


def report(asked: Asked) -> TurnResult:
    """She tells how she is; some things reach a person whatever she is told."""
    report = _REPORTS.get(asked.intent)
    if asked.intent == "report_good" and may_be_low(asked.text):
        report = _PERHAPS_GOOD
    if asked.intent == "report_loss" and grief.is_of_another(asked.text):
        report = _GRIEF
    # A glad answer must never follow something that nobody is sure is good.
    guessed = asked.intent == "report_good" and asked.confidence < _SURE_GOOD
    if report is None or guessed:
        return not_understood(asked)
    if report.kind is not None:
        asked.hand_to_support(report.kind)
    if report.category is not None and report.level is not None:
        signal = Signal(report.category, report.level, "intent", asked.intent, (), "")
        about = alerts.About(asked.patient.phone_index, asked.patient.id)
        inbound_id = asked.inbound_id if asked.known_inbound else None
        alerts.raise_alert(
            asked.clinic, asked.db, about, [signal], inbound_id=inbound_id, now=asked.now
        )
        if report.category == Category.LOSS:
            enrolments.mark_loss(asked.clinic, asked.db, asked.patient, now=asked.now)
    return asked.say(report.text_id, time=asked.promise())


def _when(asked: Asked, moment: datetime) -> str:
    return practice.say_moment(asked.patient, moment, language=asked.answers_in)
