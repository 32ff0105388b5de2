"""One text of a patient with everything about it, and what can be said and done in answer."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.core.enrolments import EnrolmentStatus
from bot.core.languages import Language
from bot.core.messages import InboundText, Lane
from bot.core.opt_out import OptOutKind, OptOutReading
from bot.core.spoken_language import language_to_answer, languages_of
from bot.errors import NotFound
from bot.services import (
    enrolments,
    now_or_later,
    outbox,
    practice,
    read_along,
    support,
    waiting,
)
from bot.services.arrival import Arrival
from bot.services.clinic import Clinic
from bot.storage import alerts
from bot.storage.tables import Alert, Conversation, InboundMessage, Patient

_STALE = timedelta(minutes=5)


@dataclass(frozen=True)
class Case:
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
    def comes_back(self) -> bool:
        """Does she turn the texts on again? What we wrote meanwhile may never have come."""
        return self.wish is not None and self.wish.kind == OptOutKind.START

    @property
    def source(self) -> enrolments.Source:
        return enrolments.Source("sms", self.row.id)


def hand_to_support(case: Case, kind: SupportKind, *, due_at: datetime | None = None) -> None:
    """A person in support has a task about this text.

    :param due_at: by when at the latest; none for the time that the rota makes true.
    """
    support.open_item(
        case.clinic,
        case.db,
        kind,
        patient_id=case.patient.id,
        inbound_id=case.row.id,
        now=case.now,
        due_at=due_at,
    )


def is_quiet(case: Case) -> bool:
    """May somebody else read her phone, so that she is answered discreetly (``read_along``)?"""
    if case.patient.read_along_since is None:
        return False
    alert = alerts.find_unresolved(case.db, case.patient.phone_index)
    return read_along.is_quiet(case.db, case.patient, alert)


def say(
    case: Case,
    text_id: str,
    *,
    alert: Alert | None = None,
    send_after: datetime | None = None,
) -> bool:
    """Queue a text for her; true, for now she is answered.

    She is answered in the language of these very words; where they are of danger, in doubt in both.
    Where he may read it, an everyday answer becomes the neutral sentence.
    """
    if not text_id.startswith("crisis_") and is_quiet(case):
        text_id = read_along.NEUTRAL
    safety = text_id.startswith("crisis_")
    own = Language(case.patient.language)
    words = case.text.body
    languages = languages_of(words, own=own) if safety else (language_to_answer(words, own=own),)
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


def _values(case: Case, alert: Alert | None, text_id: str, language: Language) -> dict[str, str]:
    clinic, now = case.clinic, case.now
    filled = {
        "time": practice.promise(clinic.protocol, case.patient, now=now, language=language),
    }
    if alert is not None:
        filled |= waiting.values(
            clinic, case.db, alert, case.patient, text_id, language=language, now=now
        )
    return filled
