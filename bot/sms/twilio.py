"""Texts by Twilio: the only module that knows Twilio's field names."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.base.exceptions import (  # type: ignore[import-untyped]  # ships no types
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client  # type: ignore[import-untyped]

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
    ProviderUnavailable,
    WebhookGarbled,
)
from bot.sms.numbers import normalise_number
from bot.sms.twilio_errors import delivery_error, meaning_of
from bot.sms.twilio_http import TwilioHttp
from bot.sms.twilio_webhooks import Fields, SignatureCheck, read_form

log = logging.getLogger(__name__)

MAX_BODY = 1600
MAX_VALIDITY_S = 36_000

# Twilio's words on the left, ours on the right. A word that is new to us moves nothing (*sending*):
# refusing the webhook would only make Twilio repeat it, and failing the text would be a guess.
RECEIPT_STATUS = {
    "accepted": ReceiptStatus.SENDING,
    "scheduled": ReceiptStatus.SENDING,
    "queued": ReceiptStatus.SENDING,
    "sending": ReceiptStatus.SENDING,
    "sent": ReceiptStatus.SENT,
    "partially_delivered": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.DELIVERED,
    "undelivered": ReceiptStatus.FAILED,
    "failed": ReceiptStatus.FAILED,
    "canceled": ReceiptStatus.FAILED,
}


@dataclass(frozen=True, kw_only=True)
class TwilioCredentials:
    """Who we are to Twilio's REST API: account SID and auth token, or API key SID and secret.

    An API key is better: the auth token can be rotated without stopping the texts.
    """

    user: str
    secret: str = field(repr=False)


class TwilioProvider:
    """Sends and receives texts by Twilio.

    :param credentials: what the REST API is called with.
    :param primary_token: auth token that signs webhooks; ``secondary_token`` during rotation.
    :param shared_keys: secrets by key id, where webhooks are signed with HMAC-SHA256.
    :param messaging_service_sid: or ``from_number``, or both: who the text comes from.
    :param public_url: scheme and host as Twilio calls us, such as ``https://sms.example.org``.
    :param receipts_path: where on it receipts are to be posted.
    :param http: replaced in tests; it carries the time-outs.
    :raises ConfigError: a setting is missing or cannot work.
    """

    name = "twilio"

    def __init__(
        self,
        account_sid: str,
        *,
        credentials: TwilioCredentials,
        primary_token: str,
        secondary_token: str | None = None,
        shared_keys: Mapping[str, str] | None = None,
        messaging_service_sid: str | None = None,
        from_number: str | None = None,
        public_url: str,
        receipts_path: str = "/sms/twilio/receipts",
        http: httpx.Client | None = None,
    ) -> None:
        _check_settings(account_sid, messaging_service_sid, from_number, public_url)
        tokens = (primary_token, secondary_token) if secondary_token else (primary_token,)
        self._signatures = SignatureCheck(
            public_url=public_url, tokens=tokens, shared_keys=shared_keys or {}
        )
        self._receipts_url = public_url.rstrip("/") + receipts_path
        sender = {"messaging_service_sid": messaging_service_sid, "from_": from_number}
        self._sender = {name: value for name, value in sender.items() if value}
        self._client = Client(
            username=credentials.user,
            password=credentials.secret,
            account_sid=account_sid,
            http_client=TwilioHttp(http),
        )

    def send(self, outbound: OutboundText) -> str:
        """Hand a text to Twilio and return its SID.

        Time-outs are retryable although Twilio may have taken the text: a crisis reply that goes
        twice is better than one that never goes. Never scheduled at Twilio: consent and quiet
        hours are checked at the moment of sending.

        :raises DeliveryError: by the table in ``twilio_errors``.
        """
        options = self._options(outbound)
        try:
            created = self._client.messages.create(**options)
        except (TwilioRestException, TwilioServiceException) as error:
            # "from None": Twilio's sentence may quote her number and must not reach a log.
            raise read_failure(error) from None
        except httpx.HTTPError as error:
            raise ProviderUnavailable(f"Twilio: {type(error).__name__}") from None
        except (TwilioException, ValueError, AttributeError):
            # A proxy's page, or JSON of another shape: Twilio's client trips over it.
            raise ProviderUnavailable("Twilio answered something unreadable.") from None
        if not created.sid:
            raise ProviderUnavailable("Twilio gave no id for the text.")
        return str(created.sid)

    def _options(self, outbound: OutboundText) -> dict[str, Any]:  # Twilio's own mix of types
        if not outbound.body.strip():
            raise MessageRefused("The text is empty.", code="21602")
        if len(outbound.body) > MAX_BODY:
            raise MessageRefused("The text is longer than 1,600 characters.", code="21617")
        options: dict[str, Any] = {
            "to": outbound.to_number,
            "body": outbound.body,
            "status_callback": self._receipts_url,
            # Off, whatever the Messaging Service says: what we record is what she received. Our
            # texts are tidied when they are written (bot/core/segments.py).
            "smart_encoded": False,
            **self._sender,
        }
        if outbound.validity is not None:
            options["validity_period"] = _validity_seconds(outbound.validity)
        return options

    def verify(self, request: WebhookRequest) -> None:
        """Make sure that Twilio sent this.

        :raises WebhookRefused: unsigned or forged. Replays pass (Twilio signs no time) and are
            harmless: inbound texts are unique on their SID, receipts never step back.
        """
        self._signatures.verify(request)

    def parse_inbound(self, request: WebhookRequest) -> InboundText:
        """Read an inbound text; fields that we do not know are ignored.

        :raises WebhookGarbled: without an id or a sender.
        """
        fields = read_form(request.body)
        sid = fields.first("MessageSid", "SmsMessageSid", "SmsSid")
        sender = fields.first("From")
        if not sid or not sender:
            raise WebhookGarbled("an inbound text needs MessageSid and From")
        return InboundText(
            provider=self.name,
            provider_id=sid,
            from_number=normalise_number(sender),
            to_number=normalise_number(fields.first("To")),
            body=fields.get("Body", [""])[0],
            media_count=_media_count(fields),
            opt_out_type=_opt_out_type(fields.first("OptOutType")),
        )

    def parse_receipt(self, request: WebhookRequest) -> Receipt:
        """Read a delivery receipt.

        :raises WebhookGarbled: without an id or a status.
        """
        fields = read_form(request.body)
        sid = fields.first("MessageSid", "SmsSid")
        word = fields.first("MessageStatus", "SmsStatus")
        if not sid or not word:
            raise WebhookGarbled("a receipt needs MessageSid and MessageStatus")
        status = RECEIPT_STATUS.get(word.lower(), ReceiptStatus.SENDING)
        failed = status is ReceiptStatus.FAILED
        return Receipt(
            provider=self.name,
            provider_id=sid,
            status=status,
            error=delivery_error(fields.first("ErrorCode") or None) if failed else None,
        )


def _check_settings(
    account_sid: str, service_sid: str | None, from_number: str | None, public_url: str
) -> None:
    if not account_sid.startswith("AC"):
        raise ConfigError(
            "Twilio: the account SID begins with AC. Copy it from the Twilio console."
        )
    if not service_sid and not from_number:
        raise ConfigError("Twilio: set a Messaging Service SID or a sending number.")
    public = urlsplit(public_url)
    if public.scheme not in ("https", "http") or not public.hostname or public.query:
        raise ConfigError("Twilio: the public URL must be whole, such as https://sms.example.org.")


def _validity_seconds(validity: timedelta) -> int:
    seconds = int(validity.total_seconds())
    if seconds < 1:
        raise MessageRefused("The text waited longer than it was worth sending.", code="30036")
    return min(seconds, MAX_VALIDITY_S)


def read_failure(error: TwilioRestException | TwilioServiceException) -> DeliveryError:
    """Twilio's refusal as an error of ours; never with its words, which may quote a number."""
    # Where Twilio gives no code, its client puts the HTTP status there; codes have five digits.
    code = str(error.code) if len(str(error.code)) >= 5 else None
    if meaning_of(code, http_status=error.status).ours:
        log.error("Twilio needs mending on our side", extra={"code": code, "status": error.status})
    return delivery_error(code, http_status=error.status)


def _media_count(fields: Fields) -> int:
    number = fields.first("NumMedia")
    if number.isascii() and number.isdigit():
        # Python reads no number of thousands of digits, so a long one is not even tried.
        return min(int(number), MOST_MEDIA) if len(number) < 5 else MOST_MEDIA
    return sum(name.startswith("MediaUrl") for name in fields)


def _opt_out_type(word: str) -> OptOutType | None:
    return OptOutType(word.upper()) if word.upper() in OptOutType.__members__ else None
