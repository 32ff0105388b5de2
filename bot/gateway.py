"""The public door: carriers knock here. Checks, stores, answers at once; nothing slow happens."""

import hmac
from collections.abc import Callable
from datetime import timedelta

import structlog
from litestar import Litestar, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.response import Response as AnyResponse
from sqlalchemy import text as sql

from bot import metrics
from bot.bootstrap import App
from bot.core.languages import Language
from bot.core.messages import WebhookRequest
from bot.errors import WebhookGarbled, WebhookRefused
from bot.services import calls, inbound, outbound, practice
from bot.sms.twiml import empty_twiml, static_fallback_twiml
from bot.storage.tables import Heartbeat

log = structlog.get_logger()

# A text of 1,600 characters with every field a carrier sends is far below this.
_LARGEST_BODY = 64 * 1024
_CALL_MOMENTS = ("answer", "key", "ended")
_WORKER_SILENT_AFTER = timedelta(seconds=60)

_Request = Request[None, None, State]


def fallback_twiml(app: App) -> str:
    """What Twilio says for us when we cannot be reached: 988, 911 and the practice's phone."""
    phone = app.clinic.protocol.practice.shown_phone
    texts = [
        app.clinic.texts.render(
            "crisis_fallback", language, practice.blanks(app.clinic.protocol, language)
        ).body
        for language in Language
    ]
    return static_fallback_twiml(phone, texts=texts)


def build(app: App, *, rang: Callable[[], None] = lambda: None) -> Litestar:
    """The web application of the gateway.

    :param rang: called after a text was stored, so that a worker in this process need not wait.
    """
    twiml = empty_twiml()

    @post("/sms/inbound", status_code=200)
    async def receive_text(request: _Request) -> AnyResponse[str]:
        """A text for us."""
        webhook = await _webhook(request)
        app.provider.verify(webhook)
        text = app.provider.parse_inbound(webhook)
        received = await sync_to_thread(
            lambda: inbound.receive(app.clinic, text, now=app.clock.now())
        )
        log.info("received", inbound=received.inbound_id, duplicate=received.duplicate)
        rang()
        return Response(twiml, media_type="application/xml")

    @post("/sms/receipts", status_code=204)
    async def receive_receipt(request: _Request) -> None:
        """The carrier's later word on a text of ours."""
        webhook = await _webhook(request)
        app.provider.verify(webhook)
        receipt = app.provider.parse_receipt(webhook)
        await sync_to_thread(
            lambda: outbound.apply_receipt(app.clinic, receipt, now=app.clock.now())
        )
        rang()

    @post("/sms/fallback", status_code=200)
    async def fallback() -> AnyResponse[str]:
        """The static answer, for a carrier that prefers a URL to a stored document."""
        return Response(fallback_twiml(app), media_type="application/xml")

    @post("/voice/{moment:str}", status_code=200)
    async def call(request: _Request, moment: FromPath[str]) -> AnyResponse[str]:
        """A moment of a page by phone: picked up, a key pressed, over."""
        if app.voice is None or moment not in _CALL_MOMENTS:
            return Response("", status_code=404)
        voice, webhook = app.voice, await _webhook(request)
        voice.verify(webhook)
        event = voice.parse(webhook)
        spoken = await sync_to_thread(lambda: calls.hear(app.clinic, event, now=app.clock.now()))
        log.info("call", outbound=event.reference, moment=event.moment)
        rang()
        content, media_type = voice.render(spoken, reference=event.reference)
        return Response(content, media_type=media_type)

    @get("/health/live")
    async def live() -> dict[str, str]:
        """Does this process answer?"""
        return {"status": "live"}

    @get("/health/ready")
    async def ready() -> AnyResponse[dict[str, object]]:
        """Can a text be stored, screened and answered?"""
        found = await sync_to_thread(lambda: health(app))
        # Without these a text would be lost; without the others it only waits.
        status = 200 if found["database"] else 503
        return Response(dict(found), status_code=status)

    @get("/health/metrics", media_type="text/plain")
    async def figures(request: _Request) -> AnyResponse[bytes]:
        """The clinic's figures for Prometheus: numbers only."""
        if not _may_read_metrics(request, app):
            return Response(b"", status_code=404)
        content = await sync_to_thread(lambda: metrics.exposition(app.clinic, now=app.clock.now()))
        return Response(content, media_type=metrics.CONTENT_TYPE)

    return _Gateway(
        route_handlers=[receive_text, receive_receipt, fallback, call, live, ready, figures],
        exception_handlers={
            WebhookRefused: _refused,
            WebhookGarbled: _garbled,
            HTTPException: _http_error,
            Exception: _crashed,
        },
        request_max_body_size=_LARGEST_BODY,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


class _Gateway(Litestar):
    """Litestar without its plugins for pydantic and attrs.

    Nothing here uses them, and loading them (both generations of pydantic) takes half a second, in
    which no text is taken in.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def health(app: App) -> dict[str, bool]:
    """What works right now, part by part."""
    try:
        with app.clinic.db.reading() as db:
            db.execute(sql("SELECT 1"))
            beat = db.get(Heartbeat, "worker")
            database = True
    except Exception:  # any failure of the database is the same answer
        beat, database = None, False
    return {
        "database": database,
        "crisis_classifier": app.clinic.screener.model is not None,
        "dialogue": app.dialogue.ready(),
        "worker": beat is not None and app.clock.now() - beat.at < _WORKER_SILENT_AFTER,
    }


def _may_read_metrics(request: _Request, app: App) -> bool:
    """With the token from anywhere; without one from this machine, and through no proxy."""
    token = app.settings.metrics_token.get_secret_value()
    if token:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    client = request.client.host if request.client else ""
    passed_on = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "via"))
    return client in ("127.0.0.1", "::1") and not passed_on


async def _webhook(request: _Request) -> WebhookRequest:
    return WebhookRequest(
        path=request.url.path,
        query=request.url.query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
    )


def _refused(request: _Request, error: WebhookRefused) -> AnyResponse[str]:
    log.warning("webhook refused", path=request.url.path)
    return Response("", status_code=403)


def _garbled(request: _Request, error: WebhookGarbled) -> AnyResponse[str]:
    log.warning("webhook garbled", path=request.url.path)
    return Response("", status_code=400)


def _http_error(request: _Request, error: HTTPException) -> AnyResponse[str]:
    return Response("", status_code=error.status_code)


def _crashed(request: _Request, error: Exception) -> AnyResponse[str]:
    """The carrier tries again on 500; the log names the error and never its words."""
    log.error("webhook failed", path=request.url.path, error=type(error).__name__)
    return Response("", status_code=500)
