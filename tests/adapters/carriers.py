"""The far side of each SMS provider, played for the tests: what a carrier sends and answers."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode

import httpx

from bot.core.messages import OutboundText, WebhookRequest
from bot.errors import (
    DeliveryError,
    MessageRefused,
    NumberUnreachable,
    OptedOut,
    ProviderUnavailable,
    Throttled,
)
from bot.ports import SmsProvider
from bot.sms.sandbox import SandboxProvider, sign
from bot.sms.twilio import TwilioCredentials, TwilioProvider
from tests.adapters.fake_sms import FakeProvider, signed_request

ANN = "+12025550101"
CLINIC = "+12025550199"
MONDAY = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)

ACCOUNT = "AC" + "a" * 32
API_KEY = "SK" + "b" * 32
SERVICE = "MG" + "c" * 32
TOKEN = "primary-token"
PUBLIC_URL = "https://sms.example.org"


class Carrier(Protocol):
    """What the contract tests need of a carrier."""

    provider: SmsProvider

    def inbound(self, **changes: Any) -> WebhookRequest: ...

    def receipt(self, provider_id: str, status: str) -> WebhookRequest: ...

    def fails(self, error: type[DeliveryError]) -> None: ...

    def sent(self) -> list[tuple[str, str]]: ...


def twilio_signature(
    token: str, url: str, fields: list[tuple[str, str]], *, algorithm: str = "sha1"
) -> str:
    """Twilio's signature, written anew from its description: not by the code under test."""
    signed = url + "".join(
        name + value for name, value in sorted({pair for pair in fields}, key=lambda pair: pair)
    )
    digest = hmac.new(token.encode(), signed.encode(), getattr(hashlib, algorithm)).digest()
    return base64.b64encode(digest).decode()


def twilio_request(
    fields: list[tuple[str, str]],
    *,
    path: str = "/sms/twilio",
    query: str = "",
    token: str = TOKEN,
    headers: dict[str, str] | None = None,
) -> WebhookRequest:
    """A signed webhook of Twilio's."""
    url = PUBLIC_URL + path + (f"?{query}" if query else "")
    return WebhookRequest(
        path=path,
        query=query,
        headers={
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-twilio-signature": twilio_signature(token, url, fields),
            **(headers or {}),
        },
        body=urlencode(fields).encode(),
    )


class TwilioCarrier:
    """Twilio: answers of the REST API as scripted, forms as webhooks."""

    def __init__(self, **settings: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(
            201, json={"sid": f"SM{len(self.requests):032d}", "status": "queued"}
        )
        given: dict[str, Any] = {
            "credentials": TwilioCredentials(user=API_KEY, secret="api-secret"),
            "primary_token": TOKEN,
            "messaging_service_sid": SERVICE,
            "public_url": PUBLIC_URL,
            "http": httpx.Client(transport=httpx.MockTransport(self._handle)),
            **settings,
        }
        self.provider = TwilioProvider(ACCOUNT, **given)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer()

    def refuses(self, *, status: int, code: int | None = None, message: str = "no") -> None:
        content = {"status": status, "message": message, **({"code": code} if code else {})}
        self.answer = lambda: httpx.Response(status, json=content)

    def fails(self, error: type[DeliveryError]) -> None:
        codes = {
            OptedOut: (400, 21610),
            NumberUnreachable: (400, 21211),
            MessageRefused: (400, 21617),
            Throttled: (429, 20429),
            ProviderUnavailable: (503, None),
        }
        status, code = codes[error]
        self.refuses(status=status, code=code)

    def forms(self) -> list[dict[str, list[str]]]:
        return [
            parse_qs(request.content.decode(), keep_blank_values=True) for request in self.requests
        ]

    def sent(self) -> list[tuple[str, str]]:
        return [(form["To"][0], form["Body"][0]) for form in self.forms()]

    def inbound(self, **changes: Any) -> WebhookRequest:
        given = {"id": "SM1", "from": ANN, "to": CLINIC, "body": "hi", "media_count": 0, **changes}
        names = {
            "id": "MessageSid",
            "from": "From",
            "to": "To",
            "body": "Body",
            "media_count": "NumMedia",
            "opt_out_type": "OptOutType",
        }
        fields = [
            (names.get(key, key), str(value)) for key, value in given.items() if value is not None
        ]
        return twilio_request([*fields, ("FromCity", ""), ("AccountSid", ACCOUNT)])

    def receipt(self, provider_id: str, status: str) -> WebhookRequest:
        words = {"sending": "queued", "failed": "undelivered"}
        fields = [("MessageSid", provider_id), ("MessageStatus", words.get(status, status))]
        return twilio_request(fields, path="/sms/twilio/receipts")


class SandboxCarrier:
    """The sandbox carrier: JSON both ways."""

    secret = "sandbox-secret"

    def __init__(self) -> None:
        self.now = MONDAY
        self.requests: list[httpx.Request] = []
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(
            200, json={"id": f"sandbox-{len(self.requests)}"}
        )
        self.provider = SandboxProvider(
            "http://127.0.0.1:8080/",
            secret=self.secret,
            now=lambda: self.now,
            http=httpx.Client(transport=httpx.MockTransport(self._handle)),
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer()

    def fails(self, error: type[DeliveryError]) -> None:
        words = {
            OptedOut: "opted_out",
            NumberUnreachable: "unreachable",
            MessageRefused: "refused",
            Throttled: "throttled",
            ProviderUnavailable: "unavailable",
        }
        self.answer = lambda: httpx.Response(400, json={"error": words[error]})

    def sent(self) -> list[tuple[str, str]]:
        contents = [json.loads(request.content) for request in self.requests]
        return [(content["to"], content["body"]) for content in contents]

    def signed(self, content: Any, *, path: str = "/sms/sandbox") -> WebhookRequest:
        body = json.dumps(content).encode()
        header = sign(self.secret, path=path, body=body, now=self.now)
        headers = {"x-sandbox-signature": header, "content-type": "application/json"}
        return WebhookRequest(path=path, query="", headers=headers, body=body)

    def inbound(self, **changes: Any) -> WebhookRequest:
        content = {"id": "s1", "from": ANN, "to": CLINIC, "body": "hi", "media_count": 0, **changes}
        return self.signed({key: value for key, value in content.items() if value is not None})

    def receipt(self, provider_id: str, status: str) -> WebhookRequest:
        content = {"id": provider_id, "status": status, "error": None}
        return self.signed(content, path="/sms/sandbox/receipts")


class FakeCarrier:
    """The fake of the other tests, which must behave like the real ones."""

    def __init__(self) -> None:
        self.provider = FakeProvider()

    def fails(self, error: type[DeliveryError]) -> None:
        self.provider.fails_with = error()

    def sent(self) -> list[tuple[str, str]]:
        return [(outbound.to_number, outbound.body) for outbound in self.provider.sent]

    def inbound(self, **changes: Any) -> WebhookRequest:
        content = {"id": "f1", "from": ANN, "to": CLINIC, "body": "hi", **changes}
        kept = {key: value for key, value in content.items() if value is not None}
        return signed_request("/sms/fake", kept)

    def receipt(self, provider_id: str, status: str) -> WebhookRequest:
        return signed_request("/sms/fake/receipts", {"id": provider_id, "status": status})


CARRIERS = {"twilio": TwilioCarrier, "sandbox": SandboxCarrier, "fake": FakeCarrier}


def text_to_ann(body: str = "hi", **changes: Any) -> OutboundText:
    """A text on its way to Ann."""
    return replace(OutboundText(to_number=ANN, body=body, reference="out-1"), **changes)
