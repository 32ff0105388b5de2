"""Texts to phones drawn on a web page: the carrier for trying Tend out, without a carrier."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.core.messages import (
    MOST_MEDIA,
    InboundText,
    OptOutType,
    OutboundText,
    Receipt,
    ReceiptStatus,
    WebhookRequest,
)
from bot.errors import (
    ConfigError,
    DeliveryError,
    MessageRefused,
    NumberUnreachable,
    OptedOut,
    ProviderUnavailable,
    Throttled,
    WebhookGarbled,
    WebhookRefused,
)
from bot.sms.numbers import normalise_number

SIGNATURE = "x-sandbox-signature"
STALE_AFTER = timedelta(minutes=5)
TIMEOUT = httpx.Timeout(5.0, connect=2.0)

ERRORS: dict[str, type[DeliveryError]] = {
    "opted_out": OptedOut,
    "unreachable": NumberUnreachable,
    "throttled": Throttled,
    "unavailable": ProviderUnavailable,
    "refused": MessageRefused,
}


def sign(secret: str, *, path: str, body: bytes, now: datetime) -> str:
    """The value of ``X-Sandbox-Signature``, as the sandbox page must send it.

    :param path: path of our webhook, without query.
    """
    seconds = int(now.timestamp())
    return f"t={seconds},v1={_digest(secret, seconds=str(seconds), path=path, body=body)}"


def _digest(secret: str, *, seconds: str, path: str, body: bytes) -> str:
    signed = f"{seconds}.{path}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class SignedBySandbox:
    """Believes only what the sandbox page has signed, within the last five minutes.

    :raises ConfigError: a blank secret, with which anybody could sign.
    """

    def __init__(self, secret: str, now: Callable[[], datetime]) -> None:
        if not secret.strip():
            raise ConfigError("Sandbox: the secret is blank. Set any long random value.")
        self._secret = secret
        self._now = now

    def verify(self, request: WebhookRequest) -> None:
        """Make sure that the sandbox page sent this.

        :raises WebhookRefused: unsigned, forged or stale.
        """
        header = request.headers.get(SIGNATURE, "")
        parts = dict(part.strip().split("=", 1) for part in header.split(",") if "=" in part)
        seconds, given = parts.get("t", ""), parts.get("v1", "")
        if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
            raise WebhookRefused("the request is not signed")
        wanted = _digest(self._secret, seconds=seconds, path=request.path, body=request.body)
        if not hmac.compare_digest(wanted.encode(), given.encode()):
            raise WebhookRefused("the signature does not fit")
        # Both ways: a signature from the future could be kept until it fits.
        if abs(self._now().timestamp() - int(seconds)) > STALE_AFTER.total_seconds():
            raise WebhookRefused("the signature is stale")


class SandboxProvider:
    """Sends and receives texts by the sandbox carrier.

    :param carrier_url: where the sandbox carrier listens, such as ``http://127.0.0.1:8080``.
    :param secret: shared with the sandbox page, which signs with it.
    :param now: the clock by which a signature is stale; the sandbox can move it.
    :raises ConfigError: a blank secret, with which anybody could sign.
    """

    name = "sandbox"

    def __init__(
        self,
        carrier_url: str,
        *,
        secret: str,
        now: Callable[[], datetime],
        http: httpx.Client | None = None,
    ) -> None:
        self._signed = SignedBySandbox(secret, now)
        self._messages_url = carrier_url.rstrip("/") + "/carrier/messages"
        # Next door and without TLS: whom the world trusts is read from disk only for https.
        tls = self._messages_url.startswith("https:")
        self._http = http or httpx.Client(timeout=TIMEOUT, trust_env=False, verify=tls)

    def send(self, outbound: OutboundText) -> str:
        """Hand a text to the sandbox carrier and return its id.

        :raises DeliveryError: as the carrier says, or *unavailable* when it says nothing.
        """
        content = {
            "to": outbound.to_number,
            "body": outbound.body,
            "reference": outbound.reference,
        }
        try:
            answer = self._http.post(self._messages_url, json=content)
        except httpx.HTTPError as error:
            raise ProviderUnavailable(f"Sandbox: {type(error).__name__}") from None
        return id_of(answer)

    def verify(self, request: WebhookRequest) -> None:
        """Make sure that the sandbox page sent this, within the last five minutes.

        :raises WebhookRefused: unsigned, forged or stale.
        """
        self._signed.verify(request)

    def parse_inbound(self, request: WebhookRequest) -> InboundText:
        """Read an inbound text; keys that we do not know are ignored.

        :raises WebhookGarbled: no JSON object, or without id and sender.
        """
        given = read_object(request.body)
        media_count = given.get("media_count")
        opt_out_type = given.get("opt_out_type")
        return InboundText(
            provider=self.name,
            provider_id=needed(given, "id"),
            from_number=normalise_number(needed(given, "from")),
            to_number=normalise_number(str(given.get("to") or "")),
            body=_storable(str(given.get("body") or "")),
            media_count=min(max(media_count, 0), MOST_MEDIA) if isinstance(media_count, int) else 0,
            opt_out_type=OptOutType(opt_out_type) if opt_out_type in list(OptOutType) else None,
        )

    def parse_receipt(self, request: WebhookRequest) -> Receipt:
        """Read a delivery receipt; a status that we do not know moves nothing.

        :raises WebhookGarbled: no JSON object, or without id and status.
        """
        given = read_object(request.body)
        word = needed(given, "status")
        status = ReceiptStatus(word) if word in list(ReceiptStatus) else ReceiptStatus.SENDING
        failed = status is ReceiptStatus.FAILED
        return Receipt(
            provider=self.name,
            provider_id=needed(given, "id"),
            status=status,
            error=_read_failure(given.get("error")) if failed else None,
        )


def id_of(answer: httpx.Response) -> str:
    """The carrier's id of what it took.

    :raises DeliveryError: it did not take it.
    """
    given = read_object(answer.content)
    if "error" in given or not answer.is_success:
        raise _read_failure(given.get("error"), http_status=answer.status_code)
    if not isinstance(given.get("id"), str) or not given["id"]:
        raise ProviderUnavailable("The sandbox carrier gave no id for it.")
    return str(given["id"])


def _read_failure(word: object, *, http_status: int | None = None) -> DeliveryError:
    if isinstance(word, str) and word in ERRORS:
        return ERRORS[word](code=word)
    if http_status == 429:
        return Throttled()
    if http_status is not None and http_status >= 500:
        return ProviderUnavailable()
    return MessageRefused()


def read_object(body: bytes) -> dict[str, Any]:  # JSON is whatever the sender wrote
    """The JSON object in a body; empty when there is none."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _storable(text: str) -> str:
    """JSON can hold half an emoji ("\\ud83d"), which no database takes: it becomes "?"."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def needed(given: dict[str, Any], key: str) -> str:
    """A text that must be there.

    :raises WebhookGarbled: it is not.
    """
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise WebhookGarbled(f"{key} is missing")
    return value
