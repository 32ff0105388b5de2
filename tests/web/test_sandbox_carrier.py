"""The pretend carrier behaves as a real one does where it matters."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.core.messages import OutboundText, WebhookRequest
from bot.core.opt_out import CARRIER_KEYWORDS, OptOutKind
from bot.errors import OptedOut, ProviderUnavailable, WebhookRefused
from bot.processes import Server
from bot.sandbox.carrier import OWN_ANSWERS, Carrier, ReceiptTiming
from bot.sandbox.phones import Direction, PhoneStatus, Switch
from bot.sms.sandbox import ERRORS, SIGNATURE, SandboxProvider

SECRET = "a secret of the tests"
ANN = "+12025550111"
NOON = datetime(2026, 1, 5, 17, tzinfo=UTC)


class Gateway:
    """Notes what knocks, and answers with what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any], dict[str, str], bytes]] = []
        self.answers: list[int] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.heard.append((scope["path"], json.loads(body), headers, body))
        status = self.answers.pop(0) if self.answers else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def at(self, path: str) -> list[dict[str, Any]]:
        return [content for heard, content, _, _ in self.heard if heard == path]


@pytest.fixture(scope="module")
def listening() -> Iterator[tuple[Gateway, str]]:
    gateway = Gateway()
    server = Server(gateway, host="127.0.0.1", port=0, name="gateway").start()
    yield gateway, f"http://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
def gateway(listening: tuple[Gateway, str]) -> Gateway:
    gateway, _ = listening
    gateway.heard, gateway.answers = [], []
    return gateway


@pytest.fixture
def carrier(listening: tuple[Gateway, str], gateway: Gateway) -> Iterator[Carrier]:
    carrier = Carrier(listening[1], SECRET, lambda: NOON)
    yield carrier
    carrier.drain()
    carrier.close()


def receipts(carrier: Carrier, gateway: Gateway) -> list[str]:
    assert carrier.drain()
    return [content["status"] for content in gateway.at("/sms/receipts")]


def test_webhook_carries_the_text_and_a_signature_that_the_provider_accepts(
    carrier: Carrier, gateway: Gateway
) -> None:
    text_id = carrier.send_from(ANN, "¡hola!  ", media_count=2)

    path, content, headers, body = gateway.heard[0]
    assert path == "/sms/inbound"
    assert content["id"] == text_id
    assert (content["from"], content["body"], content["media_count"]) == (ANN, "¡hola!  ", 2)
    assert content["opt_out_type"] is None
    provider = SandboxProvider("http://127.0.0.1:1", secret=SECRET, now=lambda: NOON)
    request = WebhookRequest(path, "", {SIGNATURE: headers[SIGNATURE]}, body)
    provider.verify(request)
    assert provider.parse_inbound(request).body == "¡hola!  "
    stranger = SandboxProvider("http://127.0.0.1:1", secret="another", now=lambda: NOON)
    with pytest.raises(WebhookRefused):
        stranger.verify(request)


@pytest.mark.parametrize(("keyword", "kind"), sorted(CARRIER_KEYWORDS.items()))
def test_carrier_answers_itself_when_a_text_is_one_keyword(
    carrier: Carrier, gateway: Gateway, keyword: str, kind: OptOutKind
) -> None:
    carrier.send_from(ANN, f" {keyword.lower()} ")

    assert gateway.heard[0][1]["opt_out_type"] == kind.value.upper()
    mine, own = carrier.messages(ANN)
    assert mine.direction is Direction.FROM_PHONE
    assert (own.body, own.from_carrier) == (OWN_ANSWERS[kind], True)
    assert carrier.is_blocked(ANN) == (kind is OptOutKind.STOP)


@pytest.mark.parametrize("body", ["STOP i want to die", "please stop", "STOP.", "yes", "help me"])
def test_carrier_leaves_a_text_alone_when_it_is_more_than_a_keyword(
    carrier: Carrier, gateway: Gateway, body: str
) -> None:
    carrier.send_from(ANN, body)

    assert gateway.heard[0][1]["opt_out_type"] is None
    assert not carrier.is_blocked(ANN)
    assert len(carrier.messages(ANN)) == 1


def test_texts_to_a_blocked_phone_are_refused_until_start(carrier: Carrier) -> None:
    carrier.send_from(ANN, "STOP")
    assert carrier.take(ANN, "hello") == (None, "opted_out")

    carrier.send_from(ANN, "START")
    assert carrier.take(ANN, "hello")[1] is None
    assert carrier.messages(ANN)[-1].body == "hello"


def test_receipts_follow_a_text_that_was_taken(carrier: Carrier, gateway: Gateway) -> None:
    text_id, error = carrier.take(ANN, "hello", "row-1")

    assert error is None
    assert receipts(carrier, gateway) == ["sent", "delivered"]
    assert {content["id"] for content in gateway.at("/sms/receipts")} == {text_id}


def test_delivery_is_reported_only_when_the_phone_is_on_again(
    carrier: Carrier, gateway: Gateway
) -> None:
    carrier.set_switch(ANN, Switch.OFF)
    carrier.take(ANN, "hello")
    assert receipts(carrier, gateway) == ["sent"]
    assert carrier.messages(ANN)[0].status is PhoneStatus.WAITING

    carrier.set_switch(ANN, Switch.ON)
    assert receipts(carrier, gateway) == ["sent", "delivered"]
    assert carrier.messages(ANN)[0].status is PhoneStatus.DELIVERED


def test_text_is_refused_when_the_phone_is_unreachable(carrier: Carrier) -> None:
    carrier.set_switch(ANN, Switch.UNREACHABLE)

    assert carrier.take(ANN, "hello") == (None, "unreachable")
    assert carrier.messages(ANN) == []


def test_receipts_can_be_held_back_and_come_early(carrier: Carrier, gateway: Gateway) -> None:
    carrier.receipts = ReceiptTiming.HELD
    carrier.take(ANN, "late")
    assert receipts(carrier, gateway) == []
    carrier.release_receipts()
    assert receipts(carrier, gateway) == ["sent", "delivered"]

    carrier.receipts = ReceiptTiming.EARLY
    carrier.take(ANN, "early")
    # No draining: they were posted before the send was answered.
    assert len(gateway.at("/sms/receipts")) == 4


def test_one_text_delivered_twice_is_one_text_on_the_phone(
    carrier: Carrier, gateway: Gateway
) -> None:
    for _ in range(2):
        carrier.send_from(ANN, "STOP", provider_id="same")

    assert [content["id"] for content in gateway.at("/sms/inbound")] == ["same", "same"]
    assert len(carrier.messages(ANN)) == 2  # hers, and the carrier's one answer


def test_text_is_signed_again_when_the_gateway_refuses_it(
    carrier: Carrier, gateway: Gateway
) -> None:
    gateway.answers = [403, 500]

    carrier.send_from(ANN, "hello")

    assert len(gateway.heard) == 3
    assert carrier.messages(ANN)[0].status is PhoneStatus.SENT


def test_phone_shows_a_text_as_failed_when_nobody_takes_it() -> None:
    carrier = Carrier("http://127.0.0.1:9", SECRET, lambda: NOON)

    with pytest.raises(ProviderUnavailable):
        carrier.send_from(ANN, "hello")

    assert carrier.messages(ANN)[0].status is PhoneStatus.FAILED
    carrier.close()


def test_changes_are_given_once_and_in_the_order_of_the_phone(carrier: Carrier) -> None:
    cursor, _ = carrier.since(0)
    carrier.send_from(ANN, "STOP")

    cursor, texts = carrier.since(cursor)
    assert [text.body for text in texts] == ["STOP", OWN_ANSWERS[OptOutKind.STOP]]
    assert list(carrier.since(cursor)[1]) == []


def test_everything_is_forgotten_on_reset(carrier: Carrier) -> None:
    carrier.send_from(ANN, "STOP")
    carrier.refusals[ANN] = "throttled"
    carrier.set_switch(ANN, Switch.OFF)

    carrier.reset()

    assert carrier.messages(ANN) == []
    assert carrier.take(ANN, "hello")[1] is None


def test_provider_and_carrier_understand_each_other_over_http(carrier: Carrier) -> None:
    server = Server(carrier.asgi(), host="127.0.0.1", port=0, name="carrier").start()
    provider = SandboxProvider(f"http://127.0.0.1:{server.port}", secret=SECRET, now=lambda: NOON)
    text = OutboundText(ANN, "hello", reference="row-1", validity=timedelta(hours=1))
    assert provider.send(text) == carrier.messages(ANN)[0].id
    carrier.send_from(ANN, "STOP")
    with pytest.raises(OptedOut):
        provider.send(text)
    for word, error in ERRORS.items():
        carrier.refusals[ANN] = word
        with pytest.raises(error):
            provider.send(text)
    for garbage in (b"", b"[]", b'{"to": 5}', b"\xff"):
        url = f"http://127.0.0.1:{server.port}/carrier/messages"
        answer = httpx.post(url, content=garbage)
        assert (answer.status_code, answer.json()) == (400, {"error": "refused"})
    server.stop()
