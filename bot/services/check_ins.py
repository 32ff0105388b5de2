"""Plans check-ins, opens them, takes answers, scores them; she never gets a number back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.core import answers, instruments
from bot.core.administrations import AdministrationStatus, check_transition
from bot.core.alerts import SupportKind
from bot.core.enrolments import ConversationMode, EnrolmentStatus, QuestionKind, QuestionRoute
from bot.core.ids import new_id
from bot.core.instruments import Instrument, Item
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.core.messages import Lane
from bot.crisis.screening import Layer, Signal
from bot.errors import NotAllowed
from bot.ports import Reply
from bot.services import conversations, outbox, practice, read_along, support
from bot.services.clinic import Clinic
from bot.storage import alerts, care, messages, people
from bot.storage.audit import Audit, record
from bot.storage.tables import Administration, CheckIn, Conversation, ItemResponse, Patient

# An unfinished check-in is not finished on another day's mood.
_OPEN_FOR = timedelta(hours=24)
# A planned one waits over a weekend for its window; a mood of yesterday is nobody's.
_WAITS = timedelta(days=6)
_DAILY_WAITS = timedelta(hours=24)
# Instruments whose items are private: asked by text only if she chose so (clinic rules).
_PUBLIC = frozenset({"mood"})


def plan(
    clinic: Clinic,
    db: Session,
    *,
    patient_id: str,
    instrument_id: str,
    due_at: datetime,
    by: str,
    now: datetime,
    appointment_id: str | None = None,
) -> CheckIn:
    """Plan a check-in.

    :raises NotAllowed: the instrument is not installed.
    """
    if instrument_id not in clinic.instruments:
        raise NotAllowed(f"instrument {instrument_id} is not installed")
    check_in = CheckIn(
        id=new_id(),
        patient_id=patient_id,
        instrument_id=instrument_id,
        due_at=due_at,
        appointment_id=appointment_id,
    )
    db.add(check_in)
    record(db, Audit(by, "plan_check_in", f"check_in:{check_in.id}"), now=now)
    return check_in


def open_due(clinic: Clinic, *, now: datetime) -> int:
    """Open every planned check-in whose time has come and that may go now; how many."""
    with clinic.db.looking() as look:
        due = care.due_check_in_ids(look, now=now)
    opened = 0
    for check_in_id in due:
        with clinic.db.transaction() as db:
            opened += _open_planned(clinic, db, check_in_id, now=now)
    return opened


def _open_planned(clinic: Clinic, db: Session, check_in_id: str, *, now: datetime) -> int:
    check_in = db.get(CheckIn, check_in_id)
    if check_in is None or check_in.opened_at or check_in.cancelled_at:
        return 0
    patient = people.get_patient(db, check_in.patient_id)
    reason = _obstacle(clinic, db, patient, check_in, now=now)
    if reason == "wait":
        return 0
    if reason is not None:
        check_in.cancelled_at = now
        details = {"because": reason}
        record(db, Audit("system", "cancel_check_in", f"check_in:{check_in.id}", details), now=now)
        if reason == "asks_by_other_route":
            support.open_item(
                clinic,
                db,
                SupportKind.CALL_BACK,
                patient_id=patient.id,
                inbound_id=None,
                now=now,
            )
        return 0
    check_in.opened_at = now
    instrument = clinic.instruments[check_in.instrument_id]
    intro = "day_after_check_in" if check_in.appointment_id else "check_in_intro"
    open_now(clinic, db, patient, instrument, intro=intro, now=now)
    return 1


def _obstacle(
    clinic: Clinic, db: Session, patient: Patient, check_in: CheckIn, *, now: datetime
) -> str | None:
    """Why a planned check-in may not be opened: ``wait`` for a better moment, or never."""
    enrolment = people.enrolment_of(db, patient.id)
    conversation = care.conversation_of(db, patient.id)
    instrument = clinic.instruments[check_in.instrument_id]
    if enrolment.status == EnrolmentStatus.ENDED or patient.loss_at is not None:
        return "not_texting_her"
    if now - check_in.due_at > (_DAILY_WAITS if instrument.id in _PUBLIC else _WAITS):
        return "too_late"
    if enrolment.status != EnrolmentStatus.ACTIVE or conversation.mode == ConversationMode.HUMAN:
        return "wait"
    if alert_id := read_along.phones(db, [patient.id]).get(patient.id):
        read_along.tell_staff(clinic, db, alert_id, patient.id, "check_in_intro", now=now)
        return "wait"
    if not practice.may_check_in(
        clinic.protocol, ZoneInfo(patient.time_zone), daily=instrument.id in _PUBLIC, now=now
    ):
        return "wait"
    if is_session_day(db, patient, now):
        return "wait"
    by_text = enrolment.question_route == QuestionRoute.TEXT
    if instrument.id not in _PUBLIC and not by_text:
        return "asks_by_other_route"
    return "wait" if conversation.question is not None else None


def is_session_day(db: Session, patient: Patient, now: datetime) -> bool:
    zone = ZoneInfo(patient.time_zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return care.has_appointment_between(
        db, patient.id, start=midnight, end=midnight + timedelta(days=1)
    )


def open_now(
    clinic: Clinic,
    db: Session,
    patient: Patient,
    instrument: Instrument,
    *,
    now: datetime,
    intro: str | None = None,
) -> Administration:
    """Begin an administration and queue its first item ourselves, so that it goes with Rasa down.

    :param intro: the text before the first item; none when she asked for it herself, and then it
        may go at any hour.
    """
    administration = Administration(
        id=new_id(),
        patient_id=patient.id,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        status=AdministrationStatus.STARTED,
        started_at=now,
        expires_at=now + _OPEN_FOR,
    )
    db.add(administration)
    record(db, Audit("system", "start", f"administration:{administration.id}"), now=now)
    first = instrument.scored_items[0]
    addressee = outbox.to_patient(db, patient)
    asked = intro is None
    if intro is not None and (len(instrument.scored_items) > 1 or intro != "check_in_intro"):
        before = outbox.Text(
            id=intro,
            key=outbox.intro_key(administration.id),
            lane=Lane.REMINDER,
            waits_for_day=True,
            expires_after=timedelta(hours=8),
        )
        outbox.queue(clinic, db, before, addressee, now=now)
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id="utter_item",
            key=f"item:{administration.id}",
            lane=Lane.REPLY if asked else Lane.REMINDER,
            values={"item": instruments.prompt(instrument, first.number, addressee.language)},
            waits_for_day=not asked,
            expires_after=timedelta(hours=8),
            administration_id=administration.id,
            item=first.number,
        ),
        addressee,
        now=now,
    )
    conversation = care.conversation_of(db, patient.id)
    conversations.open_question(db, conversation, QuestionKind.ITEM, ref=administration.id, now=now)
    return administration


def item_in_question(
    clinic: Clinic, db: Session, administration: Administration, *, asked_before: datetime
) -> Item | None:
    """The item that her words belong to: the one last handed to the carrier before them."""
    handed = messages.last_item_handed_over(db, administration.id, before=asked_before)
    instrument = clinic.instruments[administration.instrument_id]
    if handed is None or handed.item is None:
        return None
    return instrument.item(handed.item)


def alerting_signal(
    item: Item,
    reading: answers.Reading,
    *,
    instrument_id: str,
    plan_is_fresh: bool = False,
) -> Signal | None:
    """A signal, when this reading of an alerting item is one for a clinician; doubt goes up.

    A clear positive answer is urgent. An unclear one is the asked band: 988 first, then the one
    safety question, and urgent unless she clearly says no.

    :param plan_is_fresh: her clinician reviewed her plan with her in the last 14 days: a clear
        positive answer is a call the same day (clinic rules, "Closing").
    """
    if item.alerting_from is None:
        return None
    place = f"{instrument_id}:{item.number}"
    if _is_surely_alerting(item, reading):
        level = Level.SAME_DAY if plan_is_fresh else Level.URGENT
        category, reply = Category.ALERTING_ITEM, "crisis_alerting_item"
        return Signal(category, level, Layer.ITEM, place, (), reply)
    if isinstance(reading, answers.Ambiguous) and reading.might_alert:
        place += ":unclear"
        return Signal(Category.ALERTING_ITEM, Level.SAME_DAY, Layer.ITEM, place, (), "crisis_ask")
    return None


def _is_surely_alerting(item: Item, reading: answers.Reading) -> bool:
    """Is every meaning of her words one that a clinician must hear of? So is "1 or 2"."""
    if isinstance(reading, answers.Answered):
        return instruments.is_alerting(item, reading.score)
    if not isinstance(reading, answers.Ambiguous) or not reading.could_mean:
        return False
    return all(instruments.is_alerting(item, score) for score in reading.could_mean)


def record_answer(
    clinic: Clinic,
    db: Session,
    administration: Administration,
    item: Item,
    *,
    score: int | None,
    inbound_id: str | None,
    now: datetime,
) -> None:
    """Keep her answer to this item; the first one stands. Scores when it was the last item."""
    given = care.item_responses(db, administration.id)
    if item.number not in given:
        db.add(
            ItemResponse(
                administration_id=administration.id,
                item=item.number,
                score=score,
                skipped=score is None,
                inbound_id=inbound_id,
                at=now,
            )
        )
        details = {"item": item.number, "skipped": score is None}
        record(
            db, Audit("system", "answer", f"administration:{administration.id}", details), now=now
        )
        db.flush()
    _complete_if_done(clinic, db, administration, now=now)


def _complete_if_done(
    clinic: Clinic, db: Session, administration: Administration, *, now: datetime
) -> None:
    instrument = clinic.instruments[administration.instrument_id]
    given = care.item_responses(db, administration.id)
    if instruments.next_item(instrument, given) is not None:
        return
    if administration.status != AdministrationStatus.STARTED:
        return
    check_transition(AdministrationStatus.STARTED, AdministrationStatus.COMPLETED)
    administration.status, administration.ended_at = AdministrationStatus.COMPLETED, now
    score = instruments.score(instrument, given)
    if score is not None:
        administration.score = score.total
        administration.band = score.band
    details = {"scored": score is not None}
    record(db, Audit("system", "complete", f"administration:{administration.id}", details), now=now)


def ask(
    clinic: Clinic, administration: Administration, item: Item, language: Language, *, again: bool
) -> Reply:
    """The reply that asks this item."""
    instrument = clinic.instruments[administration.instrument_id]
    if again:
        frame = clinic.texts.get("utter_item_again", language).text.removesuffix("{item}")
        words = instruments.reworded(instrument, item.number, language, frame=frame)
    else:
        words = instruments.prompt(instrument, item.number, language)
    return Reply(
        text_id="utter_item_again" if again else "utter_item",
        values={"item": words},
        administration_id=administration.id,
        item=item.number,
    )


def resume(
    clinic: Clinic, db: Session, patient: Patient, conversation: Conversation, *, now: datetime
) -> None:
    """Go on with the check-in that a safety question interrupted."""
    administration = care.open_administration(db, patient.id)
    if administration is None or conversation.mode == ConversationMode.HUMAN:
        return
    instrument = clinic.instruments[administration.instrument_id]
    item = instruments.next_item(instrument, care.item_responses(db, administration.id))
    if item is None:
        return
    conversations.open_question(db, conversation, QuestionKind.ITEM, ref=administration.id, now=now)
    addressee = outbox.to_patient(db, patient)
    text = outbox.Text(
        id="utter_item",
        key=f"resume:{administration.id}:{new_id()}",
        lane=Lane.REPLY,
        values={"item": instruments.prompt(instrument, item.number, addressee.language)},
        administration_id=administration.id,
        item=item.number,
    )
    outbox.queue(clinic, db, text, addressee, now=now)


def expire(clinic: Clinic, *, now: datetime) -> int:
    """End administrations that she left; silence is information, so her care team hears of it."""
    with clinic.db.looking() as look:
        late = care.expired_administration_ids(look, now=now)
    for administration_id in late:
        with clinic.db.transaction() as db:
            administration = db.get(Administration, administration_id)
            if administration is None or administration.status != AdministrationStatus.STARTED:
                continue
            administration.status = AdministrationStatus.EXPIRED
            administration.ended_at = now
            subject = f"administration:{administration.id}"
            record(db, Audit("system", "expire", subject), now=now)
            conversation = care.conversation_of(db, administration.patient_id)
            if conversation.question_ref == administration.id:
                conversations.close_question(db, conversation, now=now)
            _note_missed(clinic, db, administration, now=now)
    return len(late)


def _note_missed(
    clinic: Clinic, db: Session, administration: Administration, *, now: datetime
) -> None:
    # A missed daily mood is never counted as silence (clinic rules, "Check-ins").
    if administration.instrument_id in _PUBLIC:
        return
    support.open_item(
        clinic,
        db,
        SupportKind.MISSED_CHECK_IN,
        patient_id=administration.patient_id,
        inbound_id=None,
        now=now,
    )


def low_mood_signal(instrument: Instrument, score: int) -> Signal | None:
    """A very low mood is for the morning list."""
    if not instruments.is_watch(instrument, score):
        return None
    return Signal(
        category=Category.DISTRESS,
        level=Level.WATCH,
        layer="item",
        pattern_id=f"{instrument.id}:low",
        spans=(),
        reply="",
    )


def has_open_alert(db: Session, patient: Patient) -> bool:
    """Is there something about her that no person has closed?"""
    return alerts.find_unresolved(db, patient.phone_index) is not None
