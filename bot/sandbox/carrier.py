"""The pretend phone company: carries texts between the sandbox's phones and the real gateway.

It behaves as Twilio does where it matters. A text that is one keyword and nothing else is answered
by the carrier itself, and STOP blocks the number until START; receipts come later, on their own.
"""

import itertools
import json
import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from litestar import Litestar, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from bot.core.languages import Language
from bot.core.messages import ReceiptStatus
from bot.core.opt_out import CARRIER_KEYWORDS, OptOutKind
from bot.errors import ProviderUnavailable
from bot.sandbox.calls import Call, Calls
from bot.sandbox.phones import (
    CallState,
    Direction,
    PhoneMessage,
    Phones,
    PhoneStatus,
    Switch,
)
from bot.services import practice
from bot.services.clinic import Clinic
from bot.sms.sandbox import SIGNATURE, sign

log = structlog.get_logger()

# The clinic's number, from the range that is kept for fiction.
OFFICE = "+12025550100"
INBOUND_PATH = "/sms/inbound"
RECEIPTS_PATH = "/sms/receipts"
_TIMEOUT = httpx.Timeout(10.0, connect=2.0)
# The clock can be moved between signing and checking, which makes a signature stale: sign again.
_TRIES = 4
_BETWEEN_TRIES = 0.15

# Twilio's default answers, in its own words. A clinic replaces the one to HELP.
OWN_ANSWERS = {
    OptOutKind.STOP: (
        "You have successfully been unsubscribed. You will not receive any more messages from "
        "this number. Reply START to resubscribe."
    ),
    OptOutKind.START: (
        "You have successfully been re-subscribed to messages from this number. Reply HELP for "
        "help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    ),
    OptOutKind.HELP: "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


class ReceiptTiming(StrEnum):
    """When receipts come: soon after, only when told to, or before the send was even answered."""

    SOON = "soon"
    HELD = "held"
    EARLY = "early"


class Carrier:
    """Carries texts both ways, over real HTTP.

    :param gateway_url: where the gateway listens, without a path.
    :param secret: shared with the sandbox provider, which checks what we sign with it.
    :param now: the clock of the sandbox, which can be moved.
    :param answers_keywords: STOP, START and HELP are answered here, as Twilio does.
    :param receipt_pause: seconds between taking a text and the first receipt for it.
    """

    def __init__(
        self,
        gateway_url: str,
        secret: str,
        now: Callable[[], datetime],
        *,
        answers_keywords: bool = True,
        receipt_pause: float = 0.0,
    ) -> None:
        self.phones = Phones()
        self.calls = Calls(self._post, self._show_call)
        self.answers = dict(OWN_ANSWERS)
        self.receipts = ReceiptTiming.SOON
        # A test may make the carrier refuse a number: one of the words in ``bot.sms.sandbox``.
        self.refusals: dict[str, str] = {}
        self._gateway_url = gateway_url.rstrip("/")
        self._secret = secret
        self._now = now
        self._answers_keywords = answers_keywords
        self._receipt_pause = receipt_pause
        self._blocked: set[str] = set()
        self._held: list[tuple[str, ReceiptStatus]] = []
        self._numbers = itertools.count(1)
        # So that two runs of the sandbox on one database never use the same id.
        self._prefix = secrets.token_hex(4)
        # Loopback never goes through a company's proxy.
        self._http = httpx.Client(timeout=_TIMEOUT, trust_env=False)
        self._waiting: queue.Queue[tuple[str, ReceiptStatus] | None] = queue.Queue()
        self._pending = 0
        self._posted = 0
        self._idle = threading.Condition()
        self._thread = threading.Thread(target=self._post_receipts, name="receipts", daemon=True)
        self._thread.start()

    def set_up_for(self, clinic: Clinic) -> None:
        """Answer HELP in the clinic's words, as go-live asks of the account at the carrier."""
        self.answers[OptOutKind.HELP] = practice.help_answer(
            clinic.texts, clinic.protocol, Language.ENGLISH
        )

    # From a phone to the gateway.

    def send_from(
        self, number: str, body: str, media_count: int = 0, provider_id: str | None = None
    ) -> str:
        """Somebody writes a text on this phone; the carrier's id of it.

        :param provider_id: the same id twice is the carrier delivering one text twice.
        :raises ProviderUnavailable: the gateway did not take it; the phone shows it as failed.
        """
        text_id = provider_id or self._new_id("in")
        text = PhoneMessage(
            id=text_id,
            number=number,
            direction=Direction.FROM_PHONE,
            body=body,
            at=self._now(),
            status=PhoneStatus.SENDING,
            media_count=media_count,
        )
        first = self.phones.add(text)
        keyword = CARRIER_KEYWORDS.get(body.strip().upper()) if self._answers_keywords else None
        if keyword is not None and first:
            self._answer(number, keyword)
        content = {
            "id": text_id,
            "from": number,
            "to": OFFICE,
            "body": body,
            "media_count": media_count,
            "opt_out_type": keyword.value.upper() if keyword else None,
        }
        try:
            self._post(INBOUND_PATH, content)
        except ProviderUnavailable:
            self.phones.mark(text_id, PhoneStatus.FAILED)
            raise
        self.phones.mark(text_id, PhoneStatus.SENT)
        return text_id

    def _answer(self, number: str, keyword: OptOutKind) -> None:
        """Do what the keyword asks, and say so on the phone."""
        if keyword is OptOutKind.STOP:
            self._blocked.add(number)
        elif keyword is OptOutKind.START:
            self._blocked.discard(number)
        self.phones.add(
            PhoneMessage(
                id=self._new_id("own"),
                number=number,
                direction=Direction.TO_PHONE,
                body=self.answers[keyword],
                at=self._now(),
                status=PhoneStatus.DELIVERED,
                from_carrier=True,
            )
        )

    # From Tend to a phone.

    def take(self, to: str, body: str, reference: str = "") -> tuple[str | None, str | None]:
        """Take a text of Tend's for this phone: an id, or the word for why not.

        :param reference: Tend's own id of the text; real carriers do not look at it either.
        """
        refused = self._refusal(to)
        if refused is not None:
            return None, refused
        text_id = self._new_id("out")
        is_on = self.phones.switch(to) is Switch.ON
        self.phones.add(
            PhoneMessage(
                id=text_id,
                number=to,
                direction=Direction.TO_PHONE,
                body=body,
                at=self._now(),
                status=PhoneStatus.DELIVERED if is_on else PhoneStatus.WAITING,
            )
        )
        self._report(text_id, ReceiptStatus.SENT)
        if is_on:
            self._report(text_id, ReceiptStatus.DELIVERED)
        return text_id, None

    def take_call(self, to: str, body: str, reference: str) -> tuple[str | None, str | None]:
        """Let this phone ring for Tend: an id, or the word for why not.

        A phone that is off rings for nobody, and nobody says so: as in life, it takes its time.
        """
        refused = self.refusals.get(to)
        if refused is None and self.phones.switch(to) is Switch.UNREACHABLE:
            refused = "unreachable"
        if refused is not None:
            return None, refused
        call = Call(self._new_id("call"), to, reference, body)
        if self.phones.switch(to) is Switch.ON:
            self.calls.ring(call)
        return call.id, None

    def _show_call(self, call: Call) -> None:
        """The call stands among the texts of its phone, with keys while it rings."""
        shown = PhoneMessage(
            id=call.id,
            number=call.number,
            direction=Direction.TO_PHONE,
            body=call.words,
            at=self._now(),
            status=PhoneStatus.DELIVERED,
            call=CallState.RINGING if call.ringing else CallState.OVER,
        )
        if not self.phones.add(shown):
            self.phones.replace(shown)

    def _refusal(self, number: str) -> str | None:
        if number in self.refusals:
            return self.refusals[number]
        if number in self._blocked:
            return "opted_out"
        return "unreachable" if self.phones.switch(number) is Switch.UNREACHABLE else None

    # What the phones show, and their switches.

    def messages(self, number: str) -> list[PhoneMessage]:
        """The texts on one phone, oldest first."""
        return self.phones.messages(number)

    def since(self, cursor: int) -> tuple[int, Sequence[PhoneMessage]]:
        """What is new or changed since a cursor, and the next cursor."""
        return self.phones.since(cursor)

    def set_switch(self, number: str, switch: Switch) -> None:
        """Turn a phone on or off; what waited for it arrives when it is on again."""
        self.phones.set_switch(number, switch)
        if switch is not Switch.ON:
            return
        for text in self.phones.messages(number):
            if text.status is PhoneStatus.WAITING:
                self.phones.mark(text.id, PhoneStatus.DELIVERED)
                self._report(text.id, ReceiptStatus.DELIVERED)

    def is_blocked(self, number: str) -> bool:
        """Did this number text STOP to the carrier?"""
        return number in self._blocked

    def reset(self) -> None:
        """Empty phones, no blocks, nothing on its way."""
        self._held.clear()
        self._blocked.clear()
        self.refusals.clear()
        self.calls.clear()
        self.receipts = ReceiptTiming.SOON
        self.drain(timeout=5)
        self.phones.clear()

    def close(self) -> None:
        """Stop reporting."""
        self._waiting.put(None)
        self._thread.join(timeout=5)
        self._http.close()

    # Receipts.

    def release_receipts(self) -> None:
        """Send what was held back, and hold nothing back any more."""
        self.receipts = ReceiptTiming.SOON
        held, self._held = self._held, []
        for text_id, status in held:
            self._report(text_id, status)

    @property
    def receipts_posted(self) -> int:
        """How many receipts have ever been posted: has anything happened since I last asked?"""
        with self._idle:
            return self._posted

    def drain(self, *, timeout: float = 10.0) -> bool:
        """Wait until every receipt on its way has been posted.

        :param timeout: seconds.
        """
        with self._idle:
            return self._idle.wait_for(lambda: self._pending == 0, timeout)

    def _report(self, text_id: str, status: ReceiptStatus) -> None:
        if self.receipts is ReceiptTiming.HELD:
            self._held.append((text_id, status))
        elif self.receipts is ReceiptTiming.EARLY:
            self._post_receipt(text_id, status)
        else:
            with self._idle:
                self._pending += 1
            self._waiting.put((text_id, status))

    def _post_receipts(self) -> None:
        """The thread that reports; off the request in which a text was taken."""
        while (item := self._waiting.get()) is not None:
            if item[1] is ReceiptStatus.SENT and self._receipt_pause:
                time.sleep(self._receipt_pause)
            self._post_receipt(*item)
            with self._idle:
                self._pending -= 1
                self._posted += 1
                self._idle.notify_all()

    def _post_receipt(self, text_id: str, status: ReceiptStatus) -> None:
        try:
            self._post(RECEIPTS_PATH, {"id": text_id, "status": status.value, "error": None})
        except ProviderUnavailable as error:
            # As with a real carrier, a receipt that nobody takes is lost.
            log.warning("receipt not taken", text=text_id, error=type(error).__name__)

    def _post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        url = self._gateway_url + path
        body = json.dumps(content).encode()
        problem = ""
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_BETWEEN_TRIES)
            signature = sign(self._secret, path=urlsplit(url).path, body=body, now=self._now())
            headers = {SIGNATURE: signature, "content-type": "application/json"}
            try:
                answer = self._http.post(url, content=body, headers=headers)
            except httpx.HTTPError as error:
                problem = type(error).__name__
                continue
            if answer.is_success:
                return _object(answer.content)
            problem = f"HTTP {answer.status_code}"
        raise ProviderUnavailable(f"The gateway did not take it: {problem}")

    def _new_id(self, kind: str) -> str:
        return f"{kind}-{self._prefix}-{next(self._numbers)}"

    # Over HTTP.

    def handlers(self) -> list[HTTPRouteHandler]:
        """The carrier's routes, for an application that has others too."""

        @post("/carrier/messages", status_code=200, exclude_from_csrf=True)
        async def take_message(request: Request[None, None, State]) -> Response[dict[str, str]]:
            """A text from Tend, as ``bot.sms.sandbox`` sends it."""
            given = _object(await request.body())
            to, body, reference = given.get("to"), given.get("body"), given.get("reference")
            if not (isinstance(to, str) and to and isinstance(body, str)):
                return Response({"error": "refused"}, status_code=400)
            text_id, error = await sync_to_thread(lambda: self.take(to, body, str(reference or "")))
            if text_id is None:
                return Response({"error": error or "refused"}, status_code=400)
            return Response({"id": text_id})

        @post("/carrier/calls", status_code=200, exclude_from_csrf=True)
        async def take_call(request: Request[None, None, State]) -> Response[dict[str, str]]:
            """A call from Tend, as ``bot.sms.sandbox_voice`` asks for it."""
            given = _object(await request.body())
            to, body, reference = given.get("to"), given.get("body"), given.get("reference")
            if not (isinstance(to, str) and to and isinstance(body, str)):
                return Response({"error": "refused"}, status_code=400)
            call_id, error = await sync_to_thread(
                lambda: self.take_call(to, body, str(reference or ""))
            )
            if call_id is None:
                return Response({"error": error or "refused"}, status_code=400)
            return Response({"id": call_id})

        return [take_message, take_call]

    def asgi(self) -> Litestar:
        """The carrier alone, as a web application."""
        return Litestar(route_handlers=list(self.handlers()), openapi_config=None)


def _object(body: bytes) -> dict[str, Any]:  # JSON is whatever the sender wrote
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
