"""Proves that a webhook comes from Twilio, and reads its form.

Twilio signs the URL that it called and every field, but no time: a recorded request stays valid
for ever. Freshness is therefore not checked here; a replay changes nothing because inbound texts
and receipts are unique on provider and provider id.
Source: https://www.twilio.com/docs/usage/security and twilio 9.13's own ``RequestValidator``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl

from twilio.request_validator import (  # type: ignore[import-untyped]  # ships no types
    HMAC_SHA1,
    HMAC_SHA256,
    RequestValidator,
)

from bot.core.messages import WebhookRequest
from bot.errors import ConfigError, WebhookRefused

SIGNATURE = "x-twilio-signature"
SIGNATURE_SETTINGS = "x-twilio-webhooks-signature-settings"
JSON = "application/json"


class Fields(dict[str, list[str]]):
    """A form's fields: blank ones are kept and repeated ones all there, as the signature needs."""

    def getall(self, name: str) -> list[str]:
        """Every value of a field; the validator looks for a method of this name."""
        return self[name]

    def first(self, *names: str) -> str:
        """The first value of the first of these fields that is not blank; "" if there is none."""
        return next((self[name][0] for name in names if self.get(name, [""])[0]), "")


def read_form(body: bytes) -> Fields:
    """The fields of a form. Bytes that are no UTF-8 become "�": a text is never lost over them."""
    fields = Fields()
    text = body.decode("utf-8", errors="replace")
    # Frameworks drop blank fields, but Twilio signs their names: so the raw body is read here.
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        fields.setdefault(name, []).append(value)
    return fields


@dataclass(frozen=True, kw_only=True)
class SignatureCheck:
    """Everything needed to check a signature.

    :param public_url: scheme and host (and prefix) as Twilio calls us; never what a proxy passes.
    :param tokens: primary and, while tokens are being rotated, secondary auth token.
    :param shared_keys: secrets by key id, for webhooks signed with a shared key (HMAC-SHA256).
    :raises ConfigError: a blank secret, with which anybody could sign.
    """

    public_url: str
    tokens: tuple[str, ...] = field(repr=False)
    shared_keys: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        secrets = (*self.tokens, *self.shared_keys.values())
        if not self.tokens or not all(secret.strip() for secret in secrets):
            raise ConfigError("Twilio: a signing secret is blank. Set the auth token.")

    def verify(self, request: WebhookRequest) -> None:
        """Make sure that Twilio sent this.

        :raises WebhookRefused: no signature, a wrong one, or one that we cannot check.
        """
        signature = request.headers.get(SIGNATURE, "")
        if not signature:
            raise WebhookRefused("the request is not signed")
        algorithm, secrets = self._settings(request.headers.get(SIGNATURE_SETTINGS, ""))
        url = self.public_url.rstrip("/") + request.path
        url += f"?{request.query}" if request.query else ""
        signed = _signed_part(request)
        if not any(
            RequestValidator(secret).validate(url, signed, signature, algorithm)
            for secret in secrets
        ):
            raise WebhookRefused("the signature does not fit; check public URL and auth token")

    def _settings(self, header: str) -> tuple[str, Iterable[str]]:
        """Algorithm and secrets to try: those of the named shared key, else the auth tokens."""
        pairs = (part.partition("=") for part in header.split(","))
        settings = {name.strip().lower(): value.strip() for name, _, value in pairs}
        algorithm = settings.get("algorithm", HMAC_SHA1).upper() or HMAC_SHA1
        if algorithm not in (HMAC_SHA1, HMAC_SHA256):
            raise WebhookRefused("the signature's algorithm is unknown")
        key_id = settings.get("key")
        if not key_id:
            return algorithm, self.tokens
        if key_id not in self.shared_keys:
            raise WebhookRefused("the signature's shared key is unknown")
        return algorithm, (self.shared_keys[key_id],)


def _signed_part(request: WebhookRequest) -> Fields | str:
    """What the signature covers beside the URL: a form's fields, or a JSON body by its hash."""
    if not request.headers.get("content-type", "").lower().startswith(JSON):
        return read_form(request.body)
    # Without the hash in the (signed) URL nothing would cover the body.
    if "bodySHA256" not in parse_qs(request.query):
        raise WebhookRefused("the JSON body is not covered by the signature")
    try:
        return request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise WebhookRefused("the JSON body is not UTF-8") from None
