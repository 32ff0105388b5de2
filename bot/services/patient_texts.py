"""What is done at once with a patient's text, before any dialogue model is asked.

The order matters and is the clinic's: danger first, then a wish to stop, then everything else.
Both readings of "STOP i want to die" are served.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core import answers
from bot.core.alerts import SupportKind
from bot.core.enrolments import ConversationMode, EnrolmentStatus, QuestionKind
from bot.core.instruments import Item
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.core.messages import InboundText, Lane, OptOutType
from bot.core.opt_out import OptOutKind, OptOutReading, asks_for_other_hours, read_opt_out
from bot.core.spoken_language import languages_of
from bot.crisis.screening import Signal
from bot.errors import NotFound
from bot.services import (
    alerts,
    check_ins,
    consent_answers,
    enrolments,
    holders,
    limits,
    now_or_later,
    open_alerts,
    outbox,
    practice,
    read_along,
    safety_answers,
    screening,
    session_answers,
    sessions,
    support,
    waiting,
)
from bot.services.arrival import Arrival
from bot.services.clinic import Clinic
from bot.storage import care, people
from bot.storage.tables import Administration, Alert, Conversation, InboundMessage, Patient

_STALE = timedelta(minutes=5)


@dataclass(frozen=True)
class _Case:
    """Everything about one text, gathered once."""

    arrival: Arrival
    patient: Patient
    conversation: Conversation
    wish: OptOutReading | None = None

    @property
    def clinic(self) -> Clinic:
        return self.arrival.clinic

    @property
    def db(self) -> Session:
        return self.arrival.db

    @property
    def row(self) -> InboundMessage:
        return self.arrival.row

    @property
    def text(self) -> InboundText:
        return self.arrival.text

    @property
    def now(self) -> datetime:
        return self.arrival.now

    @property
    def status(self) -> EnrolmentStatus:
        """Of her enrolment.

        :raises NotFound: she was never enrolled.
        """
        if self.arrival.sender.enrolment is None:
            raise NotFound("no enrolment")
        return EnrolmentStatus(self.arrival.sender.enrolment.status)

    @property
    def stops(self) -> bool:
        """Does she want no more texts? Then only what helps in danger may still follow."""
        return self.wish is not None and self.wish.kind in (OptOutKind.STOP, OptOutKind.FORGET)

    @property
    def source(self) -> enrolments.Source:
        return enrolments.Source("sms", self.row.id)


@dataclass(frozen=True)
class _Answer:
    """Her words as the answer to the item that is open."""

    administration: Administration
    item: Item
    reading: answers.Reading


def receive(arrival: Arrival, patient: Patient, conversation: Conversation) -> None:
    """Deal with a patient's text as far as it cannot wait; the rest is for the dialogue."""
    text, before = arrival.text, arrival.sender.alert
    case = _Case(arrival, patient, conversation)
    answer = _answer(case)
    wish = _wish(text, answer, opted_out=arrival.sender.opted_out)
    case = replace(case, wish=wish)
    says_yes = session_answers.confirms(
        arrival.db, patient, conversation, text.body, now=arrival.now
    )
    signals = _signals(case, wish, answer)
    screening.note(arrival.row, signals)
    answered = False
    if signals:
        answered = _raise(case, signals)
    elif before is not None:
        answered = _add_to_alert(case, before)
    if wish is not None:
        answered = _carry_out(case, wish) or answered
    elif says_yes:
        # A yes with dark humour stays a yes, whatever the screening made of the rest.
        session_answers.confirm(arrival.db, patient, now=arrival.now)
        answered = answered or _say(case, "utter_session_confirmed")
    elif _asks_for_other_hours(case):
        _hand_to_support(case, SupportKind.PREFERENCES)
        answered = answered or _say(case, "hours_noted")
    if text.media_count:
        _hand_over_photo(case)
    if answered or _needs_no_dialogue(case):
        return
    if text.media_count and not text.body.strip():
        _say(case, "media_reply")
    else:
        _leave_to_dialogue(case)


def _asks_for_other_hours(case: _Case) -> bool:
    """A wish about hours ends nothing: a person sets them. In the invitation it is an answer."""
    if case.conversation.question == QuestionKind.WHEN:
        return False
    in_treatment = case.status in (EnrolmentStatus.ACTIVE, EnrolmentStatus.PAUSED)
    return in_treatment and asks_for_other_hours(case.text.body)


def _leave_to_dialogue(case: _Case) -> None:
    """The worker asks the dialogue about it, unless this number writes like a machine."""
    verdict = limits.brake(case.arrival)
    if verdict == limits.Brake.FREE:
        case.row.dialogue_status = "pending"
    elif verdict == limits.Brake.STOPS_NOW:
        # Said once: a mother is not left wondering, and a machine gets nothing to answer for long.
        _say(case, "loop_stopped")


def _answer(case: _Case) -> _Answer | None:
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
    return _Answer(administration, item, reading)


def _wish(text: InboundText, answer: _Answer | None, *, opted_out: bool) -> OptOutReading | None:
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


def _signals(case: _Case, wish: OptOutReading | None, answer: _Answer | None) -> list[Signal]:
    signals = list(case.arrival.screening.signals)
    if answer is not None:
        signals.extend(_alerting_answer(case, answer))
    signals.extend(safety_answers.signals(case.db, case.conversation, case.text.body))
    if wish is not None:
        signals.extend(_wish_signals(case, wish))
    return signals


def _alerting_answer(case: _Case, answer: _Answer) -> list[Signal]:
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


def _wish_signals(case: _Case, wish: OptOutReading) -> list[Signal]:
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


def _raise(case: _Case, signals: list[Signal]) -> bool:
    """Raise the alert and tell her what helps now; whether that answered her."""
    about = alerts.About(case.patient.phone_index, case.patient.id)
    raised = alerts.raise_alert(
        case.clinic, case.db, about, signals, inbound_id=case.row.id, now=case.now
    )
    categories = {signal.category for signal in signals}
    # An infant emergency is looked at first: nobody may mourn a baby who can be saved.
    if Category.LOSS in categories and Category.INFANT_EMERGENCY not in categories:
        enrolments.mark_loss(case.clinic, case.db, case.patient, now=case.now)
    with_reply = [signal for signal in signals if signal.reply]
    if not with_reply:
        return _add_to_alert(case, raised.alert) if not raised.new else False
    if not raised.new:
        _hear_plea(case, raised.alert)
    signal = max(with_reply, key=lambda found: found.level.rank)
    if not raised.needs_own_reply:
        return _added_reply(case, raised.alert, danger=signal)
    reply = signal.reply
    if not raised.new and not open_alerts.outweighs(signal):
        reply = read_along.discreet(raised.alert, reply)
    _say(case, reply, alert=raised.alert)
    # Also where the question could not be asked: the doubt stays, and silence makes it urgent.
    safety_answers.ask_after(
        case.clinic, case.db, case.conversation, raised.alert, signal, now=case.now
    )
    return True


def _add_to_alert(case: _Case, alert: Alert) -> bool:
    """A further text while an alert is open: added to it, and answered every ten minutes."""
    plea = waiting.heard(alert, case.text.body)
    told = waiting.TOLD[plea] if plea else holders.NEW_WORDS
    alerts.add_words(case.clinic, case.db, alert, inbound_id=case.row.id, now=case.now, told=told)
    _hear_plea(case, alert)
    return _answer_about(case, alert)


def _hear_plea(case: _Case, alert: Alert) -> None:
    """That she wants a call, or still waits for one, is for people to know; it may hurry them."""
    plea = waiting.heard(alert, case.text.body)
    if plea is not None:
        waiting.take_in(case.clinic, case.db, alert, plea, inbound_id=case.row.id, now=case.now)


def _answer_about(case: _Case, alert: Alert) -> bool:
    """Answer her further words; whether that is all that they need."""
    reply = safety_answers.reply_to(case.db, case.conversation, alert, case.text.body, now=case.now)
    if reply is not None:
        _say(case, reply, alert=alert)
        check_ins.resume(case.clinic, case.db, case.patient, case.conversation, now=case.now)
        return True
    waits = waiting.heard(alert, case.text.body) == waiting.Plea.WAITS
    if case.conversation.mode == ConversationMode.HUMAN or waits:
        return _added_reply(case, alert)
    return False


def _added_reply(case: _Case, alert: Alert, *, danger: Signal | None = None) -> bool:
    """Her further words are with the alert; what she hears is decided in ``open_alerts``."""
    if case.stops and danger is None:
        return True
    said = open_alerts.reply(
        case.clinic, case.db, alert, case.text.body, danger=danger, now=case.now
    )
    if said is not None:
        if said.text_id == waiting.REOPENED:
            # She knows now that nobody has it any more; the clock need not tell her again.
            alert.patient_told_at = case.now
        _say(case, said.text_id, alert=alert, send_after=said.send_after)
    return True


def _carry_out(case: _Case, wish: OptOutReading) -> bool:
    """Do what she wishes; whether nothing more is to be said."""
    # A single carrier keyword is answered by the carrier itself, and ours would come back 21610.
    confirm = not (wish.exact and case.clinic.carrier_answers_keywords) and (
        case.row.carrier_answered is None
    )
    if wish.kind == OptOutKind.STOP:
        enrolments.stop(
            case.clinic, case.db, case.patient, case.source, confirm=confirm, now=case.now
        )
    elif wish.kind == OptOutKind.FORGET:
        enrolments.forget(case.clinic, case.db, case.patient, case.source, now=case.now)
    elif wish.kind == OptOutKind.START:
        enrolments.restart(
            case.clinic, case.db, case.patient, case.source, confirm=confirm, now=case.now
        )
    elif confirm:
        _say(case, "help_reply")
    return True


def _needs_no_dialogue(case: _Case) -> bool:
    """People only, not enrolled (yet, or any more), or an answer to the invitation."""
    if case.conversation.mode == ConversationMode.HUMAN:
        # Whoever took over may be away by now: her words must not meet silence unseen.
        _hand_to_support(case, SupportKind.NO_ANSWER)
        return True
    status = case.status
    if status == EnrolmentStatus.INVITED:
        consent_answers.take(
            case.clinic, case.db, case.patient, case.text.body, case.source, now=case.now
        )
        return True
    if status == EnrolmentStatus.ENDED and _changed_her_mind(case):
        enrolments.start(case.clinic, case.db, case.patient, case.source, now=case.now)
        return True
    if status == EnrolmentStatus.ENDED:
        # We may not text her, but a person may phone.
        _hand_to_support(case, SupportKind.NOT_UNDERSTOOD)
        return True
    return False


def _changed_her_mind(case: _Case) -> bool:
    """She had answered the invitation with 2, never said STOP, and now answers it with 1."""
    opted_out = people.is_opted_out(case.db, case.patient.phone_index)
    return not opted_out and consent_answers.read_choice(case.text.body) == 1


def _hand_over_photo(case: _Case) -> None:
    """Pictures are never opened by software; a person looks, for it may be a cry for help."""
    _hand_to_support(case, SupportKind.MEDIA)


def _hand_to_support(case: _Case, kind: SupportKind) -> None:
    """A person in support has a task about this text."""
    support.open_item(
        case.clinic,
        case.db,
        kind,
        patient_id=case.patient.id,
        inbound_id=case.row.id,
        now=case.now,
    )


def _say(
    case: _Case,
    text_id: str,
    *,
    alert: Alert | None = None,
    send_after: datetime | None = None,
) -> bool:
    """Queue a text for her; true, for now she is answered.

    Words of danger are answered in the language of these very words, in doubt in both.
    """
    safety = text_id.startswith("crisis_")
    own = Language(case.patient.language)
    languages = languages_of(case.text.body, own=own) if safety else (own,)
    addressee = outbox.to_patient(case.db, case.patient)
    for number, language in enumerate(languages):
        text = outbox.Text(
            id=now_or_later.fitting(case.clinic, alert, text_id, now=case.now),
            key=f"{text_id}:{case.row.id}" + (f":{language}" if number else ""),
            lane=Lane.CRISIS if safety else Lane.REPLY,
            values=_values(case, alert, text_id, language),
            send_after=send_after,
            # What waited for its minute is no answer any more when the worker was away meanwhile.
            expires_after=_STALE if send_after is not None and send_after > case.now else None,
            in_reply_to=case.row.id,
            alert_id=alert.id if alert else None,
            # A reply to her own words is solicited; where the carrier refuses it, we phone.
            despite_opt_out=safety,
        )
        to_her = replace(addressee, language=language)
        outbox.queue(case.clinic, case.db, text, to_her, now=case.now)
    return True


def _values(case: _Case, alert: Alert | None, text_id: str, language: Language) -> dict[str, str]:
    clinic, now = case.clinic, case.now
    filled = {
        "time": practice.promise(clinic.protocol, case.patient, now=now, language=language),
    }
    if alert is not None:
        filled |= waiting.values(
            clinic, case.db, alert, case.patient, text_id, language=language, now=now
        )
    return filled
