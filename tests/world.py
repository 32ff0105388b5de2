"""A whole clinic in memory: real services and database, a fake carrier, a fake dialogue."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.bootstrap import App
from bot.channels.canary import CanaryChannel
from bot.conversations import cast
from bot.core.calls import CallEvent, CallMoment
from bot.core.escalation import PageChannel
from bot.core.messages import (
    InboundText,
    OptOutType,
    OutboundText,
    Receipt,
    ReceiptStatus,
)
from bot.errors import DeliveryError, DialogueUnavailable
from bot.ports import Reply
from bot.services import calls, inbound, outbound
from bot.services.clinic import Clinic
from bot.settings import load_settings
from bot.storage import alerts, sealing
from bot.storage.tables import Alert, InboundMessage, OutboundMessage, SupportItem
from bot.worker import Worker
from tests.adapters.fake_sms import FakeProvider

# A Monday in winter, ten in the morning in New York: the practice is staffed.
MONDAY_10 = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
# The Sunday before, 23:40 in New York: nobody is there.
SUNDAY_2340 = datetime(2026, 1, 5, 4, 40, tzinfo=UTC)


@dataclass
class MovableClock:
    """A clock that stands still until it is moved."""

    time: datetime

    def now(self) -> datetime:
        return self.time


class FakeCarrier(FakeProvider):
    """The fake provider, which may also refuse single numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses: dict[str, DeliveryError] = {}

    def send(self, outbound: OutboundText) -> str:
        if outbound.to_number in self.refuses:
            raise self.refuses[outbound.to_number]
        return super().send(outbound)


class FakeChannel:
    """A way to page beside texts: remembers what was handed over; fails when told to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent: list[OutboundText] = []
        self.fails_with: DeliveryError | None = None

    def send(self, outbound: OutboundText) -> str:
        if self.fails_with is not None:
            raise self.fails_with
        self.sent.append(outbound)
        return f"{self.name}-{len(self.sent)}"


@dataclass
class FakeDialogue:
    """Says what it was told to say; down when ``down``."""

    says: list[Reply] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    down: bool = False

    def say(
        self, *, conversation_key: str, text: str, inbound_id: str, question_open: bool
    ) -> list[Reply]:
        if self.down:
            raise DialogueUnavailable
        self.heard.append(text)
        return list(self.says)

    def ready(self) -> bool:
        return not self.down


class World:
    """Speaks for the tests: who texts, what time it is, who got what.

    :param seeded: the cast is in the database already, as of ``MONDAY_10``.
    """

    def __init__(self, clinic: Clinic, *, now: datetime = MONDAY_10, seeded: bool = False) -> None:
        self.clinic = clinic
        self.clock = MovableClock(now)
        self.carrier = FakeCarrier()
        self.voice, self.email = FakeChannel("fake-voice"), FakeChannel("fake-email")
        self.dialogue = FakeDialogue(says=[Reply("utter_greet")])
        self.app = App(
            settings=load_settings(),
            clock=self.clock,
            clinic=clinic,
            provider=self.carrier,
            dialogue=self.dialogue,
            channels={
                PageChannel.VOICE: self.voice,
                PageChannel.EMAIL: self.email,
                PageChannel.CANARY: CanaryChannel(),
            },
        )
        self.worker = Worker(self.app)
        # A real carrier reports delivery; a test that is about receipts says False.
        self.delivers = True
        self._texts = self._delivered = 0
        if not seeded:
            cast.seed(clinic, now=now)

    @property
    def now(self) -> datetime:
        return self.clock.time

    def text(
        self,
        name: str,
        body: str,
        *,
        media: int = 0,
        opt_out: OptOutType | None = None,
        provider_id: str | None = None,
        settle: bool = True,
    ) -> str:
        """Somebody of the cast, or a bare number, texts us; our id of the text."""
        self._texts += 1
        received = inbound.receive(
            self.clinic,
            InboundText(
                provider="sandbox",
                provider_id=provider_id or f"in-{self._texts}",
                from_number=number_of(name),
                to_number=cast.OFFICE,
                body=body,
                media_count=media,
                opt_out_type=opt_out,
            ),
            now=self.now,
        )
        if settle:
            self.settle()
        return received.inbound_id

    def settle(self) -> None:
        """Whatever is due is done, and the carrier reports what it delivered."""
        self.worker.settle()
        if self.delivers:
            self.deliver_all()

    def wait(self, **how_long: float) -> None:
        """Time passes, a minute at a time, and what falls due is done."""
        until = self.now + timedelta(**how_long)
        while self.clock.time < until:
            self.clock.time = min(self.clock.time + timedelta(minutes=1), until)
            self.settle()

    def deliver_all(self) -> None:
        """The carrier reports everything it took as delivered."""
        for number in range(self._delivered + 1, len(self.carrier.sent) + 1):
            receipt = Receipt("fake", f"fake-{number}", ReceiptStatus.DELIVERED)
            outbound.apply_receipt(self.clinic, receipt, now=self.now)
        self._delivered = len(self.carrier.sent)

    def press(self, name: str, key: str | None = None, **how: str) -> str:
        """Somebody picks up the newest call to this phone; the words heard last."""
        call = next(c for c in reversed(self.voice.sent) if c.to_number == number_of(name))
        words = self._call(call, how.get("answered", "answered"))
        if key is not None:
            words = self._call(call, "key", key=key)
        self._call(call, "ended", because=how.get("because", ""))
        self.settle()
        return words

    def _call(self, call: OutboundText, moment: str, **more: str) -> str:
        event = CallEvent("fake-voice", "x", call.reference, CallMoment(moment), **more)
        return calls.hear(self.clinic, event, now=self.now).words

    def to(self, name: str) -> list[str]:
        """The ids of the texts that went to somebody, oldest first."""
        return [row.text_id for row in self.rows_to(name) if row.sent_at is not None]

    def words_to(self, name: str) -> list[str]:
        """The words that went to somebody."""
        return [text.body for text in self.carrier.sent if text.to_number == number_of(name)]

    def rows_to(self, name: str) -> list[OutboundMessage]:
        """Every outbound row for somebody, sent or not, oldest first."""
        with self.clinic.db.reading() as db:
            index = sealing.vault_of(db).index(number_of(name))
            query = select(OutboundMessage).where(OutboundMessage.phone_index == index)
            return list(db.scalars(query.order_by(OutboundMessage.id)))

    def alert(self, name: str) -> Alert | None:
        """The unresolved alert about somebody."""
        with self.clinic.db.reading() as db:
            return alerts.find_unresolved(db, sealing.vault_of(db).index(number_of(name)))

    def support_kinds(self) -> list[str]:
        """The open tasks of support."""
        with self.clinic.db.reading() as db:
            return [item.kind for item in db.scalars(select(SupportItem))]

    def inbound(self, inbound_id: str) -> InboundMessage:
        """An inbound row as it stands."""
        with self.clinic.db.reading() as db:
            return db.get_one(InboundMessage, inbound_id)


def number_of(name: str) -> str:
    """A cast member's number; a bare number is its own."""
    if name in cast.MOTHERS:
        return cast.MOTHERS[name].number
    if name in cast.COLLEAGUES:
        return cast.COLLEAGUES[name].number
    named = {"Mallory": cast.MALLORY, "practice": cast.OFFICE}
    return named.get(name, name)
