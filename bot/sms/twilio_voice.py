"""Pages by phone through Twilio: rings, reads one sentence aloud, waits for a key."""

from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
from twilio.base.exceptions import (  # type: ignore[import-untyped]  # ships no types
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client  # type: ignore[import-untyped]
from twilio.twiml.voice_response import (  # type: ignore[import-untyped]
    Gather,
    VoiceResponse,
)

from bot.core.calls import CallEvent, CallMoment, Spoken
from bot.core.messages import OutboundText, WebhookRequest
from bot.errors import ConfigError, MessageRefused, ProviderUnavailable, WebhookGarbled
from bot.sms.twilio import TwilioCredentials, read_failure
from bot.sms.twilio_http import TwilioHttp
from bot.sms.twilio_webhooks import SignatureCheck, read_form

# Shorter than most mailboxes wait: a page must fail while there is time for the next person.
RING_S = 25
KEY_S = 8
XML = "application/xml"
# The last part of the path says which moment the request is about.
ANSWER, KEY, ENDED = "answer", "key", "ended"
# How Twilio says that nobody came to the phone.
_ENDS = {"busy": "busy", "no-answer": "no_answer", "failed": "call_failed", "canceled": "canceled"}


class TwilioVoice:
    """Calls by Twilio, with its detection of answering machines.

    :param from_number: whom the call comes from; a number of ours that can call.
    :param public_url: scheme and host as Twilio calls us.
    :param http: replaced in tests; it carries the time-outs.
    :raises ConfigError: no number to call from.
    """

    name = "twilio-voice"

    def __init__(
        self,
        account_sid: str,
        *,
        credentials: TwilioCredentials,
        primary_token: str,
        secondary_token: str | None = None,
        from_number: str,
        public_url: str,
        path: str = "/voice",
        http: httpx.Client | None = None,
    ) -> None:
        if not from_number.startswith("+"):
            raise ConfigError("Twilio: set TEND_TWILIO_VOICE_NUMBER, such as +12025550100.")
        tokens = (primary_token, secondary_token) if secondary_token else (primary_token,)
        self._signatures = SignatureCheck(public_url=public_url, tokens=tokens, shared_keys={})
        self._url = public_url.rstrip("/") + path
        self._from = from_number
        self._client = Client(
            username=credentials.user,
            password=credentials.secret,
            account_sid=account_sid,
            http_client=TwilioHttp(http),
        )

    def send(self, outbound: OutboundText) -> str:
        """Let Twilio ring; what is said is asked of us when somebody picks up.

        :raises DeliveryError: by the table in ``twilio_errors``.
        """
        try:
            created = self._client.calls.create(**self._options(outbound))
        except (TwilioRestException, TwilioServiceException) as error:
            raise read_failure(error) from None
        except httpx.HTTPError as error:
            raise ProviderUnavailable(f"Twilio: {type(error).__name__}") from None
        except (TwilioException, ValueError, AttributeError):
            raise ProviderUnavailable("Twilio answered something unreadable.") from None
        if not created.sid:
            raise ProviderUnavailable("Twilio gave no id for the call.")
        return str(created.sid)

    def _options(self, outbound: OutboundText) -> dict[str, Any]:  # Twilio's own mix of types
        if not outbound.body.strip():
            raise MessageRefused("There is nothing to say.")
        return {
            "to": outbound.to_number,
            "from_": self._from,
            "url": self._address(ANSWER, outbound.reference),
            "status_callback": self._address(ENDED, outbound.reference),
            "status_callback_event": ["completed"],
            # A mailbox that listens is no clinician: Twilio says who picked up.
            "machine_detection": "Enable",
            "timeout": RING_S,
        }

    def _address(self, moment: str, reference: str) -> str:
        return f"{self._url}/{moment}?{urlencode({'ref': reference})}"

    def verify(self, request: WebhookRequest) -> None:
        """Make sure that Twilio sent this.

        :raises WebhookRefused: unsigned or forged.
        """
        self._signatures.verify(request)

    def parse(self, request: WebhookRequest) -> CallEvent:
        """Read one moment of a call.

        :raises WebhookGarbled: without an id, or about no call of ours.
        """
        fields = read_form(request.body)
        reference = parse_qs(request.query).get("ref", [""])[0]
        sid = fields.first("CallSid")
        if not sid or not reference:
            raise WebhookGarbled("a call needs CallSid and our reference")
        moment, because = _moment(request.path, fields.first("AnsweredBy"))
        if moment == CallMoment.ENDED:
            because = _ENDS.get(fields.first("CallStatus").lower(), "")
        return CallEvent(
            provider=self.name,
            provider_id=sid,
            reference=reference,
            moment=moment,
            key=fields.first("Digits")[:1],
            because=because,
        )

    def render(self, spoken: Spoken, *, reference: str) -> tuple[str, str]:
        """What the call says next, as TwiML, with its media type; twice, if it waits for a key."""
        response = VoiceResponse()
        if not spoken.awaits_key:
            if spoken.words:
                response.say(spoken.words)
            response.hangup()
            return str(response), XML
        for _ in range(2):
            gather = Gather(
                num_digits=1,
                action=self._address(KEY, reference),
                method="POST",
                timeout=KEY_S,
            )
            gather.say(spoken.words)
            response.append(gather)
        response.hangup()
        return str(response), XML


def _moment(path: str, answered_by: str) -> tuple[CallMoment, str]:
    last = path.rstrip("/").rsplit("/", 1)[-1]
    if last == ENDED:
        return CallMoment.ENDED, ""
    if last == KEY:
        return CallMoment.KEY, ""
    # "unknown" is asked for a key like a person: a mailbox presses none.
    if answered_by.startswith(("machine", "fax")):
        return CallMoment.MACHINE, "machine"
    return CallMoment.ANSWERED, ""
