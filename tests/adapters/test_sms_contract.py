"""What every SMS provider promises, the fake included."""

from dataclasses import replace

import pytest

from bot.core.messages import OptOutType, ReceiptStatus
from bot.errors import (
    DeliveryError,
    MessageRefused,
    NumberUnreachable,
    OptedOut,
    ProviderUnavailable,
    Throttled,
    WebhookGarbled,
    WebhookRefused,
)
from tests.adapters.carriers import ANN, CARRIERS, CLINIC, Carrier, text_to_ann

FAILURES = [OptedOut, NumberUnreachable, MessageRefused, Throttled, ProviderUnavailable]


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest) -> Carrier:
    return CARRIERS[request.param]()


def test_a_text_reaches_the_carrier_when_it_is_sent(carrier: Carrier) -> None:
    provider_id = carrier.provider.send(text_to_ann("¡Hola! “é” 😀"))

    assert carrier.sent() == [(ANN, "¡Hola! “é” 😀")]
    assert provider_id


def test_two_texts_have_two_ids_when_both_are_sent(carrier: Carrier) -> None:
    first, second = (carrier.provider.send(text_to_ann()) for _ in range(2))

    assert first != second


@pytest.mark.parametrize("error", FAILURES)
def test_sending_fails_with_our_error_when_the_carrier_refuses(
    carrier: Carrier, error: type[DeliveryError]
) -> None:
    carrier.fails(error)

    with pytest.raises(error) as caught:
        carrier.provider.send(text_to_ann("secret words"))

    assert ANN not in str(caught.value)
    assert "secret words" not in str(caught.value)


def test_a_webhook_is_believed_when_the_carrier_signed_it(carrier: Carrier) -> None:
    carrier.provider.verify(carrier.inbound(body="¡ayuda! 😀 + & ="))
    carrier.provider.verify(carrier.receipt("x1", "delivered"))


def test_a_webhook_is_refused_when_it_is_not_signed(carrier: Carrier) -> None:
    with pytest.raises(WebhookRefused):
        carrier.provider.verify(replace(carrier.inbound(), headers={}))


def test_a_webhook_is_refused_when_mallory_changed_the_body(carrier: Carrier) -> None:
    request = carrier.inbound(body="im fine")

    with pytest.raises(WebhookRefused):
        carrier.provider.verify(replace(request, body=request.body.replace(b"fine", b"not fine")))


def test_a_webhook_is_refused_when_it_was_signed_for_another_path(carrier: Carrier) -> None:
    with pytest.raises(WebhookRefused):
        carrier.provider.verify(replace(carrier.inbound(), path="/sms/elsewhere"))


def test_an_inbound_text_is_read_as_she_wrote_it(carrier: Carrier) -> None:
    body = "  /restart ¡ayuda! “quotes” 😀\n\n á+b&c=d%20 "

    inbound = carrier.provider.parse_inbound(carrier.inbound(body=body))

    assert inbound.body == body
    assert (inbound.provider, inbound.from_number, inbound.to_number) == (
        carrier.provider.name,
        ANN,
        CLINIC,
    )
    assert inbound.media_count == 0
    assert inbound.opt_out_type is None


def test_a_photo_without_words_is_an_empty_text_with_media(carrier: Carrier) -> None:
    for body in ("", None):
        inbound = carrier.provider.parse_inbound(carrier.inbound(body=body, media_count=2))

        assert (inbound.body, inbound.media_count) == ("", 2)


@pytest.mark.parametrize("kind", OptOutType)
def test_the_carriers_own_answer_is_known_when_it_says_so(
    carrier: Carrier, kind: OptOutType
) -> None:
    request = carrier.inbound(body=kind.value, opt_out_type=kind.value)

    assert carrier.provider.parse_inbound(request).opt_out_type is kind


@pytest.mark.parametrize("missing", ["id", "from"])
def test_an_inbound_text_is_garbled_when_id_or_sender_is_missing(
    carrier: Carrier, missing: str
) -> None:
    for nothing in (None, ""):
        with pytest.raises(WebhookGarbled):
            carrier.provider.parse_inbound(carrier.inbound(**{missing: nothing}))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[1]", b"nothing useful", b"{"])
def test_a_webhook_is_garbled_when_it_cannot_be_read(carrier: Carrier, body: bytes) -> None:
    request = replace(carrier.inbound(), body=body)

    with pytest.raises(WebhookGarbled):
        carrier.provider.parse_inbound(request)
    with pytest.raises(WebhookGarbled):
        carrier.provider.parse_receipt(request)


@pytest.mark.parametrize("status", ReceiptStatus)
def test_a_receipt_says_what_became_of_a_text(carrier: Carrier, status: ReceiptStatus) -> None:
    receipt = carrier.provider.parse_receipt(carrier.receipt("x1", status.value))

    assert (receipt.provider, receipt.provider_id) == (carrier.provider.name, "x1")
    assert receipt.status is status
    assert (receipt.error is not None) == (status is ReceiptStatus.FAILED)


def test_a_receipt_moves_nothing_when_its_status_is_new_to_us(carrier: Carrier) -> None:
    receipt = carrier.provider.parse_receipt(carrier.receipt("x1", "teleported"))

    assert receipt.status is ReceiptStatus.SENDING
    assert receipt.error is None
