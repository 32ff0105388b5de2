"""The sandbox's web page: phones side by side, a clock to move, and what happened behind."""

import hashlib
import secrets
from asyncio import sleep
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Litestar, Request, get, post
from litestar.concurrency import sync_to_thread
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect, Response, ServerSentEvent, ServerSentEventMessage, Template
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

from bot.bootstrap import App
from bot.errors import ConfigError, NotAllowed, NotFound, ProviderUnavailable
from bot.sandbox import acts, fresh_start, strip, views
from bot.sandbox.acts import Notice
from bot.sandbox.carrier import Carrier
from bot.sandbox.clock import MovableClock, next_check_in, next_morning
from bot.sandbox.phones import Switch
from bot.sandbox.time_travel import Settles, TimeTravel
from bot.settings import ProviderName, Settings

# As long as carriers let a text be.
LONGEST_TEXT = 1600
_LOOK_EVERY = 0.25
# An open page that hears nothing for this long could not tell us from a dead line.
_BREATHE_EVERY = 60
_MOVES = {"15m": timedelta(minutes=15), "2h": timedelta(hours=2)}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_Request = Request[None, None, State]
type _Answer = Response[Any]  # a page, JSON or a redirect


@dataclass(frozen=True)
class Hooks:
    """What only the one who starts the sandbox can do.

    :param turn_rasa: turns the dialogue engine on (true) or off; no button without it.
    :param after_reset: called when the world has begun anew.
    :param console_url: where the clinicians' console is; no link without it.
    """

    turn_rasa: Callable[[bool], None] | None = None
    after_reset: Callable[[], None] | None = None
    console_url: str = ""


class Sandbox:
    """The cast's phones around the real gateway and worker.

    :param app: the same parts that production runs on, with the sandbox as the SMS provider.
    :param worker: settles what is due while the clock is moved.
    :raises ConfigError: a real carrier is set, or this is production.
    """

    def __init__(
        self,
        app: App,
        carrier: Carrier,
        clock: MovableClock,
        worker: Settles,
        *,
        hooks: Hooks | None = None,
    ) -> None:
        refuse_real_carriers(app.settings)
        carrier.set_up_for(app.clinic)
        self._app = app
        self._hooks = hooks or Hooks()
        zone = ZoneInfo(app.clinic.protocol.staffed_hours.zone)
        travel = TimeTravel(app.clinic, clock=clock, carrier=carrier, worker=worker)
        self._parts = views.Parts(
            clinic=app.clinic,
            carrier=carrier,
            clock=clock,
            travel=travel,
            zone=zone,
            phones=views.cast_phones(zone),
            templates=views.environment(),
        )
        self._start_offset = clock.offset
        # Another one after every reset and restart: a page of the old world loads itself again.
        self._world = secrets.token_hex(4)
        self._rasa_on = True
        self._notice: Notice | None = None
        self._closing = False
        if fresh_start.is_empty(app.clinic):
            fresh_start.start_afresh(app.clinic, now=clock.now())
        self._after = strip.newest_id(app.clinic)

    @property
    def travel(self) -> TimeTravel:
        """Moves the clock."""
        return self._parts.travel

    def close(self) -> None:
        """Let open pages go, so that the server can stop."""
        self._closing = True

    def reset(self) -> None:
        """Back to the seed data: empty phones, the cast as on the first day.

        :raises NotAllowed: the clock is moving, or somebody in the database may be real.
        """
        self.travel.alone(self._begin_anew)

    def _begin_anew(self) -> None:
        parts = self._parts
        parts.carrier.reset()
        parts.clock.reset(self._start_offset)
        fresh_start.start_afresh(parts.clinic, now=parts.clock.now())
        self._after = strip.newest_id(parts.clinic)
        self._world = secrets.token_hex(4)
        if self._hooks.after_reset is not None:
            self._hooks.after_reset()

    # What the buttons do. Each gives a sentence for whoever pressed it.

    def text(self, phone: views.Phone, *, body: str, photo: bool) -> Notice:
        """Somebody writes on a phone."""
        if not photo and not body.strip():
            return Notice("Write something first.", ok=False)
        if len(body) > LONGEST_TEXT:
            return Notice(f"A text may be {LONGEST_TEXT} characters long.", ok=False)
        try:
            self._parts.carrier.send_from(
                phone.number, "" if photo else body, media_count=1 if photo else 0
            )
        except ProviderUnavailable:
            return Notice("The gateway did not take it. Is it running?", ok=False)
        return Notice(f"Sent from {phone.name}'s phone.")

    def press(self, phone: views.Phone, key: str) -> Notice:
        """What happens at a ringing phone."""
        nobody = key if key in ("machine", "nobody") else None
        if nobody is None and key not in ("1", "2"):
            return Notice("Press 1 or 2.", ok=False)
        calls = self._parts.carrier.calls
        try:
            words = calls.answer(phone.number, presses=None if nobody else key, answers=nobody)
        except NotFound:
            return Notice(f"{phone.name}'s phone does not ring any more.", ok=False)
        return Notice(words or f"{phone.name}'s phone has stopped ringing.")

    def move(self, by: str) -> Notice:
        """Let time pass."""
        now = self._parts.clock.now()
        if by == "morning":
            span = next_morning(now, zone=self._parts.zone) - now
        elif by == "check_in":
            span = self._next_check_in(now) - now
            if not span:
                return Notice("Check-ins go out at this hour already: start one.", ok=False)
        elif by in _MOVES:
            span = _MOVES[by]
        else:
            return Notice("Choose how far the clock is to go.", ok=False)
        self.travel.start(span)
        return Notice("The clock is moving.")

    def _next_check_in(self, now: datetime) -> datetime:
        rules = self._app.clinic.protocol.check_ins
        zones = {phone.zone for phone in self._parts.phones.values() if not phone.is_staff}
        return next_check_in(
            now, days=rules.days, opens=rules.texts_from, closes=rules.texts_until, zones=zones
        )

    def start(self, what: str, name: str) -> Notice:
        """Start a check-in, a session or an invitation."""
        clinic, now = self._app.clinic, self._parts.clock.now()
        if what == "invite":
            return acts.invite_eva(clinic, now=now)
        if what == "session":
            return acts.schedule_session(clinic, name=name, now=now)
        if what in clinic.instruments:
            return acts.start_check_in(clinic, name=name, instrument_id=what, now=now)
        return Notice("There is no such thing to start.", ok=False)

    def turn_rasa(self, on: bool) -> Notice:
        """Turn the dialogue engine on or off; safety does not pass through it."""
        if self._hooks.turn_rasa is None:
            return Notice("Rasa cannot be switched from here.", ok=False)
        self._hooks.turn_rasa(on)
        self._rasa_on = on
        return Notice(f"Rasa is {'on' if on else 'off'}.")

    # The web application.

    def asgi(self) -> Litestar:
        """The page, and the carrier that it shares a port with."""
        return Litestar(
            route_handlers=[
                *self._reading(),
                *self._writing(),
                *self._parts.carrier.handlers(),
                create_static_files_router(
                    "/static",
                    directories=[views.HERE / "static"],
                    exception_handlers={Exception: _no_such_file, HTTPException: _no_such_file},
                ),
            ],
            csrf_config=_csrf(self._app.settings),
            template_config=TemplateConfig(
                instance=JinjaTemplateEngine.from_environment(self._parts.templates)
            ),
            response_headers=_HEADERS,
            exception_handlers={NotAllowed: _not_allowed, HTTPException: _http_error},
            on_shutdown=[self.close],
            openapi_config=None,
            logging_config=None,
            request_max_body_size=64 * 1024,
        )

    def _reading(self) -> list[Any]:  # Litestar's handlers
        @get("/", sync_to_thread=True)
        def page() -> Template:
            """All phones, the clock and the strip."""
            return Template("page.html", context=self._context())

        @get("/live")
        async def live(cursor: FromQuery[int] = 0, world: FromQuery[str] = "") -> ServerSentEvent:
            """Changes as they happen."""
            return ServerSentEvent(self._events(cursor, world), retry_duration=1000)

        return [page, live]

    def _writing(self) -> list[Any]:  # Litestar's handlers
        @post("/phones/{slug:str}/texts", status_code=200)
        async def send_text(request: Request[None, None, State], slug: FromPath[str]) -> _Answer:
            """A text from a phone, or a photo."""
            form = await request.form()
            phone, photo = self._phone(slug), "photo" in form
            body = str(form.get("body", ""))
            return await self._done(request, lambda: self.text(phone, body=body, photo=photo))

        @post("/phones/{slug:str}/switch", status_code=200)
        async def set_switch(request: Request[None, None, State], slug: FromPath[str]) -> _Answer:
            """Turn a phone on or off."""
            form = await request.form()
            phone, state = self._phone(slug), str(form.get("state", ""))
            return await self._done(request, lambda: self._switch(phone, state))

        @post("/phones/{slug:str}/call", status_code=200)
        async def press(request: Request[None, None, State], slug: FromPath[str]) -> _Answer:
            """A key on a ringing phone."""
            form = await request.form()
            phone, key = self._phone(slug), str(form.get("key", ""))
            return await self._done(request, lambda: self.press(phone, key))

        @post("/clock", status_code=200)
        async def move_clock(request: Request[None, None, State]) -> _Answer:
            """Let time pass."""
            by = str((await request.form()).get("by", ""))
            return await self._done(request, lambda: self.move(by))

        @post("/start", status_code=200)
        async def start(request: Request[None, None, State]) -> _Answer:
            """Start a check-in, a session or an invitation."""
            form = await request.form()
            what, name = str(form.get("what", "")), str(form.get("name", ""))
            return await self._done(request, lambda: self.start(what, name))

        @post("/alerts/{code:str}/resolve", status_code=200)
        async def resolve(request: Request[None, None, State], code: FromPath[str]) -> _Answer:
            """Dr Bose closes an alert."""
            outcome = str((await request.form()).get("outcome", ""))
            now = self._parts.clock.now()
            return await self._done(
                request,
                lambda: acts.resolve(self._app.clinic, code=code, disposition=outcome, now=now),
            )

        @post("/rasa", status_code=200)
        async def turn_rasa(request: Request[None, None, State]) -> _Answer:
            """Turn the dialogue engine on or off."""
            on = str((await request.form()).get("state", "")) == "on"
            return await self._done(request, lambda: self.turn_rasa(on))

        @post("/reset", status_code=200)
        async def reset(request: Request[None, None, State]) -> _Answer:
            """Begin anew."""
            return await self._done(request, self._reset)

        return [send_text, set_switch, press, move_clock, start, resolve, turn_rasa, reset]

    def _phone(self, slug: str) -> views.Phone:
        if slug not in self._parts.phones:
            raise HTTPException(status_code=404, detail="There is no such phone.")
        return self._parts.phones[slug]

    def _switch(self, phone: views.Phone, state: str) -> Notice:
        if state not in list(Switch):
            return Notice("A phone is on, off or unreachable.", ok=False)
        self._parts.carrier.set_switch(phone.number, Switch(state))
        return Notice(f"{phone.name}'s phone is {state}.")

    def _reset(self) -> Notice:
        self.reset()
        return Notice("Everything begins anew.")

    async def _done(self, request: _Request, act: Callable[[], Notice]) -> _Answer:
        """Do it off the event loop, and answer the script or the plain form."""
        try:
            notice = await sync_to_thread(act)
        except NotAllowed as refusal:
            notice = Notice(str(refusal), ok=False)
        if "application/json" in request.headers.get("accept", ""):
            content = {"notice": notice.words, "ok": notice.ok}
            return Response(content, status_code=200 if notice.ok else 409)
        self._notice = notice
        return Redirect("/", status_code=303)

    def _context(self) -> dict[str, Any]:  # what the template asks for
        parts = self._parts
        cursor, _ = parts.carrier.since(0)
        notice, self._notice = self._notice, None
        lines = strip.happenings(parts.clinic, after=self._after)
        phones = list(parts.phones.values())
        return {
            "patients": [phone for phone in phones if not phone.is_staff],
            "colleagues": [phone for phone in phones if phone.is_staff],
            "texts": {phone.slug: parts.carrier.messages(phone.number) for phone in phones},
            "switches": views.switch_words(parts),
            "clock": parts.clock_state(),
            "place": views.place(parts.zone),
            "zone": parts.zone,
            "lines": lines,
            "alerts": strip.open_alerts(parts.clinic),
            "outcomes": views.OUTCOMES,
            "instruments": {
                instrument_id: strip.instrument_name(instrument_id)
                for instrument_id in sorted(
                    parts.clinic.instruments, key=lambda name: (name != "mood", name)
                )
            },
            "rasa": self._rasa_on if self._hooks.turn_rasa else None,
            "notice": notice,
            "cursor": cursor,
            "world": self._world,
            "longest": LONGEST_TEXT,
            "console_url": self._hooks.console_url,
        }

    async def _events(self, cursor: int, world: str) -> AsyncIterator[ServerSentEventMessage]:
        feed = views.Feed(self._parts, cursor=cursor, after=self._after)
        silent = 0
        while not self._closing:
            if world != self._world:
                yield ServerSentEventMessage(event="anew", data="{}")
                return
            changes = await sync_to_thread(lambda: list(feed.changes()))
            for event, data in changes:
                yield ServerSentEventMessage(event=event, data=data)
            silent = 0 if changes else silent + 1
            if silent >= _BREATHE_EVERY:
                silent = 0
                yield ServerSentEventMessage(comment="still here")
            await sleep(_LOOK_EVERY)


def _csrf(settings: Settings) -> CSRFConfig:
    """Only this page's own forms count.

    A browser keeps the cookie over a restart: with another secret it would be refused for ever, so
    the cookie's name changes with the secret.
    """
    secret = settings.sandbox_secret.get_secret_value()
    name = hashlib.sha256(f"cookie {secret}".encode()).hexdigest()[:8]
    return CSRFConfig(
        secret=f"csrf {secret}", cookie_name=f"tend_sandbox_{name}", cookie_samesite="strict"
    )


def refuse_real_carriers(settings: Settings) -> None:
    """The sandbox never runs beside a real carrier or in production.

    :raises ConfigError: it would.
    """
    if settings.sms_provider != ProviderName.SANDBOX:
        raise ConfigError(
            f"The sandbox cannot run beside a real carrier: TEND_SMS_PROVIDER is "
            f"{settings.sms_provider.value}. Set TEND_SMS_PROVIDER=sandbox, "
            "or start Tend itself with `tend up`."
        )
    if settings.production:
        raise ConfigError(
            "The sandbox cannot run in production: TEND_PRODUCTION is true. "
            "Set TEND_PRODUCTION=false, or start Tend itself with `tend up`."
        )


def _not_allowed(_request: _Request, error: NotAllowed) -> Response[dict[str, Any]]:
    return Response({"notice": str(error), "ok": False}, status_code=409)


def _no_such_file(_request: _Request, _error: Exception) -> Response[dict[str, Any]]:
    """A name that no file can have (a zero byte, thousands of letters) is simply not there."""
    return Response({"notice": "There is no such file.", "ok": False}, status_code=404)


def _http_error(_request: _Request, error: HTTPException) -> Response[dict[str, Any]]:
    return Response({"notice": error.detail, "ok": False}, status_code=error.status_code)
