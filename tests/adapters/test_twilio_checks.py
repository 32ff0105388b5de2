"""What `tend doctor` finds out from Twilio: scripted answers, and every way they can be wrong."""

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from bot.sms import twilio_checks, twilio_setup
from bot.sms.twilio import TwilioCredentials
from bot.sms.twilio_setup import TwilioFinding, TwilioSetup
from bot.sms.twiml import static_fallback_twiml

ACCOUNT = "AC" + "a" * 32
SERVICE = "MG" + "c" * 32
LONG_CODE = {"sid": "PN" + "1" * 32, "phone_number": "+12025550100"}
TOLL_FREE = {"sid": "PN" + "2" * 32, "phone_number": "+18885550100"}
SECRETS = ("hush-token", "hush-secret")
PUBLIC = "https://sms.example.org"
NOON = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
HELP = {"en": "Office: 202-555-0100. Crisis: 988.", "es": "Consultorio: 202-555-0100. Crisis: 988."}
TWIML = static_fallback_twiml("202-555-0100", texts=["988, 911, {practice_phone}"])

API = "https://api.twilio.com/2010-04-01"
MESSAGING = "https://messaging.twilio.com/v1"
ACCOUNT_URL = f"{API}/Accounts/{ACCOUNT}.json"
NUMBERS_URL = f"{API}/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json"
SERVICE_URL = f"{MESSAGING}/Services/{SERVICE}"
POOL_URL = f"{SERVICE_URL}/PhoneNumbers"
CODES_URL = f"{SERVICE_URL}/ShortCodes"
CAMPAIGN_URL = f"{SERVICE_URL}/Compliance/Usa2p"
VERIFICATION_URL = f"{MESSAGING}/Tollfree/Verifications"
FALLBACK_URL = f"{PUBLIC}/sms/fallback"


def number_url(number: dict[str, Any]) -> str:
    return f"{API}/Accounts/{ACCOUNT}/IncomingPhoneNumbers/{number['sid']}.json"


def listed(key: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {key: list(entries), "meta": {"key": key, "next_page_url": None}}


class ScriptedTwilio:
    """Twilio's REST API with one Messaging Service, set up as it should be."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.service: dict[str, Any] = {
            "sid": SERVICE,
            "inbound_request_url": f"{PUBLIC}/sms/inbound",
            "inbound_method": "POST",
            "fallback_url": "https://handler.twilio.com/twiml/EH1",
            "status_callback": None,
            "smart_encoding": False,
            "validity_period": 36000,
            "use_inbound_webhook_on_number": False,
        }
        self.number: dict[str, Any] = {
            **LONG_CODE,
            "capabilities": {"sms": True},
            "sms_application_sid": "",
            "sms_url": f"{PUBLIC}/sms/inbound#rc=2",
            "sms_method": "POST",
            "sms_fallback_url": "https://handler.twilio.com/twiml/EH1",
        }
        self.answers: dict[str, Any] = {
            ACCOUNT_URL: {"sid": ACCOUNT, "status": "active", "type": "Full"},
            SERVICE_URL: self.service,
            POOL_URL: listed("phone_numbers", LONG_CODE),
            CODES_URL: listed("short_codes"),
            CAMPAIGN_URL: listed("compliance", {"campaign_status": "VERIFIED", "mock": False}),
            VERIFICATION_URL: listed("verifications", {"status": "TWILIO_APPROVED"}),
            NUMBERS_URL: {"incoming_phone_numbers": [self.number]},
            number_url(LONG_CODE): self.number,
            FALLBACK_URL: TWIML,
        }
        self.http = httpx.Client(transport=httpx.MockTransport(self._handle))

    def pool(self, *numbers: dict[str, Any]) -> None:
        self.answers[POOL_URL] = listed("phone_numbers", *numbers)

    def campaigns(self, *entries: dict[str, Any]) -> None:
        self.answers[CAMPAIGN_URL] = listed("compliance", *entries)

    def verifications(self, *states: str) -> None:
        self.pool(TOLL_FREE)
        entries = [{"status": state} for state in states]
        self.answers[VERIFICATION_URL] = listed("verifications", *entries)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.get(str(request.url).partition("?")[0])
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, str):
            return httpx.Response(200, text=answer)
        if answer is None:
            return httpx.Response(
                404, json={"code": 20404, "status": 404, "message": "+12025550111"}
            )
        return httpx.Response(200, json=answer)

    def findings(self, **changes: Any) -> list[TwilioFinding]:
        return list(twilio_checks.check(setup(**changes), http=self.http))


def setup(**changes: Any) -> TwilioSetup:
    given: dict[str, Any] = {
        "account_sid": ACCOUNT,
        "credentials": TwilioCredentials(user="SK" + "b" * 32, secret=SECRETS[1]),
        "auth_token": SECRETS[0],
        "messaging_service_sid": SERVICE,
        "from_number": None,
        "public_url": PUBLIC,
        "fallback_words": ("988", "911", "202-555-0100"),
        "help_texts": HELP,
    }
    return TwilioSetup(**(given | changes))


@pytest.fixture
def twilio() -> ScriptedTwilio:
    return ScriptedTwilio()


def named(findings: list[TwilioFinding], name: str) -> list[TwilioFinding]:
    return [finding for finding in findings if finding.name == f"Twilio: {name}"]


def test_nothing_is_wrong_when_twilio_is_set_up_as_described(twilio: ScriptedTwilio) -> None:
    findings = twilio.findings()

    assert [f.name for f in findings if f.state == "wrong"] == []
    # Only what no API shows is left to a person.
    assert {f.name for f in findings if f.state == "warning"} == {
        "Twilio: answer to HELP",
        "Twilio: Compliance Toolkit",
    }
    assert {request.method for request in twilio.asked} == {"GET"}


type Change = Callable[[ScriptedTwilio], object]
WRONG_SERVICE: list[tuple[str, str, str, str, Change]] = [
    ("suspended", "auth token", "wrong", "suspended",
     lambda t: t.answers[ACCOUNT_URL].update(status="suspended")),
    ("trial", "auth token", "wrong", "trial",
     lambda t: t.answers[ACCOUNT_URL].update(type="Trial")),
    ("token", "auth token", "wrong", "credentials",
     lambda t: t.answers.update({ACCOUNT_URL: httpx.Response(401, json={"code": 20003})})),
    ("no service", "Messaging Service", "wrong", "no such thing",
     lambda t: t.answers.pop(SERVICE_URL)),
    ("empty pool", "senders", "wrong", "no number", lambda t: t.pool()),
    ("no inbound", "inbound webhook", "wrong", "no text reaches us",
     lambda t: t.service.update(inbound_request_url=None)),
    ("inbound elsewhere", "inbound webhook", "wrong", "other.example.org",
     lambda t: t.service.update(inbound_request_url="https://other.example.org/sms/inbound")),
    ("inbound path", "inbound webhook", "wrong", "Set it to",
     lambda t: t.service.update(inbound_request_url=f"{PUBLIC}/sms")),
    ("inbound scheme", "inbound webhook", "wrong", "Set it to",
     lambda t: t.service.update(inbound_request_url="http://sms.example.org/sms/inbound")),
    ("inbound by GET", "inbound webhook", "wrong", "GET",
     lambda t: t.service.update(inbound_method="GET")),
    ("no fallback", "fallback", "wrong", "silence",
     lambda t: t.service.update(fallback_url="")),
    ("fallback is ours", "fallback", "warning", "stands in for",
     lambda t: t.service.update(fallback_url=FALLBACK_URL)),
    ("receipts elsewhere", "status callback", "warning", "elsewhere",
     lambda t: t.service.update(status_callback="https://other.example.org/r")),
    ("smart encoding", "smart encoding", "warning", "Switch it off",
     lambda t: t.service.update(smart_encoding=True)),
    ("validity", "validity", "warning", "60 seconds",
     lambda t: t.service.update(validity_period=60)),
    ("no campaign", "A2P campaign", "wrong", "30034", lambda t: t.campaigns()),
    ("mock campaign", "A2P campaign", "wrong", "There is none",
     lambda t: t.campaigns({"campaign_status": "VERIFIED", "mock": True})),
    ("campaign waits", "A2P campaign", "wrong", "in progress",
     lambda t: t.campaigns({"campaign_status": "IN_PROGRESS"})),
    ("campaign refused", "A2P campaign", "wrong", "cannot be resubmitted",
     lambda t: t.campaigns({"campaign_status": "FAILED", "errors": [{"error_code": 30941}]})),
    ("toll-free waits", "toll-free", "wrong", "reviewed", lambda t: t.verifications("IN_REVIEW")),
    ("toll-free refused", "toll-free", "wrong", "rejected",
     lambda t: t.verifications("TWILIO_REJECTED")),
    ("toll-free unasked", "toll-free", "wrong", "not verified", lambda t: t.verifications()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "state", "says", "change"),
    [row[1:] for row in WRONG_SERVICE],
    ids=[row[0] for row in WRONG_SERVICE],
)
def test_it_is_found_when_the_service_is_set_up_wrongly(
    twilio: ScriptedTwilio, name: str, state: str, says: str, change: Change
) -> None:
    change(twilio)

    (finding,) = named(twilio.findings(), name)

    assert (finding.state, says in finding.sentence) == (state, True), finding


WRONG_NUMBER: list[tuple[str, str, str, str, Change]] = [
    ("not ours", "number", "wrong", "no such number",
     lambda t: t.answers.update({NUMBERS_URL: {"incoming_phone_numbers": []}})),
    ("voice only", "number", "wrong", "cannot carry texts",
     lambda t: t.number.update(capabilities={"sms": False})),
    ("TwiML App", "inbound webhook", "wrong", "TwiML App",
     lambda t: t.number.update(sms_application_sid="AP1")),
    ("elsewhere", "inbound webhook", "wrong", "demo.twilio.com",
     lambda t: t.number.update(sms_url="https://demo.twilio.com/welcome/sms/reply")),
    ("by GET", "inbound webhook", "wrong", "GET", lambda t: t.number.update(sms_method="GET")),
    ("no fallback", "fallback", "wrong", "silence",
     lambda t: t.number.update(sms_fallback_url=None)),
    ("campaign unseen", "A2P campaign", "warning", "by hand", lambda t: None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "state", "says", "change"),
    [row[1:] for row in WRONG_NUMBER],
    ids=[row[0] for row in WRONG_NUMBER],
)
def test_it_is_found_when_a_lone_number_is_set_up_wrongly(
    twilio: ScriptedTwilio, name: str, state: str, says: str, change: Change
) -> None:
    change(twilio)

    findings = twilio.findings(messaging_service_sid=None, from_number="+12025550100")

    (finding,) = named(findings, name)
    assert (finding.state, says in finding.sentence) == (state, True), finding


def test_the_numbers_webhook_counts_when_the_service_defers_to_it(twilio: ScriptedTwilio) -> None:
    twilio.service.update(use_inbound_webhook_on_number=True, inbound_request_url=None)
    assert [f.state for f in named(twilio.findings(), "inbound webhook")] == ["ok"]

    twilio.number.update(sms_url="https://demo.twilio.com/welcome/sms/reply")
    assert [f.state for f in named(twilio.findings(), "inbound webhook")] == ["wrong"]


def test_our_number_must_be_in_the_pool_when_both_are_set(twilio: ScriptedTwilio) -> None:
    (there,) = named(twilio.findings(from_number="+12025550100"), "senders")
    (missing,) = named(twilio.findings(from_number="+12025550155"), "senders")

    assert (there.state, missing.state) == ("ok", "wrong")


@pytest.mark.parametrize("pool", [[TOLL_FREE], []], ids=["toll-free", "short code"])
def test_no_campaign_is_asked_for_when_there_is_no_long_code(
    twilio: ScriptedTwilio, pool: list[dict[str, Any]]
) -> None:
    twilio.pool(*pool)
    twilio.answers[CODES_URL] = listed("short_codes", {"sid": "SC1", "short_code": "20255"})
    twilio.campaigns()

    assert named(twilio.findings(), "A2P campaign") == []


@pytest.mark.parametrize(
    "answer",
    [
        "<html>no</html>",
        TWIML.replace("911", "112"),
        httpx.Response(500, text=TWIML),
        httpx.ConnectError("no"),
    ],
    ids=["html", "no 911", "status", "unreachable"],
)
def test_our_own_fallback_is_wrong_when_it_does_not_say_what_it_must(
    twilio: ScriptedTwilio, answer: object
) -> None:
    twilio.service.update(fallback_url=FALLBACK_URL)
    twilio.answers[FALLBACK_URL] = answer

    (finding,) = named(twilio.findings(), "fallback")

    assert finding.state == "wrong"


FAILURES: list[tuple[object, str]] = [
    (httpx.Response(401, json={"code": 20003, "message": SECRETS[0]}), "credentials"),
    (httpx.Response(403, json={"code": 20403}), "may not ask"),
    (httpx.Response(429, json={"code": 20429}), "slow down"),
    (httpx.Response(503, json={"code": 20503}), "could not answer"),
    (httpx.ReadTimeout("hush-token"), "in time"),
    (httpx.ConnectError("hush-token"), "443"),
    ("<html>a proxy's page</html>", "unreadable"),
    ([], "unreadable"),
]


@pytest.mark.parametrize(("failure", "says"), FAILURES, ids=[says for _, says in FAILURES])
@pytest.mark.parametrize(
    "url", [ACCOUNT_URL, SERVICE_URL, POOL_URL, CODES_URL, CAMPAIGN_URL, VERIFICATION_URL]
)
def test_a_failure_of_the_api_is_a_line_and_not_a_crash(
    twilio: ScriptedTwilio, url: str, failure: object, says: str
) -> None:
    twilio.pool(LONG_CODE, TOLL_FREE)
    twilio.answers[url] = failure

    findings = twilio.findings()

    wrong = [finding for finding in findings if finding.state == "wrong"]
    assert len(wrong) == 1
    assert says in wrong[0].sentence
    # Whatever failed, what a person has to look at stands at the end.
    assert findings[-1].name == "Twilio: Compliance Toolkit"


def test_no_secret_and_no_patients_number_is_shown(twilio: ScriptedTwilio) -> None:
    shown = ""
    for url in list(twilio.answers):
        kept, twilio.answers[url] = (
            twilio.answers[url],
            httpx.Response(400, json={"code": 21211, "message": f"{SECRETS} +12025550111"}),
        )
        shown += str(twilio.findings())
        twilio.answers[url] = kept

    assert not any(secret in shown for secret in (*SECRETS, "+12025550111"))
    assert not any(secret in repr(setup()) for secret in SECRETS)


def test_the_token_and_not_the_api_key_is_tried_on_the_account(twilio: ScriptedTwilio) -> None:
    twilio.findings()

    users = {
        str(request.url).partition("?")[0]: b64decode(
            request.headers["authorization"].removeprefix("Basic ")
        ).decode()
        for request in twilio.asked
    }
    assert users[ACCOUNT_URL] == f"{ACCOUNT}:{SECRETS[0]}"
    assert users[SERVICE_URL].startswith("SK")


def test_the_words_for_help_stand_in_the_line_that_is_checked_by_hand(
    twilio: ScriptedTwilio,
) -> None:
    (finding,) = named(twilio.findings(), "answer to HELP")

    assert all(text in finding.sentence for text in HELP.values())


@pytest.mark.parametrize(
    ("seconds", "state"), [(0, "ok"), (29, "ok"), (-45, "warning"), (45, "warning"), (400, "wrong")]
)
def test_the_clock_is_compared_with_twilios(seconds: int, state: str) -> None:
    headers = {"date": format_datetime(NOON, usegmt=True)}
    answer = httpx.MockTransport(lambda _: httpx.Response(401, headers=headers))

    finding = twilio_checks.clock_finding(
        httpx.Client(transport=answer), now=lambda: NOON + timedelta(seconds=seconds)
    )

    assert finding.state == state


@pytest.mark.parametrize("headers", [{}, {"date": "tomorrow"}])
def test_the_clock_is_left_alone_when_twilio_tells_no_time(headers: dict[str, str]) -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers))

    finding = twilio_checks.clock_finding(httpx.Client(transport=answer), now=lambda: NOON)

    assert finding.state == "warning"


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("https://sms.example.org/sms/inbound", True),
        ("https://SMS.example.org:443/sms/inbound#rc=3&rp=all", True),
        ("https://sms.example.org/sms/inbound?x=1", False),
        ("https://sms.example.org/sms/inbound/", False),
        ("https://sms.example.org:8443/sms/inbound", False),
    ],
)
def test_addresses_are_the_same_when_the_same_request_follows(one: str, same: bool) -> None:
    assert twilio_setup.same_url(one, f"{PUBLIC}/sms/inbound") is same
