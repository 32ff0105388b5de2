"""What a golden conversation is made of: what is given, what people do, what must follow.

Every step carries the line it stands on, so that a difference can name it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from bot.core.alerts import AlertStatus, Disposition, Outcome, SupportKind, Verdict
from bot.core.escalation import PageChannel
from bot.core.languages import Language
from bot.core.levels import Category, Level
from bot.core.messages import OptOutType


class RasaState(StrEnum):
    """What is done to the dialogue engine."""

    UP = "up"
    DOWN = "down"
    RESTART = "restart"


class Receipts(StrEnum):
    """When the carrier's delivery receipts come."""

    NORMAL = "normal"
    LATE = "late"
    BEFORE_SEND = "before_send"


class Refusal(StrEnum):
    """Why the carrier refuses a number; as the sandbox carrier says it."""

    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class CheckInGiven:
    """A check-in she is in the middle of when the conversation begins.

    :param answered: what she has texted so far, item by item.
    """

    instrument: str
    answered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """How things stand before the first step.

    :param patient: a name of the cast, or a bare number (E.164) that nobody knows.
    :param clock: aware; the clock stands still between the steps.
    :param session: a session is in the diary, this long from now.
    :param planned: an instrument that is due now, as a planned check-in.
    :param invited: she gets the first text now.
    :param no_one_on_call: the rota is empty.
    :param shift_ends: after this, Dr Ruiz is on call instead of Dr Bose.
    :param second_alert: somebody else of the cast has an urgent alert open already.
    """

    patient: str
    clock: datetime
    rasa: RasaState = RasaState.UP
    check_in: CheckInGiven | None = None
    session: timedelta | None = None
    planned: str | None = None
    invited: bool = False
    no_one_on_call: bool = False
    shift_ends: timedelta | None = None
    second_alert: str | None = None


@dataclass(frozen=True)
class Step:
    """Anything in ``steps``."""

    line: int


# --- what people do, and what happens to them ------------------------------------------------


@dataclass(frozen=True)
class PatientTexts(Step):
    """She texts. The same ``id`` twice is one text that the carrier delivered twice."""

    text: str
    media: int = 0
    id: str | None = None
    opt_out: OptOutType | None = None
    sender: str | None = None


@dataclass(frozen=True)
class StaffTexts(Step):
    """A member of staff, or somebody who claims to be one, texts; ``{alert}`` is her code."""

    name: str
    texts: str


@dataclass(frozen=True)
class Wait(Step):
    """Time passes, a minute at a time."""

    by: timedelta


@dataclass(frozen=True)
class ClockAt(Step):
    """Time passes until this moment."""

    moment: datetime


@dataclass(frozen=True)
class RasaDoes(Step):
    """The dialogue engine goes down, comes up, or loses its memory in a restart."""

    state: RasaState


@dataclass(frozen=True)
class CarrierDoes(Step):
    """The carrier refuses somebody, or its receipts come late or early."""

    refuses: str | None = None
    accepts: str | None = None
    because: Refusal = Refusal.UNREACHABLE
    receipts: Receipts | None = None


@dataclass(frozen=True)
class Resolve(Step):
    """Somebody closes her alert with an outcome, as on the console."""

    by: str
    disposition: Disposition = Disposition.REACHED_SAFE
    verdict: Verdict = Verdict.TRUE


@dataclass(frozen=True)
class ContactMade(Step):
    """Somebody tried to reach her about her alert, and wrote it down."""

    by: str
    reached: bool = False


@dataclass(frozen=True)
class OutcomeKnown(Step):
    """What came of sending somebody to her."""

    by: str
    outcome: Outcome


@dataclass(frozen=True)
class FollowUpMade(Step):
    """Somebody made the follow-up call that is due first."""

    by: str
    reached: bool = True


@dataclass(frozen=True)
class SessionsReleased(Step):
    """A named clinician releases her sessions."""

    by: str


@dataclass(frozen=True)
class PhoneRings(Step):
    """Somebody's ringing phone: a key is pressed, a machine answers, or nobody does.

    :param name: whose phone; ``practice`` is the practice's own.
    """

    name: str
    presses: str | None = None
    answers: str | None = None


# --- what must follow -------------------------------------------------------------------------


@dataclass(frozen=True)
class BotSays(Step):
    """The next text that went to her; or a text that went to somebody else."""

    text: str | None = None
    within: timedelta | None = None
    contains: str | None = None
    lacks: str | None = None
    language: Language | None = None
    to: str | None = None


@dataclass(frozen=True)
class NoBot(Step):
    """Nothing (more) went to her."""


@dataclass(frozen=True)
class AlertIs(Step):
    """Her unresolved alert, as it stands now."""

    level: Level | None = None
    category: Category | None = None
    status: AlertStatus | None = None
    by: str | None = None
    about: str | None = None


@dataclass(frozen=True)
class NoAlert(Step):
    """There is no unresolved alert about her."""


@dataclass(frozen=True)
class PageGoes(Step):
    """A page was handed to the carrier.

    :param to: ``on_call``, ``backup``, ``lead``, ``everyone``, or a name.
    :param about: whose alert it must be about; anybody's unless given.
    """

    to: str | None = None
    channel: PageChannel | None = None
    within: timedelta | None = None
    about: str | None = None


@dataclass(frozen=True)
class NoPage(Step):
    """No (further) page was handed to the carrier."""


@dataclass(frozen=True)
class Suppressed(Step):
    """A text to her was not sent, and the reason is on record."""

    text: str | None = None
    because: str | None = None


@dataclass(frozen=True)
class SupportIs(Step):
    """Support was given a task."""

    kind: SupportKind
    reason: str | None = None


# What a person enters about an alert.
type Recorded = Resolve | ContactMade | OutcomeKnown | FollowUpMade | SessionsReleased

type AnyStep = (
    PatientTexts
    | StaffTexts
    | Wait
    | ClockAt
    | RasaDoes
    | CarrierDoes
    | Resolve
    | ContactMade
    | OutcomeKnown
    | FollowUpMade
    | SessionsReleased
    | PhoneRings
    | BotSays
    | NoBot
    | AlertIs
    | NoAlert
    | PageGoes
    | NoPage
    | Suppressed
    | SupportIs
)


@dataclass(frozen=True)
class Conversation:
    """One golden conversation.

    :param about: what it shows, in one sentence; for the reader only.
    :param needs_rasa: it cannot be played with ``--no-rasa``.
    """

    path: Path
    given: Given
    steps: tuple[AnyStep, ...]
    about: str = ""
    needs_rasa: bool = False
