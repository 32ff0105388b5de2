"""Calls by Twilio and by the sandbox: signed both ways, read in our words, answered in theirs."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import httpx
import pytest

from bot.core.calls import HANG_UP, CallMoment, Spoken
from bot.core.messages import OutboundText, WebhookRequest
from bot.errors import ConfigError, MessageRefused, WebhookGarbled, WebhookRefused
from bot.sms.sandbox import SIGNATURE, sign
from bot.sms.sandbox_voice import SandboxVoice
from bot.sms.twilio import TwilioCredentials
from bot.sms.twilio_voice import TwilioVoice
from tests.adapters.carriers import ACCOUNT, PUBLIC_URL, TOKEN, twilio_signature

NOON = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
REF = "00c0ffee" * 3 + "0123"


class Rest:
    """Twilio's REST side: keeps the forms."""

    def __init__(self) -> None:
        self.forms: list[list[tuple[str, str]]] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.forms.append(parse_qsl(request.content.decode()))
        return httpx.Response(201, json={"sid": "CA" + "1" * 32})


def twilio(rest: Rest | None = None, **settings: object) -> TwilioVoice:
    given: dict[str, object] = {
        "credentials": TwilioCredentials(user=ACCOUNT, secret="x"),
        "primary_token": TOKEN,
        "from_number": "+12025550100",
        "public_url": PUBLIC_URL,
        "http": httpx.Client(transport=httpx.MockTransport((rest or Rest()).handle)),
        **settings,
    }
    return TwilioVoice(ACCOUNT, **given)  # type: ignore[arg-type]


def request(moment: str, *, token: str = TOKEN, **fields: str) -> WebhookRequest:
    path, query = f"/voice/{moment}", f"ref={REF}"
    pairs = [("CallSid", "CA" + "1" * 32), *fields.items()]
    signature = twilio_signature(token, f"{PUBLIC_URL}{path}?{query}", pairs)
    return WebhookRequest(
        path=path,
        query=query,
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": signature,
        },
        body=urlencode(pairs).encode(),
    )


def test_a_call_rings_with_machine_detection_and_tells_us_of_its_end() -> None:
    rest = Rest()
    twilio(rest).send(OutboundText("+12025550121", "An alert.", reference=REF))
    form = dict(rest.forms[0])
    assert form["To"] == "+12025550121"
    assert form["MachineDetection"] == "Enable"
    assert form["Url"] == f"{PUBLIC_URL}/voice/answer?ref={REF}"
    assert form["StatusCallback"] == f"{PUBLIC_URL}/voice/ended?ref={REF}"
    # Nothing of the alert stands at Twilio before somebody picks up.
    assert "An alert." not in str(rest.forms)


@pytest.mark.parametrize(
    ("moment", "fields", "wanted"),
    [
        ("answer", {"AnsweredBy": "human"}, CallMoment.ANSWERED),
        ("answer", {"AnsweredBy": "unknown"}, CallMoment.ANSWERED),
        ("answer", {}, CallMoment.ANSWERED),
        ("answer", {"AnsweredBy": "machine_start"}, CallMoment.MACHINE),
        ("answer", {"AnsweredBy": "machine_end_beep"}, CallMoment.MACHINE),
        ("answer", {"AnsweredBy": "fax"}, CallMoment.MACHINE),
        ("key", {"Digits": "1"}, CallMoment.KEY),
        ("ended", {"CallStatus": "completed"}, CallMoment.ENDED),
        ("ended", {"CallStatus": "no-answer"}, CallMoment.ENDED),
    ],
)
def test_twilios_words_become_ours(moment, fields, wanted) -> None:
    event = twilio().parse(request(moment, **fields))
    assert (event.moment, event.reference) == (wanted, REF)
    assert event.key == fields.get("Digits", "")


@pytest.mark.parametrize(
    ("status", "because"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "call_failed"), ("completed", "")],
)
def test_how_a_call_ended_is_kept(status, because) -> None:
    assert twilio().parse(request("ended", CallStatus=status)).because == because


def test_only_twilio_is_believed() -> None:
    voice = twilio()
    voice.verify(request("key", Digits="1"))
    with pytest.raises(WebhookRefused):
        voice.verify(request("key", token="another", Digits="1"))
    signed = request("key", Digits="2")
    forged = WebhookRequest(
        path=signed.path,
        query=signed.query,
        headers=signed.headers,
        body=signed.body.replace(b"Digits=2", b"Digits=1"),
    )
    with pytest.raises(WebhookRefused):
        voice.verify(forged)
    elsewhere = WebhookRequest(
        path=signed.path, query="ref=other", headers=signed.headers, body=signed.body
    )
    with pytest.raises(WebhookRefused):
        voice.verify(elsewhere)


def test_what_is_said_waits_for_one_key_twice_and_hangs_up() -> None:
    spoken = Spoken("Press 1 & wait <now>", awaits_key=True)
    content, media_type = twilio().render(spoken, reference=REF)
    assert media_type == "application/xml"
    tree = ElementTree.fromstring(content)
    assert [child.tag for child in tree] == ["Gather", "Gather", "Hangup"]
    gather = tree[0]
    assert gather.attrib["numDigits"] == "1"
    assert gather.attrib["action"] == f"{PUBLIC_URL}/voice/key?ref={REF}"
    assert gather[0].text == "Press 1 & wait <now>"


def test_nothing_is_said_to_a_machine() -> None:
    content, _ = twilio().render(HANG_UP, reference=REF)
    assert [child.tag for child in ElementTree.fromstring(content)] == ["Hangup"]


def test_a_number_to_call_from_is_needed() -> None:
    with pytest.raises(ConfigError, match="TEND_TWILIO_VOICE_NUMBER"):
        twilio(from_number="")


def test_a_call_without_words_is_not_made() -> None:
    with pytest.raises(MessageRefused):
        twilio().send(OutboundText("+12025550121", " ", reference=REF))


def test_a_request_about_no_call_is_garbled() -> None:
    with pytest.raises(WebhookGarbled):
        twilio().parse(WebhookRequest("/voice/key", "", {}, b"CallSid=CA1"))


# --- the sandbox --------------------------------------------------------------------------------


def sandbox() -> SandboxVoice:
    return SandboxVoice("http://127.0.0.1:9", secret="s", now=lambda: NOON)


def told(**content: str) -> WebhookRequest:
    body = json.dumps({"id": "c1", "reference": REF, **content}).encode()
    signature = sign("s", path="/voice/key", body=body, now=NOON)
    return WebhookRequest("/voice/key", "", {SIGNATURE: signature}, body)


def test_the_sandbox_is_believed_when_it_signed() -> None:
    sandbox().verify(told(moment="key", key="1"))
    with pytest.raises(WebhookRefused):
        sandbox().verify(WebhookRequest("/voice/key", "", {}, b"{}"))


def test_the_sandboxs_words_become_ours() -> None:
    event = sandbox().parse(told(moment="key", key="12"))
    assert (event.moment, event.key) == (CallMoment.KEY, "1")
    with pytest.raises(WebhookGarbled):
        sandbox().parse(told(moment="sneezed"))


def test_the_sandbox_is_told_what_to_say() -> None:
    content, _ = sandbox().render(Spoken("hello", awaits_key=True), reference=REF)
    assert json.loads(content)["words"] == "hello"
