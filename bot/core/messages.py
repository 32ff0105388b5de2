"""What may happen to a text: lanes, purposes, statuses and the values carriers speak in."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.core.transitions import checker
from bot.errors import DeliveryError


class Lane(StrEnum):
    """Which outbound texts go first; the order of the members is the order of sending."""

    CRISIS = "crisis"
    PAGE = "page"
    REPLY = "reply"
    REMINDER = "reminder"


class OutboundStatus(StrEnum):
    """Where an outbound text is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


# Receipts come late, twice and out of order: a status never steps back.
TRANSITIONS: dict[OutboundStatus, set[OutboundStatus]] = {
    OutboundStatus.QUEUED: {OutboundStatus.SENDING, OutboundStatus.SUPPRESSED},
    # Back to QUEUED when the carrier was down or the worker died with the text in its hand.
    OutboundStatus.SENDING: {
        OutboundStatus.QUEUED,
        OutboundStatus.SENT,
        OutboundStatus.FAILED,
        OutboundStatus.SUPPRESSED,
        OutboundStatus.DELIVERED,
    },
    OutboundStatus.SENT: {OutboundStatus.DELIVERED, OutboundStatus.FAILED},
    OutboundStatus.DELIVERED: set(),
    OutboundStatus.FAILED: set(),
    OutboundStatus.SUPPRESSED: set(),
}

# Refuse a step that an outbound text cannot take.
check_transition = checker(TRANSITIONS)


class OptOutType(StrEnum):
    """What the carrier says that it has already answered for us (Twilio's ``OptOutType``)."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


# No text has more photos than this, whatever a carrier says, and no database chokes on it.
MOST_MEDIA = 99


@dataclass(frozen=True)
class InboundText:
    """One text as a carrier handed it to us, in our words.

    Numbers are E.164 where they could be read, else as sent. ``body`` may be empty (a photo).
    """

    provider: str
    provider_id: str
    from_number: str
    to_number: str
    body: str
    media_count: int = 0
    opt_out_type: OptOutType | None = None


@dataclass(frozen=True)
class OutboundText:
    """One text to hand to a carrier.

    :param reference: our id of the row; carriers give it back where they can.
    :param validity: after this long the carrier must not deliver any more.
    """

    to_number: str
    body: str
    reference: str
    validity: timedelta | None = None


class ReceiptStatus(StrEnum):
    """The carrier's later word on an outbound text, in our words."""

    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Receipt:
    """A delivery receipt.

    :param error: why it failed, with ``retryable``; none unless *failed*.
    """

    provider: str
    provider_id: str
    status: ReceiptStatus
    error: DeliveryError | None = None


@dataclass(frozen=True)
class WebhookRequest:
    """A carrier's request as it arrived, before anybody believed it.

    :param path: path only, as received; the public host and scheme come from settings.
    :param query: raw query string without ``?``.
    :param headers: lower-case names.
    :param body: raw bytes, never re-encoded: the signature is over these.
    """

    path: str
    query: str
    headers: dict[str, str]
    body: bytes
