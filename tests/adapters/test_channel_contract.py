"""What every way to page staff promises: e-mail, calls, texts, the canary, and a fake."""

import importlib
import pkgutil
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage

import httpx
import pytest

from bot import channels
from bot.channels.canary import CanaryChannel
from bot.channels.email import EmailChannel, SmtpSettings
from bot.core.messages import OutboundText
from bot.errors import (
    ConfigError,
    DeliveryError,
    MessageRefused,
    NumberUnreachable,
    ProviderUnavailable,
    Throttled,
)
from bot.ports import AlertChannel
from bot.sms.sandbox_voice import SandboxVoice
from bot.sms.twilio import TwilioCredentials
from bot.sms.twilio_voice import TwilioVoice

NOON = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
BOSE = "+12025550121"
MAIL = "bose@example.org"


@dataclass
class FarSide:
    """Plays whoever carries the page."""

    channel: AlertChannel
    address: str = BOSE
    took: Callable[[], list[tuple[str, str]]] = field(default=lambda: [])
    fails: Callable[[type[DeliveryError]], None] | None = None


class Postbox:
    """A mail server that takes everything, or answers with a code."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raises: Exception | None = None

    def __call__(self, _settings: SmtpSettings) -> "Postbox":
        if isinstance(self.raises, OSError):
            raise self.raises
        return self

    def __enter__(self) -> "Postbox":
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def send_message(self, mail: EmailMessage) -> None:
        if self.raises is not None:
            raise self.raises
        self.mails.append(mail)

    def fails(self, error: type[DeliveryError]) -> None:
        self.raises = {
            NumberUnreachable: smtplib.SMTPRecipientsRefused({MAIL: (550, b"no such user")}),
            MessageRefused: smtplib.SMTPDataError(554, f"spam from {MAIL}".encode()),
            Throttled: smtplib.SMTPResponseException(452, b"too many"),
            ProviderUnavailable: OSError("down"),
        }[error]


SMTP = SmtpSettings(host="mail.example.org", port=587, sender="tend@clinic.example.org")


def email() -> FarSide:
    post = Postbox()
    channel = EmailChannel(SMTP, subject="Tend: please log in", connected=post)
    return FarSide(
        channel,
        MAIL,
        took=lambda: [(mail["To"], mail.get_content().strip()) for mail in post.mails],
        fails=post.fails,
    )


@dataclass
class Web:
    """The REST side of a carrier of calls."""

    error: tuple[int, dict[str, object]] | None = None
    requests: list[httpx.Request] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.error is not None:
            return httpx.Response(self.error[0], json=self.error[1])
        number = len(self.requests)
        return httpx.Response(201, json={"sid": f"CA{number:032d}", "id": f"call-{number}"})

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.handle))


def twilio_voice() -> FarSide:
    web = Web()
    channel = TwilioVoice(
        "AC" + "a" * 32,
        credentials=TwilioCredentials(user="AC" + "a" * 32, secret="secret"),
        primary_token="token",
        from_number="+12025550100",
        public_url="https://tend.example.org",
        http=web.client(),
    )
    codes = {
        NumberUnreachable: (400, {"code": 21211, "status": 400, "message": f"bad {BOSE}"}),
        MessageRefused: (400, {"code": 99999, "status": 400, "message": f"no {BOSE}"}),
        Throttled: (429, {"code": 20429, "status": 429, "message": "slow"}),
        ProviderUnavailable: (503, {"status": 503, "message": "down"}),
    }

    def fails(error: type[DeliveryError]) -> None:
        web.error = codes[error]

    def took() -> list[tuple[str, str]]:
        forms = [dict(httpx.QueryParams(one.content.decode())) for one in web.requests]
        return [(form["To"], "") for form in forms]

    return FarSide(channel, took=took, fails=fails)


def sandbox_voice() -> FarSide:
    web = Web()
    channel = SandboxVoice("http://127.0.0.1:9", secret="s", now=lambda: NOON, http=web.client())
    words = {
        NumberUnreachable: "unreachable",
        MessageRefused: "refused",
        Throttled: "throttled",
        ProviderUnavailable: "unavailable",
    }

    def fails(error: type[DeliveryError]) -> None:
        web.error = (400, {"error": words[error]})

    return FarSide(channel, took=lambda: [(BOSE, "") for _ in web.requests], fails=fails)


def canary() -> FarSide:
    return FarSide(CanaryChannel())


CHANNELS: dict[str, Callable[[], FarSide]] = {
    "email": email,
    "canary": canary,
    "twilio_voice": twilio_voice,
    "sandbox_voice": sandbox_voice,
}
FAILURES = [NumberUnreachable, MessageRefused, Throttled, ProviderUnavailable]


def page(address: str, *, body: str = "An alert is open.", reference: str = "r1") -> OutboundText:
    return OutboundText(to_number=address, body=body, reference=reference)


@pytest.fixture(params=CHANNELS)
def far(request: pytest.FixtureRequest) -> FarSide:
    return CHANNELS[request.param]()


def test_every_module_of_the_folder_is_under_contract() -> None:
    modules = {found.name for found in pkgutil.iter_modules(channels.__path__)}
    for name in modules:
        importlib.import_module(f"bot.channels.{name}")
    assert modules <= CHANNELS.keys()


def test_a_page_is_handed_over_and_has_an_id(far: FarSide) -> None:
    first, second = (far.channel.send(page(far.address, reference=ref)) for ref in ("a1", "b2"))
    assert first
    assert second
    assert first != second
    assert far.channel.name


@pytest.mark.parametrize("error", FAILURES)
@pytest.mark.parametrize("name", [name for name in CHANNELS if name != "canary"])
def test_a_refusal_is_an_error_of_ours_and_quotes_nobody(
    name: str, error: type[DeliveryError]
) -> None:
    far = CHANNELS[name]()
    assert far.fails is not None
    far.fails(error)
    with pytest.raises(error) as caught:
        far.channel.send(page(far.address, body="secret words"))
    for secret in (BOSE, MAIL, "secret words"):
        assert secret not in str(caught.value)


def test_a_mail_says_only_its_subject_and_its_text() -> None:
    far = email()
    far.channel.send(page(MAIL, body="Log in: https://tend.example.org/acknowledge/x"))
    assert far.took() == [(MAIL, "Log in: https://tend.example.org/acknowledge/x")]


@pytest.mark.parametrize(
    "address", ["", "bose", "a@example.org\r\nBcc: x@example.org", "a@example.org, c@example.org"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(address: str) -> None:
    far = email()
    with pytest.raises(NumberUnreachable):
        far.channel.send(page(address))
    assert far.took() == []


def test_a_mail_server_without_a_sender_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigError, match="TEND_SMTP_SENDER"):
        EmailChannel(SmtpSettings(host="m", port=587, sender=""), subject="x")


def test_a_wrong_password_is_worth_another_try() -> None:
    post = Postbox()
    post.raises = smtplib.SMTPAuthenticationError(535, b"no")
    channel = EmailChannel(SMTP, subject="x", connected=post)
    with pytest.raises(ProviderUnavailable):
        channel.send(page(MAIL))
