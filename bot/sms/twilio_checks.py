"""Asks Twilio how our account is set up, as far as its API tells, and says how to mend it.

What the API does not show (Advanced Opt-Out, Compliance Toolkit) is named, to be checked by hand.
Sources: Twilio's API reference for Messaging Services, IncomingPhoneNumbers, UsAppToPerson and
Toll-free Verification; clinical facts 4.4 to 4.6.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from xml.etree import ElementTree

import httpx
from twilio.base.exceptions import (  # type: ignore[import-untyped]  # ships no types
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client  # type: ignore[import-untyped]

from bot.sms import twilio_setup
from bot.sms.twilio_http import TwilioHttp
from bot.sms.twilio_setup import TwilioFinding, TwilioSetup

API = "https://api.twilio.com/2010-04-01"
_MANY = 400  # a Messaging Service holds at most this many numbers
_SKEW, _GREAT_SKEW = timedelta(seconds=30), timedelta(minutes=5)

type _Resource = Any  # Twilio's package ships no types


def check(setup: TwilioSetup, *, http: httpx.Client | None = None) -> Iterator[TwilioFinding]:
    """Everything that Twilio tells, one finding after the other; a failure is a finding too."""
    checks = _Checks(setup, http or httpx.Client(timeout=10.0))
    yield from checks.run()
    yield from by_hand(setup)


def clock_finding(http: httpx.Client, *, now: Callable[[], datetime]) -> TwilioFinding:
    """Compare this machine's clock with Twilio's, by the Date of any answer of theirs."""
    name = "clock"
    try:
        theirs = parsedate_to_datetime(http.get(API).headers["date"])
        skew = abs(now() - theirs)
    except (httpx.HTTPError, KeyError, ValueError, TypeError):
        return TwilioFinding(name, "warning", "Twilio told no time, so ours was not compared.")
    seconds = f"{skew.total_seconds():.0f} seconds"
    if skew >= _SKEW:
        sentence = f"This machine's clock is {seconds} off. Switch on time synchronisation (NTP)."
        return TwilioFinding(name, "wrong" if skew >= _GREAT_SKEW else "warning", sentence)
    return TwilioFinding(name, "ok", f"Within {seconds} of Twilio's.")


def by_hand(setup: TwilioSetup) -> Iterator[TwilioFinding]:
    """What no API of Twilio's shows: a person looks into its console."""
    texts = " ".join(f"{language}: «{text}»" for language, text in setup.help_texts.items())
    yield TwilioFinding(
        "Twilio: answer to HELP",
        "warning",
        "Check by hand: Advanced Opt-Out has no API. In the Messaging Service, under Opt-Out "
        f"Management, HELP, INFO and AYUDA must answer exactly this. {texts}",
    )
    yield TwilioFinding(
        "Twilio: Compliance Toolkit",
        "warning",
        "Check by hand: it cannot be seen by API, and its quiet hours and filters can hold back a "
        "crisis reply. It must be off for this Messaging Service.",
    )


class _Checks:
    def __init__(self, setup: TwilioSetup, http: httpx.Client) -> None:
        self._setup = setup
        self._http = http
        self._api = self._client(setup.credentials.user, setup.credentials.secret)
        self._numbers: list[_Resource] = []
        # Short codes and toll-free numbers need none. Until the pool is known: yes.
        self._needs_campaign = True

    def _client(self, user: str, secret: str) -> _Resource:
        return Client(
            username=user,
            password=secret,
            account_sid=self._setup.account_sid,
            http_client=TwilioHttp(self._http),
        )

    def run(self) -> Iterator[TwilioFinding]:
        yield from _asked("Twilio: auth token", self._account)
        if self._setup.messaging_service_sid:
            yield from _asked("Twilio: Messaging Service", self._service)
        else:
            yield from _asked("Twilio: number", self._lone_number)

    def _account(self) -> Iterator[TwilioFinding]:
        """The token that signs webhooks; an API key would prove nothing about it."""
        name = "Twilio: auth token"
        owner = self._client(self._setup.account_sid, self._setup.auth_token)
        account = owner.api.v2010.accounts(self._setup.account_sid).fetch()
        if account.status != "active":
            sentence = (
                f"The account is {account.status}: nothing can be sent. Ask Twilio's support."
            )
            yield TwilioFinding(name, "wrong", sentence)
        elif account.type == "Trial":
            sentence = "A trial account texts only numbers that were verified. Upgrade it."
            yield TwilioFinding(name, "wrong", sentence)
        else:
            yield TwilioFinding(name, "ok", "It is this account's, and the account is active.")

    def _service(self) -> Iterator[TwilioFinding]:
        setup = self._setup
        found = self._api.messaging.v1.services(setup.messaging_service_sid).fetch()
        yield TwilioFinding("Twilio: Messaging Service", "ok", "It exists.")
        yield from _asked("Twilio: senders", partial(self._senders, found))
        yield from self._service_webhooks(found)
        yield from twilio_setup.options(found, setup)
        yield from _asked("Twilio: A2P campaign", partial(self._campaign, found))
        yield from self._toll_free()

    def _senders(self, service: _Resource) -> Iterator[TwilioFinding]:
        self._numbers = service.phone_numbers.list(limit=_MANY)
        codes = service.short_codes.list(limit=_MANY)
        name, total = "Twilio: senders", len(self._numbers) + len(codes)
        wanted = self._setup.from_number
        held = {number.phone_number for number in self._numbers}
        held |= {code.short_code for code in codes}
        if not total:
            sentence = "The Messaging Service holds no number. Add ours to its Sender Pool."
            yield TwilioFinding(name, "wrong", sentence)
        elif wanted and wanted not in held:
            sentence = "TEND_TWILIO_FROM_NUMBER is not in the service's Sender Pool. Add it there."
            yield TwilioFinding(name, "wrong", sentence)
        else:
            yield TwilioFinding(name, "ok", f"{total} in the Sender Pool.")
        if total:
            self._needs_campaign = len(self._toll_free_numbers()) < len(self._numbers)

    def _service_webhooks(self, service: _Resource) -> Iterator[TwilioFinding]:
        if service.use_inbound_webhook_on_number:
            for number in self._numbers:
                ask = partial(self._pooled_webhooks, number.sid)
                yield from _asked("Twilio: inbound webhook", ask)
            return
        yield twilio_setup.inbound(self._setup, service.inbound_request_url, service.inbound_method)
        yield from self._fallback(service.fallback_url)

    def _pooled_webhooks(self, number_sid: str) -> Iterator[TwilioFinding]:
        numbers = self._api.api.v2010.account.incoming_phone_numbers
        yield from self._number_webhooks(numbers(number_sid).fetch())

    def _lone_number(self) -> Iterator[TwilioFinding]:
        numbers = self._api.api.v2010.account.incoming_phone_numbers
        found = numbers.list(phone_number=self._setup.from_number, limit=2)
        name = "Twilio: number"
        if not found:
            sentence = "This account has no such number. Mend TEND_TWILIO_FROM_NUMBER, or buy it."
            yield TwilioFinding(name, "wrong", sentence)
            return
        number = found[0]
        if not (number.capabilities or {}).get("sms", False):
            sentence = "This number cannot carry texts. Take one that can."
            yield TwilioFinding(name, "wrong", sentence)
        else:
            yield TwilioFinding(name, "ok", "It is this account's, and carries texts.")
        yield from self._number_webhooks(number)
        self._numbers = [number]
        if twilio_setup.is_toll_free(str(number.phone_number)):
            yield from self._toll_free()
            return
        sentence = (
            "Check by hand: without TEND_TWILIO_MESSAGING_SERVICE the campaign cannot be seen, "
            "and carriers block a long code without one (error 30034)."
        )
        yield TwilioFinding("Twilio: A2P campaign", "warning", sentence)

    def _number_webhooks(self, number: _Resource) -> Iterator[TwilioFinding]:
        if number.sms_application_sid:
            sentence = "A TwiML App overrides the number's webhook. Remove it from the number."
            yield TwilioFinding("Twilio: inbound webhook", "wrong", sentence)
            return
        yield twilio_setup.inbound(self._setup, number.sms_url, number.sms_method)
        yield from self._fallback(number.sms_fallback_url)

    def _fallback(self, url: str | None) -> Iterator[TwilioFinding]:
        name = "Twilio: fallback"
        if not url:
            sentence = (
                "None is set: with us down a mother gets silence. Put what `tend deploy fallback` "
                "prints into a TwiML Bin, and set it as the fallback URL."
            )
            yield TwilioFinding(name, "wrong", sentence)
        elif twilio_setup.host(url) != twilio_setup.host(self._setup.public_url):
            sentence = "It is set. Check by hand that it says what `tend deploy fallback` prints."
            yield TwilioFinding(name, "ok", sentence)
        else:
            yield self._own_fallback(url)

    def _own_fallback(self, url: str) -> TwilioFinding:
        name = "Twilio: fallback"
        try:
            answer = self._http.post(url.partition("#")[0])
            said = " ".join(
                message.text or ""
                for message in ElementTree.fromstring(answer.text).iter("Message")
            )
        except (httpx.HTTPError, httpx.InvalidURL, ElementTree.ParseError):
            return TwilioFinding(name, "wrong", f"It gives no TwiML. Set it to a TwiML Bin. {_BIN}")
        missing = [word for word in self._setup.fallback_words if word not in said]
        if answer.status_code != 200 or missing:
            lacks = f" (no {', '.join(missing)})" if missing else ""
            return TwilioFinding(name, "wrong", f"It does not say what it should{lacks}. {_BIN}")
        sentence = f"It works, but lies on the machine that it stands in for. {_BIN}"
        return TwilioFinding(name, "warning", sentence)

    def _campaign(self, service: _Resource) -> Iterator[TwilioFinding]:
        if self._needs_campaign:
            yield twilio_setup.campaign(service.us_app_to_person.list(limit=20))

    def _toll_free_numbers(self) -> list[_Resource]:
        return [one for one in self._numbers if twilio_setup.is_toll_free(str(one.phone_number))]

    def _toll_free(self) -> Iterator[TwilioFinding]:
        for number in self._toll_free_numbers():
            yield from _asked("Twilio: toll-free", partial(self._verification, number.sid))

    def _verification(self, number_sid: str) -> Iterator[TwilioFinding]:
        found = self._api.messaging.v1.tollfree_verifications.list(
            tollfree_phone_number_sid=number_sid, limit=20
        )
        states = {one.status for one in found}
        name = "Twilio: toll-free"
        if "TWILIO_APPROVED" in states:
            yield TwilioFinding(name, "ok", "The number is verified.")
        elif states & {"PENDING_REVIEW", "IN_REVIEW"}:
            sentence = "Its verification is being reviewed; until then carriers block its texts."
            yield TwilioFinding(name, "wrong", sentence)
        elif states:
            sentence = "Its verification was rejected. Read why in Twilio's console, and mend that."
            yield TwilioFinding(name, "wrong", sentence)
        else:
            sentence = "It is not verified, so its texts are blocked. Ask for it in the console."
            yield TwilioFinding(name, "wrong", sentence)


_BIN = "Put what `tend deploy fallback` prints into a TwiML Bin at Twilio."


def _asked(name: str, ask: Callable[[], Iterator[TwilioFinding]]) -> Iterator[TwilioFinding]:
    """What a question found, or why Twilio did not answer; its own words may quote numbers."""
    try:
        yield from ask()
    except (TwilioRestException, TwilioServiceException) as error:
        yield _refused(name, error.status, error.code)
    except httpx.TimeoutException:
        yield TwilioFinding(name, "wrong", "Twilio did not answer in time. Try again.")
    except httpx.HTTPError:
        sentence = "Twilio cannot be reached. Let this machine out to *.twilio.com, port 443."
        yield TwilioFinding(name, "wrong", sentence)
    except TwilioException as error:
        # A list that cannot be fetched carries the answer as its second argument, and no code.
        status = getattr(error.args[1] if len(error.args) > 1 else None, "status_code", 0)
        yield _refused(name, status, None)
    except (ValueError, AttributeError, KeyError, TypeError):
        yield TwilioFinding(name, "wrong", "Twilio answered something unreadable. Try again.")


_REFUSALS = {
    401: "Twilio does not take the credentials. Copy them anew from its console.",
    403: "These credentials may not ask this. Give the API key leave, or use the auth token.",
    404: "Twilio knows no such thing in this account. Check the SID in the settings.",
    429: "Twilio asks us to slow down. Try again in a minute.",
}


def _refused(name: str, status: int, code: object) -> TwilioFinding:
    known = str(code) if str(code).isdigit() and len(str(code)) >= 5 else ""
    told = f" (HTTP {status}{', error ' + known if known else ''})"
    sentence = _REFUSALS.get(status, "Twilio could not answer this. Try again.")
    return TwilioFinding(name, "wrong", sentence + told)
