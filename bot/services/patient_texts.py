"""What is done at once with a patient's text, before any dialogue model is asked.

The order matters and is the clinic's: danger first, then a wish to stop, then everything else.
Both readings of "STOP i want to die" are served.
"""

from dataclasses import replace
from datetime import timedelta

from bot.core import nods
from bot.core.alerts import SupportKind
from bot.core.enrolments import ConversationMode, EnrolmentStatus, QuestionKind
from bot.core.levels import Category, Level
from bot.core.opt_out import OptOutKind, OptOutReading, asks_for_other_hours
from bot.core.pleas import wants_call
from bot.crisis.screening import Layer, Signal
from bot.services import (
    alerts,
    check_ins,
    consent_answers,
    enrolments,
    holders,
    limits,
    mood_changes,
    open_alerts,
    patient_cases,
    patient_signs,
    practice,
    read_along,
    safety_answers,
    screening,
    session_answers,
    waiting,
)
from bot.services.arrival import Arrival
from bot.services.patient_cases import Case
from bot.storage import messages, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, Conversation, Patient

# What an opted-out mother writes cannot be answered by text; it is not left until the evening.
_READ_WITHIN = timedelta(hours=1)
# What a thumb or a heart is met with.
_NOD = "utter_nod"


def receive(arrival: Arrival, patient: Patient, conversation: Conversation) -> None:
    """Deal with a patient's text as far as it cannot wait; the rest is for the dialogue."""
    text, before = arrival.text, arrival.sender.alert
    case = Case(arrival, patient, conversation)
    answer = patient_signs.answer_in(case)
    wish = patient_signs.wish_in(text, answer, opted_out=arrival.sender.opted_out)
    case = replace(case, wish=wish)
    says_yes = session_answers.confirms(
        arrival.db, patient, conversation, text.body, now=arrival.now
    )
    signals = patient_signs.signals_in(case, wish, answer)
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
        answered = answered or patient_cases.say(case, "utter_session_confirmed")
    elif corrected := mood_changes.correct(case):
        answered = answered or patient_cases.say(case, corrected)
    elif _asks_for_other_hours(case):
        patient_cases.hand_to_support(case, SupportKind.PREFERENCES)
        answered = answered or patient_cases.say(case, "hours_noted")
    if text.media_count:
        _hand_over_photo(case)
    if answered or _needs_no_dialogue(case):
        return
    if text.media_count and not text.body.strip():
        patient_cases.say(case, "media_reply")
    else:
        _leave_to_dialogue(case)


def _asks_for_other_hours(case: Case) -> bool:
    """A wish about hours ends nothing: a person sets them. In the invitation it is an answer."""
    if case.conversation.question == QuestionKind.WHEN:
        return False
    in_treatment = case.status in (EnrolmentStatus.ACTIVE, EnrolmentStatus.PAUSED)
    return in_treatment and asks_for_other_hours(case.text.body)


def _only_nods(case: Case) -> bool:
    """A thumb, a heart or "ok" where nothing was asked; two in a row are not thanked for twice."""
    if case.conversation.question is not None or not nods.only(case.text.body):
        return False
    record(case.db, Audit("system", "nod", f"inbound:{case.row.id}"), now=case.now)
    if messages.last_text_to(case.db, case.patient.id) != _NOD:
        patient_cases.say(case, _NOD)
    return True


def _leave_to_dialogue(case: Case) -> None:
    """The worker asks the dialogue about it, unless this number writes like a machine."""
    if patient_cases.is_quiet(case):
        _leave_to_people(case)
        return
    if _only_nods(case):
        return
    verdict = limits.brake(case.arrival)
    if verdict == limits.Brake.FREE:
        case.row.dialogue_status = "pending"
    elif verdict == limits.Brake.STOPS_NOW:
        # Said once: a mother is not left wondering, and a machine gets nothing to answer for long.
        patient_cases.say(case, "loop_stopped")


def _leave_to_people(case: Case) -> None:
    """He may read it, and no alert is open: a neutral word for her, her question for a person."""
    asks = wants_call(case.text.body)
    patient_cases.hand_to_support(case, SupportKind.CALL_BACK if asks else SupportKind.NO_ANSWER)
    if limits.brake(case.arrival) == limits.Brake.FREE:
        patient_cases.say(case, read_along.NEUTRAL)


def _raise(case: Case, signals: list[Signal]) -> bool:
    """Raise the alert and tell her what helps now; whether that answered her."""
    about = alerts.About(case.patient.phone_index, case.patient.id)
    was_marked = case.patient.read_along_since is not None
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
    signal = _to_answer(raised, with_reply)
    if not (raised.new or raised.higher or signal in raised.fresh):
        return _added_reply(case, raised.alert, danger=signal)
    said = _answer_danger(case, raised, signal, with_reply, was_marked=was_marked)
    doubt = safety_answers.doubt_in(with_reply) if Category.VIOLENCE in categories else None
    safety_answers.ask_after(
        case.clinic,
        case.db,
        case.conversation,
        raised.alert,
        doubt or signal,
        said=said,
        words=case.text.body,
        now=case.now,
    )
    return True


def _to_answer(raised: alerts.Raised, signals: list[Signal]) -> Signal:
    """The danger that her reply is about: one that is new to an open alert gets its own text.

    What is known may only have been read from her texts before this one.
    """
    worst = max(signals, key=lambda found: found.level.rank)
    fresh = [signal for signal in raised.fresh if signal.reply]
    if raised.new or raised.higher or not fresh:
        return worst
    newest = max(fresh, key=lambda found: found.level.rank)
    if newest.level == worst.level == Level.EMERGENCY:
        return worst  # a baby who does not breathe comes before all else, known or not
    is_pressing = newest.level.at_least(Level.URGENT) or newest.level.at_least(worst.level)
    return newest if is_pressing else worst


def _answer_danger(
    case: Case,
    raised: alerts.Raised,
    signal: Signal,
    signals: list[Signal],
    *,
    was_marked: bool,
) -> str:
    """What helps now, and its id; where a life is at risk in these very words, that comes first."""
    alert, new = raised.alert, raised.new
    again = [
        other
        for other in signals
        if other.level == Level.EMERGENCY and other.layer == Layer.PATTERN and other != signal
    ]
    if signal.level != Level.EMERGENCY and again:
        first = read_along.answer_to_danger(alert, again[0], signals, was_marked=False, new=False)
        patient_cases.say(case, first, alert=alert)
    reply = read_along.answer_to_danger(alert, signal, signals, was_marked=was_marked, new=new)
    patient_cases.say(case, reply, alert=alert)
    return reply


def _add_to_alert(case: Case, alert: Alert) -> bool:
    """A further text while an alert is open: added to it, and answered every ten minutes."""
    plea = waiting.heard(alert, case.text.body)
    told = waiting.TOLD[plea] if plea else holders.NEW_WORDS
    alerts.add_words(case.clinic, case.db, alert, inbound_id=case.row.id, now=case.now, told=told)
    _hear_plea(case, alert)
    return _answer_about(case, alert)


def _hear_plea(case: Case, alert: Alert) -> None:
    """That she wants a call, or still waits for one, is for people to know; it may hurry them."""
    plea = waiting.heard(alert, case.text.body)
    if plea is not None:
        waiting.take_in(case.clinic, case.db, alert, plea, inbound_id=case.row.id, now=case.now)


def _answer_about(case: Case, alert: Alert) -> bool:
    """Answer her further words; whether that is all that they need."""
    reply = safety_answers.reply_to(case.db, case.conversation, alert, case.text.body, now=case.now)
    if reply is not None:
        if reply == safety_answers.SAID_NO:
            # A doubt that could not be asked about has a no that nobody heard the question to.
            reply = read_along.answer(case.db, alert, reply)
        patient_cases.say(case, reply, alert=alert)
        if not read_along.keeps_quiet(case.db, alert):
            check_ins.resume(case.clinic, case.db, case.patient, case.conversation, now=case.now)
        return True
    waits = waiting.heard(alert, case.text.body) in (waiting.Plea.WAITS, waiting.Plea.SEEN)
    to_people = case.conversation.mode == ConversationMode.HUMAN or waits
    if to_people or read_along.keeps_quiet(case.db, alert):
        return _added_reply(case, alert)
    return False


def _added_reply(case: Case, alert: Alert, *, danger: Signal | None = None) -> bool:
    """Her further words are with the alert; what she hears is decided in ``open_alerts``."""
    if case.stops and danger is None:
        return True
    if case.comes_back and case.arrival.sender.opted_out:
        said: open_alerts.Said | None = open_alerts.back_again(
            case.clinic, case.db, alert, danger=danger, now=case.now
        )
    else:
        said = open_alerts.reply(
            case.clinic, case.db, alert, case.text.body, danger=danger, now=case.now
        )
    if said is not None:
        if said.text_id == waiting.REOPENED:
            # She knows now that nobody has it any more; the clock need not tell her again.
            alert.patient_told_at = case.now
        patient_cases.say(case, said.text_id, alert=alert, send_after=said.send_after)
    return True


def _carry_out(case: Case, wish: OptOutReading) -> bool:
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
    elif confirm and not read_along.keeps_quiet(case.db, case.arrival.sender.alert):
        patient_cases.say(case, "help_reply")
    return True


def _needs_no_dialogue(case: Case) -> bool:
    """People only, not enrolled (yet, or any more), or an answer to the invitation."""
    if case.conversation.mode == ConversationMode.HUMAN:
        # Whoever took over may be away by now: her words must not meet silence unseen.
        patient_cases.hand_to_support(case, SupportKind.NO_ANSWER)
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
        # We may not text her, but a person may phone: read within the hour while one is there.
        opens = practice.next_staffed(case.clinic.protocol, case.now)
        patient_cases.hand_to_support(case, SupportKind.NOT_UNDERSTOOD, due_at=opens + _READ_WITHIN)
        return True
    return False


def _changed_her_mind(case: Case) -> bool:
    """She had answered the invitation with 2, never said STOP, and now answers it with 1."""
    opted_out = people.is_opted_out(case.db, case.patient.phone_index)
    return not opted_out and consent_answers.read_choice(case.text.body) == 1


def _hand_over_photo(case: Case) -> None:
    """Pictures are never opened by software; a person looks, for it may be a cry for help."""
    patient_cases.hand_to_support(case, SupportKind.MEDIA)
