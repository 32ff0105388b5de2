"""Which webhooks Tend believes to be Twilio's, and how it reads them."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.messages import MOST_MEDIA, ReceiptStatus, WebhookRequest
from bot.errors import MessageRefused, NumberUnreachable, OptedOut, WebhookRefused
from bot.sms.twilio import RECEIPT_STATUS
from tests.adapters.carriers import (
    ANN,
    CLINIC,
    PUBLIC_URL,
    TOKEN,
    TwilioCarrier,
    twilio_request,
    twilio_signature,
)

SETTINGS = "x-twilio-webhooks-signature-settings"
INBOUND = [("MessageSid", "SM1"), ("From", ANN), ("To", CLINIC), ("Body", "hi")]


def read(*fields: tuple[str, str]) -> WebhookRequest:
    return twilio_request([*INBOUND[:3], *fields])


FORMS = {
    "blank fields": [*INBOUND, ("FromCity", ""), ("FromZip", "")],
    "a photo": [*INBOUND[:3], ("Body", ""), ("NumMedia", "1"), ("MediaUrl0", "https://e.org/1")],
    "a field twice": [*INBOUND, ("Tag", "b"), ("Tag", "a"), ("Tag", "b")],
    "spanish": [*INBOUND[:3], ("Body", "¡ayuda! mañana, ¿sí? ñ á í ó ú")],
    "emoji": [*INBOUND[:3], ("Body", "👩‍👧 😀")],
    "signs": [*INBOUND[:3], ("Body", "a+b & c=d %20 #1 \r\n ")],
    "nothing": [],
}


@pytest.mark.parametrize("fields", FORMS.values(), ids=FORMS.keys())
def test_a_form_is_believed_whatever_is_in_it(fields: list[tuple[str, str]]) -> None:
    TwilioCarrier().provider.verify(twilio_request(fields))


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8"), min_size=1, max_size=8),
            st.text(st.characters(codec="utf-8"), max_size=30),
        ),
        max_size=8,
    )
)
def test_any_form_is_believed_when_signed_and_refused_when_signed_by_mallory(
    fields: list[tuple[str, str]],
) -> None:
    provider = TwilioCarrier().provider

    provider.verify(twilio_request(fields))
    with pytest.raises(WebhookRefused):
        provider.verify(twilio_request(fields, token="mallorys-token"))


def test_the_public_url_counts_when_a_proxy_passes_another_host() -> None:
    request = twilio_request(INBOUND, query="a=1&b=%2F&a=2")

    TwilioCarrier().provider.verify(
        replace(request, headers={**request.headers, "host": "10.0.0.7:8000"})
    )


def test_a_slash_at_the_end_of_the_public_url_changes_nothing() -> None:
    TwilioCarrier(public_url=PUBLIC_URL + "/").provider.verify(twilio_request(INBOUND))


def test_a_port_in_twilios_url_changes_nothing() -> None:
    request = twilio_request(INBOUND)
    url = "https://sms.example.org:443/sms/twilio"
    headers = {**request.headers, "x-twilio-signature": twilio_signature(TOKEN, url, INBOUND)}

    TwilioCarrier().provider.verify(replace(request, headers=headers))


def test_a_changed_query_is_refused() -> None:
    with pytest.raises(WebhookRefused):
        TwilioCarrier().provider.verify(replace(twilio_request(INBOUND, query="a=1"), query="a=2"))


def test_a_field_is_missed_when_a_proxy_drops_a_blank_one() -> None:
    request = twilio_request([*INBOUND, ("FromCity", "")])

    with pytest.raises(WebhookRefused):
        TwilioCarrier().provider.verify(
            replace(request, body=request.body.replace(b"&FromCity=", b""))
        )


def test_both_tokens_are_believed_while_tokens_are_rotated() -> None:
    provider = TwilioCarrier(secondary_token="secondary-token").provider

    provider.verify(twilio_request(INBOUND))
    provider.verify(twilio_request(INBOUND, token="secondary-token"))


def test_the_old_token_is_refused_when_rotation_is_over() -> None:
    for nothing in (None, ""):
        with pytest.raises(WebhookRefused):
            TwilioCarrier(secondary_token=nothing).provider.verify(
                twilio_request(INBOUND, token="secondary-token")
            )


def test_a_request_signed_with_no_secret_is_refused() -> None:
    with pytest.raises(WebhookRefused):
        TwilioCarrier(secondary_token="").provider.verify(twilio_request(INBOUND, token=""))


def shared_key_request(settings: str, *, secret: str = "shared-secret") -> WebhookRequest:
    url = PUBLIC_URL + "/sms/twilio"
    signature = twilio_signature(secret, url, INBOUND, algorithm="sha256")
    return twilio_request(INBOUND, headers={"x-twilio-signature": signature, SETTINGS: settings})


def test_a_shared_key_is_believed_when_we_hold_its_secret() -> None:
    provider = TwilioCarrier(shared_keys={"key1": "shared-secret"}).provider

    provider.verify(shared_key_request("key=key1,algorithm=HMAC_SHA256"))
    provider.verify(shared_key_request(" algorithm = hmac_sha256 , key = key1 "))


@pytest.mark.parametrize(
    ("settings", "secret"),
    [
        ("key=key2,algorithm=HMAC_SHA256", "shared-secret"),
        ("key=key1,algorithm=HMAC_SHA256", "another"),
        ("key=key1,algorithm=HMAC_SHA256", TOKEN),
        ("key=key1,algorithm=HMAC_SHA1", "shared-secret"),
        ("key=key1,algorithm=NONE", "shared-secret"),
        ("key=key1", "shared-secret"),
        ("algorithm=HMAC_SHA256", "shared-secret"),
        ("", "shared-secret"),
    ],
)
def test_a_shared_key_is_refused_when_key_secret_or_algorithm_do_not_fit(
    settings: str, secret: str
) -> None:
    provider = TwilioCarrier(shared_keys={"key1": "shared-secret"}).provider

    with pytest.raises(WebhookRefused):
        provider.verify(shared_key_request(settings, secret=secret))


def json_request(body: bytes, *, hashed: bytes | None) -> WebhookRequest:
    query = f"bodySHA256={hashlib.sha256(hashed).hexdigest()}" if hashed is not None else ""
    url = f"{PUBLIC_URL}/sms/twilio" + (f"?{query}" if query else "")
    headers = {
        "content-type": "application/json",
        "x-twilio-signature": twilio_signature(TOKEN, url, []),
    }
    return WebhookRequest(path="/sms/twilio", query=query, headers=headers, body=body)


def test_a_json_body_is_believed_when_its_hash_is_in_the_signed_url() -> None:
    body = json.dumps({"a": "¡ñ!"}, ensure_ascii=False).encode()

    TwilioCarrier().provider.verify(json_request(body, hashed=body))


@pytest.mark.parametrize(
    ("body", "hashed"),
    [(b'{"a": 2}', b'{"a": 1}'), (b'{"a": 1}', None), (b"\xff", b"\xff"), (b"", None)],
)
def test_a_json_body_is_refused_when_the_signature_does_not_cover_it(
    body: bytes, hashed: bytes | None
) -> None:
    with pytest.raises(WebhookRefused):
        TwilioCarrier().provider.verify(json_request(body, hashed=hashed))


def test_a_replay_is_the_same_text_so_that_storing_it_again_changes_nothing() -> None:
    provider, request = TwilioCarrier().provider, twilio_request(INBOUND)
    provider.verify(request)
    provider.verify(request)

    assert provider.parse_inbound(request) == provider.parse_inbound(request)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("+12025550101", ANN),
        ("12025550101", ANN),
        ("(202) 555-0101", ANN),
        (" 12025550101", ANN),  # a "+" that somebody forgot to escape
        ("72345", "72345"),
        ("555123", "555123"),
        ("5550101", "5550101"),
        ("TENDCLINIC", "TENDCLINIC"),
        ("whatsapp:+12025550101", "whatsapp:+12025550101"),
        ("+999", "+999"),
        ("?", "?"),
    ],
)
def test_numbers_are_e164_where_they_can_be_read_and_as_sent_elsewhere(
    raw: str, number: str
) -> None:
    request = twilio_request([("MessageSid", "SM1"), ("From", raw), ("Body", "hi")])

    inbound = TwilioCarrier().provider.parse_inbound(request)

    assert inbound.from_number == number


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ([("NumMedia", "3")], 3),
        ([("NumMedia", "")], 0),
        ([], 0),
        ([("NumMedia", "two"), ("MediaUrl0", "u"), ("MediaUrl1", "u")], 2),
        ([("NumMedia", "-1")], 0),
        ([("NumMedia", "²")], 0),
        ([("NumMedia", "1" + "0" * 30)], MOST_MEDIA),
        ([("NumMedia", "9" * 5000)], MOST_MEDIA),
    ],
)
def test_a_text_is_never_lost_over_an_odd_number_of_photos(
    fields: list[tuple[str, str]], count: int
) -> None:
    inbound = TwilioCarrier().provider.parse_inbound(read(("Body", "hi"), *fields))

    assert (inbound.body, inbound.media_count) == ("hi", count)


@pytest.mark.parametrize("word", ["PAUSE", "", "Value"])
def test_an_opt_out_type_is_ignored_when_it_is_new_to_us(word: str) -> None:
    inbound = TwilioCarrier().provider.parse_inbound(read(("Body", "hi"), ("OptOutType", word)))

    assert inbound.opt_out_type is None


def test_fields_that_we_do_not_know_are_ignored() -> None:
    provider = TwilioCarrier().provider
    plain, more = read(("Body", "hi")), read(("Body", "hi"), ("ChannelMetadata", "{}"), ("X", ""))

    assert provider.parse_inbound(plain) == provider.parse_inbound(more)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("accepted", ReceiptStatus.SENDING),
        ("scheduled", ReceiptStatus.SENDING),
        ("queued", ReceiptStatus.SENDING),
        ("sending", ReceiptStatus.SENDING),
        ("sent", ReceiptStatus.SENT),
        ("partially_delivered", ReceiptStatus.SENT),
        ("delivered", ReceiptStatus.DELIVERED),
        ("read", ReceiptStatus.DELIVERED),
        ("undelivered", ReceiptStatus.FAILED),
        ("failed", ReceiptStatus.FAILED),
        ("canceled", ReceiptStatus.FAILED),
        ("DELIVERED", ReceiptStatus.DELIVERED),
        ("receiving", ReceiptStatus.SENDING),
        ("whatever", ReceiptStatus.SENDING),
    ],
)
def test_twilios_statuses_become_ours(word: str, status: ReceiptStatus) -> None:
    request = twilio_request([("MessageSid", "SM1"), ("MessageStatus", word)])

    assert TwilioCarrier().provider.parse_receipt(request).status is status


def test_the_table_of_statuses_holds_every_outbound_status_of_the_installed_client() -> None:
    from twilio.rest.api.v2010.account.message import MessageInstance

    words = {value for name, value in vars(MessageInstance.Status).items() if name.isupper()}

    assert words - {"receiving", "received"} == RECEIPT_STATUS.keys()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("30003", NumberUnreachable),
        ("30006", NumberUnreachable),
        ("30007", MessageRefused),
        ("30034", MessageRefused),
        ("30036", MessageRefused),
        ("21610", OptedOut),
        ("12345", MessageRefused),
        ("", MessageRefused),
    ],
)
def test_a_failed_receipt_says_why_by_the_table(code: str, error: type[Exception]) -> None:
    fields = [("MessageSid", "SM1"), ("MessageStatus", "undelivered"), ("ErrorCode", code)]

    receipt = TwilioCarrier().provider.parse_receipt(twilio_request(fields))

    assert type(receipt.error) is error
    assert receipt.error.code == (code or None)


def test_a_delivered_receipt_has_no_error_even_when_it_carries_a_code() -> None:
    fields = [("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("ErrorCode", "30003")]

    assert TwilioCarrier().provider.parse_receipt(twilio_request(fields)).error is None
