"""What Tend asks of Twilio, and what it makes of Twilio's answers."""

import logging
import traceback
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.messages import OutboundText
from bot.errors import (
    ConfigError,
    DeliveryError,
    MessageRefused,
    NumberUnreachable,
    OptedOut,
    ProviderUnavailable,
    Throttled,
)
from bot.sms import twilio_errors
from bot.sms.twilio_http import TIMEOUT, TwilioHttp
from tests.adapters import twilio_form
from tests.adapters.carriers import (
    ACCOUNT,
    ANN,
    API_KEY,
    CLINIC,
    PUBLIC_URL,
    SERVICE,
    TwilioCarrier,
    text_to_ann,
)


def test_the_form_holds_what_twilio_needs_and_nothing_else() -> None:
    carrier = TwilioCarrier()

    carrier.provider.send(text_to_ann("hi"))

    assert carrier.forms() == [
        {
            "To": [ANN],
            "Body": ["hi"],
            "MessagingServiceSid": [SERVICE],
            "StatusCallback": [f"{PUBLIC_URL}/sms/twilio/receipts"],
            "SmartEncoded": ["false"],
        }
    ]
    assert carrier.requests[0].url == (
        f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    )


def test_the_text_comes_from_our_number_when_there_is_no_messaging_service() -> None:
    carrier = TwilioCarrier(messaging_service_sid=None, from_number=CLINIC)

    carrier.provider.send(text_to_ann())

    assert carrier.forms()[0]["From"] == [CLINIC]
    assert "MessagingServiceSid" not in carrier.forms()[0]


def test_the_api_key_signs_in_when_one_is_set() -> None:
    carrier = TwilioCarrier()

    carrier.provider.send(text_to_ann())

    expected = httpx.BasicAuth(API_KEY, "api-secret")._auth_header
    assert carrier.requests[0].headers["authorization"] == expected


@pytest.mark.parametrize(
    ("validity", "seconds"),
    [
        (timedelta(seconds=1), "1"),
        (timedelta(seconds=90.9), "90"),
        (timedelta(minutes=30), "1800"),
        (timedelta(days=3), "36000"),
    ],
)
def test_validity_is_whole_seconds_within_twilios_bounds(validity: timedelta, seconds: str) -> None:
    carrier = TwilioCarrier()

    carrier.provider.send(text_to_ann(validity=validity))

    assert carrier.forms()[0]["ValidityPeriod"] == [seconds]


@pytest.mark.parametrize("validity", [timedelta(0), timedelta(seconds=-5), timedelta(seconds=0.9)])
def test_nothing_is_sent_when_the_text_is_no_longer_worth_it(validity: timedelta) -> None:
    carrier = TwilioCarrier()

    with pytest.raises(MessageRefused):
        carrier.provider.send(text_to_ann(validity=validity))
    assert carrier.requests == []


@pytest.mark.parametrize("body", ["", "  \n", "a" * 1601])
def test_nothing_is_sent_when_twilio_would_refuse_the_body(body: str) -> None:
    carrier = TwilioCarrier()

    with pytest.raises(MessageRefused):
        carrier.provider.send(text_to_ann(body))
    assert carrier.requests == []


@given(
    body=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=1600),
    validity=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=20)),
    number=st.from_regex(r"\A\+1202555010[0-9]\Z"),
    service=st.booleans(),
)
def test_every_request_is_valid_by_twilios_description(
    body: str, validity: timedelta | None, number: str, service: bool
) -> None:
    carrier = TwilioCarrier(
        messaging_service_sid=SERVICE if service else None,
        from_number=None if service else CLINIC,
    )
    try:
        carrier.provider.send(
            OutboundText(to_number=number, body=body, reference="out-1", validity=validity)
        )
    except MessageRefused:  # a blank body: not sent at all
        assert carrier.requests == []

    for request in carrier.requests:
        assert twilio_form.complaints(request) == []


@pytest.mark.parametrize(
    "form",
    [
        {"To": ANN, "Body": "hi"},
        {"To": ANN, "From": CLINIC},
        {"From": CLINIC, "Body": "hi"},
        {"To": "2025550101", "From": CLINIC, "Body": "hi"},
        {"To": ANN, "From": CLINIC, "Body": "a" * 1601},
        {"To": ANN, "From": CLINIC, "Body": "hi", "ValidityPeriod": "36001"},
        {"To": ANN, "From": CLINIC, "Body": "hi", "ValidityPeriod": "0"},
        {"To": ANN, "From": CLINIC, "Body": "hi", "SmartEncoded": "False"},
        {"To": ANN, "From": CLINIC, "Body": "hi", "Validity": "60"},
        {"To": ANN, "MessagingServiceSid": "MG1", "Body": "hi"},
    ],
)
def test_the_check_against_the_description_can_fail(form: dict[str, str]) -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"

    assert twilio_form.complaints(httpx.Request("POST", url, data=form))


def test_texts_are_never_scheduled_at_twilio() -> None:
    carrier = TwilioCarrier()

    carrier.provider.send(text_to_ann(validity=timedelta(hours=1)))

    assert not {"ScheduleType", "SendAt"} & carrier.forms()[0].keys()


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 21610, OptedOut),
        (400, 21211, NumberUnreachable),
        (400, 21614, NumberUnreachable),
        (400, 21408, NumberUnreachable),
        (400, 21617, MessageRefused),
        (400, 21611, Throttled),
        (429, 20429, Throttled),
        (429, None, Throttled),
        (401, 20003, ProviderUnavailable),
        (401, None, ProviderUnavailable),
        (403, 20403, ProviderUnavailable),
        (404, 20404, ProviderUnavailable),
        (500, 20500, ProviderUnavailable),
        (500, None, ProviderUnavailable),
        (503, None, ProviderUnavailable),
        (400, 99999, MessageRefused),
        (400, None, MessageRefused),
    ],
)
def test_a_refusal_becomes_our_error_by_the_table(
    status: int, code: int | None, error: type[DeliveryError]
) -> None:
    carrier = TwilioCarrier()
    carrier.refuses(status=status, code=code)

    with pytest.raises(DeliveryError) as caught:
        carrier.provider.send(text_to_ann())

    assert type(caught.value) is error
    assert caught.value.code == (str(code) if code else None)


def test_the_newer_form_of_errors_is_understood_when_twilio_uses_it() -> None:
    carrier = TwilioCarrier()
    problem = {"type": "about:blank", "title": "Opted out", "status": 400, "code": 21610}
    carrier.answer = lambda: httpx.Response(400, json=problem)

    with pytest.raises(OptedOut):
        carrier.provider.send(text_to_ann())


def test_her_number_stays_out_of_error_and_traceback_when_twilio_quotes_it() -> None:
    carrier = TwilioCarrier()
    carrier.refuses(status=400, code=21211, message=f"The 'To' number {ANN} is not valid.")

    outbound = text_to_ann("her words")

    with pytest.raises(NumberUnreachable) as caught:
        carrier.provider.send(outbound)

    written = "".join(traceback.format_exception(caught.value))
    assert ANN not in written
    assert "her words" not in written


def test_nothing_of_hers_is_logged_whatever_happens(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    carrier = TwilioCarrier()
    carrier.provider.send(text_to_ann("her words"))
    carrier.refuses(status=401, code=20003, message=f"{ANN} her words")
    with pytest.raises(ProviderUnavailable):
        carrier.provider.send(text_to_ann("her words"))

    assert caplog.records
    assert ANN[2:] not in caplog.text
    assert "her words" not in caplog.text


def test_it_is_loud_when_the_clinic_must_mend_something(caplog: pytest.LogCaptureFixture) -> None:
    carrier = TwilioCarrier()
    carrier.refuses(status=401, code=20003)

    with pytest.raises(ProviderUnavailable):
        carrier.provider.send(text_to_ann())

    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_it_is_quiet_when_she_opted_out(caplog: pytest.LogCaptureFixture) -> None:
    carrier = TwilioCarrier()
    carrier.fails(OptedOut)

    with pytest.raises(OptedOut):
        carrier.provider.send(text_to_ann())

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectTimeout,
        httpx.ReadTimeout,
        httpx.ConnectError,
        httpx.RemoteProtocolError,
        httpx.PoolTimeout,
    ],
)
def test_the_text_waits_when_twilio_cannot_be_reached(trouble: type[httpx.HTTPError]) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise trouble("no")

    carrier = TwilioCarrier(http=httpx.Client(transport=httpx.MockTransport(fail)))

    with pytest.raises(ProviderUnavailable) as caught:
        carrier.provider.send(text_to_ann())
    assert caught.value.retryable


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(201, text=""),
        httpx.Response(201, text="<html>proxy</html>"),
        httpx.Response(201, json={}),
        httpx.Response(201, json=[]),
        httpx.Response(201, json="SM1"),
        httpx.Response(201, json={"sid": None}),
        httpx.Response(302, headers={"location": "https://elsewhere.example"}),
        httpx.Response(502, text="<html>bad gateway</html>"),
        httpx.Response(500, json=["?"]),
    ],
)
def test_the_text_is_not_taken_for_sent_when_the_answer_has_no_id(answer: httpx.Response) -> None:
    carrier = TwilioCarrier()
    carrier.answer = lambda: answer

    with pytest.raises(DeliveryError):
        carrier.provider.send(text_to_ann())


def test_twilio_is_never_waited_for_without_end() -> None:
    client = TwilioHttp()._http

    assert client.timeout == TIMEOUT
    assert None not in (TIMEOUT.connect, TIMEOUT.read, TIMEOUT.write, TIMEOUT.pool)


@pytest.mark.parametrize("meaning", twilio_errors.MEANINGS.values())
def test_every_code_of_the_table_has_a_sentence_and_a_decision(
    meaning: twilio_errors.Meaning,
) -> None:
    assert meaning.sentence.endswith(".")
    assert meaning.error is not DeliveryError
    assert meaning.retryable is meaning.error.retryable


@pytest.mark.parametrize(
    "code",
    [
        "21211",
        "21408",
        "21610",
        "21614",
        "30003",
        "30005",
        "30006",
        "30007",
        "30008",
        "30034",
        "30036",
    ],
)
def test_the_codes_that_a_clinic_meets_are_in_the_table(code: int) -> None:
    assert str(code) in twilio_errors.MEANINGS


@pytest.mark.parametrize(
    "setting",
    [
        {"messaging_service_sid": None},
        {"public_url": "sms.example.org"},
        {"public_url": ""},
        {"public_url": "https://sms.example.org?x=1"},
        {"primary_token": ""},
        {"primary_token": "  "},
        {"shared_keys": {"key1": ""}},
    ],
)
def test_the_process_does_not_start_when_a_setting_cannot_work(setting: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        TwilioCarrier(**setting)


def test_secrets_are_not_shown_when_a_provider_is_printed() -> None:
    carrier = TwilioCarrier()

    shown = repr(carrier.provider) + repr(vars(carrier.provider))

    assert "primary-token" not in shown
    assert "api-secret" not in shown
