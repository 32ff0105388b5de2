"""The sandbox carrier: the same rules as a real one, and signatures that grow stale."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bot.core.messages import MOST_MEDIA
from bot.errors import (
    ConfigError,
    DeliveryError,
    MessageRefused,
    OptedOut,
    ProviderUnavailable,
    Throttled,
    WebhookRefused,
)
from bot.sms.sandbox import SandboxProvider, sign
from tests.adapters.carriers import MONDAY, SandboxCarrier, text_to_ann


def test_the_carrier_is_told_number_text_and_our_reference() -> None:
    carrier = SandboxCarrier()

    assert carrier.provider.send(text_to_ann("hi")) == "sandbox-1"

    request = carrier.requests[0]
    assert str(request.url) == "http://127.0.0.1:8080/carrier/messages"
    assert request.read() == b'{"to":"+12025550101","body":"hi","reference":"out-1"}'


@pytest.mark.parametrize(
    "minutes", [-4, 0, 4], ids=["a clock a little ahead", "now", "a slow network"]
)
def test_a_signature_is_believed_within_five_minutes(minutes: int) -> None:
    carrier = SandboxCarrier()
    request = carrier.inbound()

    carrier.now = MONDAY + timedelta(minutes=minutes)

    carrier.provider.verify(request)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_signature_is_refused_when_it_is_stale(seconds: int) -> None:
    carrier = SandboxCarrier()
    request = carrier.inbound()

    carrier.now = MONDAY + timedelta(seconds=seconds)

    with pytest.raises(WebhookRefused, match="stale"):
        carrier.provider.verify(request)


def test_a_signature_cannot_be_made_fresh_by_changing_its_time() -> None:
    carrier = SandboxCarrier()
    request = carrier.inbound()
    old = request.headers["x-sandbox-signature"]
    carrier.now = MONDAY + timedelta(hours=1)
    stamped = old.replace(f"t={int(MONDAY.timestamp())}", f"t={int(carrier.now.timestamp())}")

    with pytest.raises(WebhookRefused, match="fit"):
        carrier.provider.verify(replace(request, headers={"x-sandbox-signature": stamped}))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        "t=,v1=",
        "t=now,v1=00",
        "v1=00",
        "t=²,v1=00",
        f"t={'9' * 400},v1=0",
        "t=1,v1=é",
    ],
)
def test_a_signature_is_refused_when_it_cannot_be_read(header: str) -> None:
    request = replace(SandboxCarrier().inbound(), headers={"x-sandbox-signature": header})

    with pytest.raises(WebhookRefused):
        SandboxCarrier().provider.verify(request)


def test_a_signature_is_refused_when_another_secret_made_it() -> None:
    carrier = SandboxCarrier()
    request = carrier.inbound()
    header = sign("mallorys", path=request.path, body=request.body, now=MONDAY)

    with pytest.raises(WebhookRefused):
        carrier.provider.verify(replace(request, headers={"x-sandbox-signature": header}))


def test_the_process_does_not_start_when_the_secret_is_blank() -> None:
    with pytest.raises(ConfigError):
        SandboxProvider("http://127.0.0.1:8080", secret=" ", now=lambda: MONDAY)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, json={"error": "opted_out"}), OptedOut),
        (httpx.Response(429), Throttled),
        (httpx.Response(503, text="down"), ProviderUnavailable),
        (httpx.Response(404), MessageRefused),
        (httpx.Response(400, json={"error": "odd"}), MessageRefused),
        (httpx.Response(400, json={"error": ["opted_out"]}), MessageRefused),
        (httpx.Response(200, json={}), ProviderUnavailable),
        (httpx.Response(200, json={"id": ""}), ProviderUnavailable),
        (httpx.Response(200, text="<html>"), ProviderUnavailable),
    ],
)
def test_an_odd_answer_is_an_error_and_never_a_sent_text(
    answer: httpx.Response, error: type[DeliveryError]
) -> None:
    carrier = SandboxCarrier()
    carrier.answer = lambda: answer

    with pytest.raises(DeliveryError) as caught:
        carrier.provider.send(text_to_ann())
    assert type(caught.value) is error


def test_the_text_waits_when_the_sandbox_cannot_be_reached() -> None:
    carrier = SandboxCarrier()

    def fail() -> httpx.Response:
        raise httpx.ConnectError("no")

    carrier.answer = fail

    with pytest.raises(ProviderUnavailable):
        carrier.provider.send(text_to_ann())


@pytest.mark.parametrize("word", ["opted_out", "unreachable", "throttled", "unavailable"])
def test_a_failed_receipt_says_why(word: str) -> None:
    carrier = SandboxCarrier()

    receipt = carrier.provider.parse_receipt(
        carrier.signed({"id": "s1", "status": "failed", "error": word})
    )

    assert receipt.error is not None
    assert receipt.error.code == word


@pytest.mark.parametrize(
    "changes",
    [{"media_count": "x"}, {"media_count": -1}, {"opt_out_type": ["STOP"]}, {"opt_out_type": "X"}],
)
def test_a_text_is_never_lost_over_an_odd_extra(changes: dict[str, object]) -> None:
    carrier = SandboxCarrier()

    inbound = carrier.provider.parse_inbound(carrier.inbound(**changes))

    assert (inbound.body, inbound.media_count, inbound.opt_out_type) == ("hi", 0, None)


def test_no_database_chokes_on_the_number_of_photos() -> None:
    carrier = SandboxCarrier()

    inbound = carrier.provider.parse_inbound(carrier.inbound(media_count=10**30))

    assert inbound.media_count == MOST_MEDIA


def test_half_an_emoji_becomes_a_question_mark_so_that_it_can_be_stored() -> None:
    carrier = SandboxCarrier()

    inbound = carrier.provider.parse_inbound(carrier.inbound(body="hi \ud83d"))

    assert inbound.body == "hi ?"
