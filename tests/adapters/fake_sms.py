"""An SMS provider without a carrier, for every test that is about something else."""

import json
from typing import Any

from bot.core.messages import (
    InboundText,
    OptOutType,
    OutboundText,
    Receipt,
    ReceiptStatus,
    WebhookRequest,
)
from bot.errors import DeliveryError, MessageRefused, WebhookGarbled, WebhookRefused

SIGNATURE = "x-fake-signature"
GOOD = "good"


class FakeProvider:
    """Remembers what was sent; fails when told to.

    :ivar sent: every text that was handed over, oldest first; the n-th has the id ``fake-n``.
    :ivar fails_with: raised by ``send`` while it is set, and nothing is sent.
    """

    name = "fake"

    def __init__(self) -> None:
        self.sent: list[OutboundText] = []
        self.fails_with: DeliveryError | None = None

    def send(self, outbound: OutboundText) -> str:
        if self.fails_with is not None:
            raise self.fails_with
        self.sent.append(outbound)
        return f"fake-{len(self.sent)}"

    def verify(self, request: WebhookRequest) -> None:
        # The body's length stands for "over the whole body": a changed one is refused.
        if request.headers.get(SIGNATURE) != f"{GOOD}:{request.path}:{len(request.body)}":
            raise WebhookRefused("not signed by the fake carrier")

    def parse_inbound(self, request: WebhookRequest) -> InboundText:
        given = _read(request)
        return InboundText(
            provider=self.name,
            provider_id=_needed(given, "id"),
            from_number=_needed(given, "from"),
            to_number=given.get("to", ""),
            body=given.get("body", ""),
            media_count=given.get("media_count", 0),
            opt_out_type=OptOutType(given["opt_out_type"]) if given.get("opt_out_type") else None,
        )

    def parse_receipt(self, request: WebhookRequest) -> Receipt:
        given = _read(request)
        word = _needed(given, "status")
        status = ReceiptStatus(word) if word in list(ReceiptStatus) else ReceiptStatus.SENDING
        return Receipt(
            provider=self.name,
            provider_id=_needed(given, "id"),
            status=status,
            error=MessageRefused() if status is ReceiptStatus.FAILED else None,
        )


def signed_request(path: str, content: dict[str, Any]) -> WebhookRequest:
    """A webhook of the fake carrier, as its provider believes it."""
    body = json.dumps(content).encode()
    headers = {SIGNATURE: f"{GOOD}:{path}:{len(body)}", "content-type": "application/json"}
    return WebhookRequest(path=path, query="", headers=headers, body=body)


def _read(request: WebhookRequest) -> dict[str, Any]:
    try:
        content = json.loads(request.body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise WebhookGarbled("no JSON object")
    return content


def _needed(given: dict[str, Any], key: str) -> str:
    if not given.get(key):
        raise WebhookGarbled(f"{key} is missing")
    return str(given[key])
