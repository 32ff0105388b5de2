"""One text that has just come in, with everything that decides what is done about it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from bot.core.languages import Language
from bot.core.messages import InboundText
from bot.crisis.screening import Screening
from bot.services import screening
from bot.services.clinic import Clinic
from bot.services.screening import Screened
from bot.storage import arrivals
from bot.storage.arrivals import Lately, Sender
from bot.storage.tables import InboundMessage


@dataclass(frozen=True)
class Arrival:
    """A text inside the transaction that stores it.

    :param row: what will be stored; written last, so that it is written once.
    :param screened: what was found in it before the transaction began.
    """

    clinic: Clinic
    db: Session
    row: InboundMessage
    sender: Sender
    text: InboundText
    screened: Screened
    now: datetime

    @cached_property
    def language(self) -> Language:
        """Hers; English, as long as we do not know her."""
        patient = self.sender.patient
        return Language.ENGLISH if patient is None else Language(patient.language)

    @cached_property
    def lately(self) -> Lately:
        """What went back and forth with the same number before."""
        vault, own = self.clinic.db.vault, self.row.id
        return arrivals.lately(self.db, vault, self.row.phone_index, own=own, now=self.now)

    @cached_property
    def screening(self) -> Screening:
        """What danger her words show, beside those that she wrote just before."""
        return screening.confirmed(
            self.clinic,
            self.screened,
            self.text.body,
            language=self.language,
            recent=screening.context(self.lately.earlier, now=self.now),
        )
