"""What Twilio should be set to, and what it means when it is not.

Sources: Twilio's API reference for Messaging Services, IncomingPhoneNumbers and UsAppToPerson;
clinical facts 4.4 to 4.6.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from bot.sms.twilio import TwilioCredentials

INBOUND_PATH, RECEIPTS_PATH = "/sms/inbound", "/sms/receipts"
_TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
_SHORT_VALIDITY = 3600  # seconds

type State = Literal["ok", "warning", "wrong"]
type _Resource = Any  # Twilio's package ships no types


@dataclass(frozen=True)
class TwilioFinding:
    """One thing found; the sentence holds no secret, and no number but the practice's own."""

    name: str
    state: State
    sentence: str


@dataclass(frozen=True, kw_only=True)
class TwilioSetup:
    """What we are set to, to be compared with what Twilio has.

    :param auth_token: the primary one, with which Twilio signs.
    :param fallback_words: what the answer of the fallback URL must hold: 988, 911, our phone.
    :param help_texts: our own answer to HELP, by language.
    """

    account_sid: str
    credentials: TwilioCredentials
    auth_token: str = field(repr=False)
    messaging_service_sid: str | None
    from_number: str | None
    public_url: str
    fallback_words: tuple[str, ...]
    help_texts: Mapping[str, str]

    def url(self, path: str) -> str:
        """Where one of our webhooks is, seen from Twilio."""
        return self.public_url.rstrip("/") + path


def is_toll_free(number: str) -> bool:
    """Is this a toll-free number of North America?"""
    return number.startswith(tuple(f"+1{code}" for code in _TOLL_FREE)) and len(number) == 12


def inbound(setup: TwilioSetup, url: str | None, method: str | None) -> TwilioFinding:
    """Does an inbound webhook lead to our gateway, by POST?"""
    name, ours = "Twilio: inbound webhook", setup.url(INBOUND_PATH)
    cure = f"Set it to {ours}, by POST."
    if not url:
        return TwilioFinding(name, "wrong", f"None is set, so no text reaches us. {cure}")
    if not same_url(url, ours):
        return TwilioFinding(name, "wrong", f"It leads to {host(url)}, elsewhere than ours. {cure}")
    if (method or "").upper() != "POST":
        # By GET her words stand in the address, and so in every log on the way.
        return TwilioFinding(name, "wrong", f"It comes by {method}, not by POST. {cure}")
    return TwilioFinding(name, "ok", "It is ours, by POST.")


def options(service: _Resource, setup: TwilioSetup) -> Iterator[TwilioFinding]:
    """Does the Messaging Service leave our texts and receipts alone?"""
    receipts = setup.url(RECEIPTS_PATH)
    if not service.status_callback:
        sentence = "Each of our texts names its own."
        yield TwilioFinding("Twilio: status callback", "ok", sentence)
    elif same_url(service.status_callback, receipts):
        yield TwilioFinding("Twilio: status callback", "ok", "It is ours.")
    else:
        sentence = f"The service's leads elsewhere. Clear it, or set it to {receipts}."
        yield TwilioFinding("Twilio: status callback", "warning", sentence)
    if service.smart_encoding:
        sentence = "It is on. Switch it off: what we record must be what she received."
        yield TwilioFinding("Twilio: smart encoding", "warning", sentence)
    else:
        yield TwilioFinding("Twilio: smart encoding", "ok", "It is off.")
    validity = service.validity_period
    if validity is not None and validity < _SHORT_VALIDITY:
        sentence = (
            f"The service gives a text up after {validity} seconds (error 30036). Each of our "
            "texts names its own; set the service's to 36,000 all the same."
        )
        yield TwilioFinding("Twilio: validity", "warning", sentence)
    else:
        yield TwilioFinding("Twilio: validity", "ok", "Each of our texts names its own.")


def campaign(campaigns: list[_Resource]) -> TwilioFinding:
    """May our long codes text in the USA? Test campaigns ("mock") do not count."""
    name = "Twilio: A2P campaign"
    real = [one for one in campaigns if not one.mock]
    states = {str(campaign.campaign_status).upper() for campaign in real}
    if "VERIFIED" in states:
        return TwilioFinding(name, "ok", "It is verified.")
    if not real:
        sentence = "There is none: carriers block our texts (error 30034). Register one."
        return TwilioFinding(name, "wrong", sentence)
    if states & {"FAILED", "SUSPENDED", "REJECTED"}:
        codes = sorted({str(code) for campaign in real for code in _error_codes(campaign)})
        told = f" ({', '.join(codes)})" if codes else ""
        final = " 30941 cannot be resubmitted: write to Twilio first." if "30941" in codes else ""
        sentence = f"It was refused{told}.{final} Read why in Twilio's console."
        return TwilioFinding(name, "wrong", sentence)
    state = ", ".join(sorted(states)).lower().replace("_", " ")
    sentence = f"It is not verified yet ({state}); until then carriers block our texts."
    return TwilioFinding(name, "wrong", sentence)


def _error_codes(campaign: _Resource) -> Iterator[int]:
    for error in campaign.errors or ():
        code = error.get("error_code") if isinstance(error, dict) else None
        if isinstance(code, int | str) and str(code).isdigit():
            yield int(code)


def same_url(one: str, other: str) -> bool:
    """Do both lead to the same place? What follows # are Twilio's time-outs and is not sent."""
    return _place(one) == _place(other)


def _place(url: str) -> tuple[str, str, int | None, str, str]:
    parts = urlsplit(url.strip())
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default, parts.path, parts.query


def host(url: str) -> str:
    """The machine that an address names."""
    return urlsplit(url).hostname or "nowhere"
