"""Pages by phone in the sandbox: a phone on the page rings, with the keys 1 and 2."""

import json
from collections.abc import Callable
from datetime import datetime

import httpx

from bot.core.calls import CallEvent, CallMoment, Spoken
from bot.core.messages import OutboundText, WebhookRequest
from bot.errors import ProviderUnavailable, WebhookGarbled
from bot.sms import sandbox


class SandboxVoice:
    """Calls by the sandbox carrier.

    :param carrier_url: where the sandbox carrier listens.
    :param secret: shared with it; it signs with it.
    :param now: the clock by which a signature is stale.
    """

    name = "sandbox-voice"

    def __init__(
        self,
        carrier_url: str,
        *,
        secret: str,
        now: Callable[[], datetime],
        http: httpx.Client | None = None,
    ) -> None:
        self._signed = sandbox.SignedBySandbox(secret, now)
        self._url = carrier_url.rstrip("/") + "/carrier/calls"
        # Next door and without TLS: whom the world trusts is read from disk only for https.
        tls = self._url.startswith("https:")
        self._http = http or httpx.Client(timeout=sandbox.TIMEOUT, trust_env=False, verify=tls)

    def send(self, outbound: OutboundText) -> str:
        """Let the phone ring.

        :raises DeliveryError: as the carrier says, or *unavailable* when it says nothing.
        """
        content = {
            "to": outbound.to_number,
            "body": outbound.body,
            "reference": outbound.reference,
        }
        try:
            answer = self._http.post(self._url, json=content)
        except httpx.HTTPError as error:
            raise ProviderUnavailable(f"Sandbox: {type(error).__name__}") from None
        return sandbox.id_of(answer)

    def verify(self, request: WebhookRequest) -> None:
        """Make sure that the sandbox carrier sent this.

        :raises WebhookRefused: unsigned, forged or stale.
        """
        self._signed.verify(request)

    def parse(self, request: WebhookRequest) -> CallEvent:
        """Read one moment of a call.

        :raises WebhookGarbled: a needed field is missing or unknown.
        """
        given = sandbox.read_object(request.body)
        moment = given.get("moment")
        if moment not in list(CallMoment):
            raise WebhookGarbled("no moment of a call")
        return CallEvent(
            provider=self.name,
            provider_id=sandbox.needed(given, "id"),
            reference=sandbox.needed(given, "reference"),
            moment=CallMoment(moment),
            key=str(given.get("key") or "")[:1],
            because=str(given.get("because") or "")[:32],
        )

    def render(self, spoken: Spoken, *, reference: str) -> tuple[str, str]:
        """What the phone says next, as JSON, with its media type."""
        content = {"words": spoken.words, "awaits_key": spoken.awaits_key, "reference": reference}
        return json.dumps(content), "application/json"
