"""She answered the mood question, and at once says that she meant another number."""

from datetime import timedelta

from bot.core import answers, instruments, second_thoughts
from bot.core.enrolments import ConversationMode
from bot.core.languages import Language
from bot.services import alerts, check_ins
from bot.services.patient_cases import Case
from bot.storage import care
from bot.storage.audit import Audit, record

_INSTRUMENT = "mood"
_WITHIN = timedelta(minutes=10)


def correct(case: Case) -> str | None:
    """Put the number that she meant in place of the first, and the text that says so.

    None when she corrects nothing, another question is open, or it is too long ago. What the first
    number raised stays raised (S2).
    """
    words = second_thoughts.meant(case.text.body)
    conversation = case.conversation
    if words is None or conversation.question is not None:
        return None
    if conversation.mode == ConversationMode.HUMAN:
        return None
    given = care.last_completed(case.db, case.patient.id, _INSTRUMENT, since=case.now - _WITHIN)
    if given is None:
        return None
    instrument = case.clinic.instruments[_INSTRUMENT]
    item = instrument.scored_items[0]
    reading = answers.read_answer(item, words, Language(case.patient.language))
    response = care.item_response(case.db, given.id, item.number)
    if not isinstance(reading, answers.Answered) or response is None:
        return None
    details = {"item": item.number, "was": response.score, "is": reading.score}
    response.score, response.skipped, response.inbound_id = reading.score, False, case.row.id
    case.db.flush()
    score = instruments.score(instrument, care.item_responses(case.db, given.id))
    given.score, given.band = (score.total, score.band) if score else (None, None)
    subject = f"administration:{given.id}"
    record(case.db, Audit("system", "correct_answer", subject, details), now=case.now)
    low = check_ins.low_mood_signal(instrument, reading.score)
    if low is None:
        return "utter_mood_corrected"
    about = alerts.About(case.patient.phone_index, case.patient.id)
    alerts.raise_alert(case.clinic, case.db, about, [low], inbound_id=case.row.id, now=case.now)
    return "utter_report_low"
