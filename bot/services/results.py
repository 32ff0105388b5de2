"""What a verb is given, and what it gives back to the dialogue."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import SupportKind
from bot.core.languages import Language
from bot.core.spoken_language import language_to_answer
from bot.ports import Reply
from bot.services import enrolments, practice, support
from bot.services.clinic import Clinic
from bot.storage.tables import Conversation, Patient


@dataclass(frozen=True)
class TurnResult:
    """What the dialogue is to say and to know.

    :param replies: by catalogue id; none is deliberate silence.
    :param handled: her words were what the verb expects; else other rules may answer.
    :param language: speak this language from now on.
    :param also_asks: her words were taken, and hold a question besides that others may answer.
    :param question_open: is a question of ours waiting for her words now?
    """

    replies: tuple[Reply, ...] = ()
    handled: bool = True
    language: Language | None = None
    question_open: bool | None = None
    also_asks: bool = False


@dataclass(frozen=True)
class Asked:
    """Everything a verb is given about one text."""

    clinic: Clinic
    db: Session
    conversation: Conversation
    patient: Patient
    inbound_id: str
    known_inbound: bool
    text: str
    intent: str
    now: datetime
    confidence: float = 1.0

    @property
    def language(self) -> Language:
        """The language she is spoken to in."""
        return Language(self.patient.language)

    @property
    def answers_in(self) -> Language:
        """The language of the answer: that of these very words, where it is clear."""
        return language_to_answer(self.text, own=self.language)

    @property
    def source(self) -> enrolments.Source:
        """Her own words, as the source of a wish."""
        return enrolments.Source("sms", self.inbound_id if self.known_inbound else None)

    def promise(self) -> str:
        """By when a person will have read her, in words."""
        protocol, language = self.clinic.protocol, self.answers_in
        return practice.promise(protocol, self.patient, now=self.now, language=language)

    def say(self, text_id: str, **values: str) -> TurnResult:
        """One reply, and whether a question is open after it."""
        return TurnResult(
            replies=(Reply(text_id, values),), question_open=self.conversation.question is not None
        )

    def hand_to_support(self, kind: SupportKind, *, inbound_id: str | None = None) -> None:
        """Give support a task about this text.

        :param inbound_id: another text of hers instead.
        """
        support.open_item(
            self.clinic,
            self.db,
            kind,
            patient_id=self.patient.id,
            inbound_id=inbound_id or (self.inbound_id if self.known_inbound else None),
            now=self.now,
        )
