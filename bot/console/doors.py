"""Who comes in: the cookie is read here, and every page says which right it needs."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.response import Response
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from bot.console.desk import Desk, desk_of
from bot.console.form_tokens import new_browser
from bot.console.streams import OPENINGS_WITHIN
from bot.core.rights import Right
from bot.errors import ConfigError, NotAllowed
from bot.services import logins
from bot.services.logins import Visitor

NEEDS, LISTENS, KEEPS, STREAMS = "needs", "listens", "keeps", "streams"
_KNOWN_FOR = timedelta(days=180)
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class LoginNeeded(NotAllowed):
    """Nobody is logged in.

    :param page: where the form stands whose words were kept; empty when none were.
    """

    def __init__(self, words: str, *, page: str = "") -> None:
        super().__init__(words)
        self.page = page


@dataclass(frozen=True)
class Cookies:
    """The console's cookies: their names, and whether they need https.

    :param browser: tells browsers apart, so that a form of one is worth nothing in another.
    :param known: shows that somebody has logged in here before; it opens nothing.
    :param secure: false only on the loopback, where there is no https.
    """

    login: str
    browser: str
    known: str
    secure: bool

    def browser_cookie(self, value: str) -> str:
        """The header that lets a browser be told from others."""
        cookie = Cookie(
            key=self.browser,
            value=value,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )
        return cookie.to_header(header="")

    def give(self, response: Response[Any], token: str) -> None:
        """Let this browser keep a login; it goes when the browser is closed."""
        response.set_cookie(
            self.login,
            token,
            secure=self.secure,
            httponly=True,
            # Lax: a link in a page must find the clinician logged in. Forms carry a token.
            samesite="lax",
            path="/",
        )

    def remember(self, response: Response[Any], mark: str) -> None:
        """Let this browser be known at the next login, for half a year."""
        response.set_cookie(
            self.known,
            mark,
            max_age=int(_KNOWN_FOR.total_seconds()),
            secure=self.secure,
            httponly=True,
            # Strict: only the form of our own login ever needs it.
            samesite="strict",
            path="/",
        )

    def take(self, response: Response[Any]) -> None:
        """Let this browser forget its login."""
        response.set_cookie(
            self.login,
            "",
            max_age=0,
            secure=self.secure,
            httponly=True,
            samesite="lax",
            path="/",
        )


def cookies_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Cookies:
    """The cookies of the application that was asked."""
    found = connection.app.state.cookies
    assert isinstance(found, Cookies)  # put there with the desk
    return found


def cookies_for(desk: Desk) -> Cookies:
    """Cookies that fit this console's address.

    :raises ConfigError: in production, without https.
    """
    url = desk.app.settings.console_url
    secure = url.startswith("https://")
    if not secure and (desk.app.settings.production or not url.startswith(_LOOPBACK)):
        raise ConfigError(
            "TEND_CONSOLE_URL must begin with https://: cookies go over it. "
            "Only on 127.0.0.1 may it be http."
        )
    # Cookies know no ports: two consoles on one machine must not take each other's.
    name = hmac.new(desk.form_tokens.secret.encode(), url.encode(), hashlib.sha256).hexdigest()[:8]
    prefix = "__Host-tend" if secure else f"tend_{name}"
    return Cookies(f"{prefix}_login", f"{prefix}_browser", f"{prefix}_known", secure)


class KnowsVisitors(ASGIMiddleware):
    """Finds out whose login the cookie is, before any page is asked."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Put the visitor beside the request, and give the browser its own mark."""
        request = Request[Any, Any, Any](scope)
        desk, names, cookies = desk_of(request), cookies_of(request), request.cookies
        token = cookies.get(names.login, "")
        handler = scope.get("route_handler")
        opt = handler.opt if handler is not None else {}
        if opt.get(STREAMS, False) and not desk.openings.may_open(token, now=desk.now()):
            await _send_too_many(send)
            return
        beside: dict[str, Any] = scope  # type: ignore[assignment]  # what is our own in it
        beside["tend_token"] = token
        if token and NEEDS in opt:
            beside["tend_visitor"] = await sync_to_thread(
                lambda: logins.recognise(
                    desk.clinic,
                    token,
                    now=desk.now(),
                    here=not opt.get(LISTENS, False),
                )
            )
        beside["tend_browser"] = cookies.get(names.browser, "")
        if not beside["tend_browser"] and beside["method"] == "GET" and not _is_file(scope):
            beside["tend_browser"] = mark = new_browser()
            send = _marking(send, names.browser_cookie(mark))
        await next_app(scope, receive, send)


def _marking(send: Send, cookie: str) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            message.setdefault("headers", [])
            MutableScopeHeaders.from_message(message).add("set-cookie", cookie)
        await send(message)

    return marked


async def _send_too_many(send: Send) -> None:
    """Refuse as cheaply as can be: no page, and no look at the database."""
    wait = str(int(OPENINGS_WITHIN.total_seconds())).encode()
    headers = [(b"retry-after", wait), (b"cache-control", b"no-store"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_file(scope: Scope) -> bool:
    return scope["path"].startswith("/static/")


def needs(
    right: Right | None, *, listens: bool = False, keeps: str = "", streams: bool = False
) -> dict[str, Any]:
    """What a page says of itself: the right that it needs; none for the few that need no login.

    :param listens: an open page that asks by itself is no sign of a person.
    :param keeps: the page on which this form stands, such as ``/alerts/{alert_id}``: its words
        are kept when the login has ended.
    :param streams: it stays open and looks again and again: may not be asked for by the hundred.
    """
    if right is None:
        return {"public": True}
    return {NEEDS: right, LISTENS: listens, KEEPS: keeps, STREAMS: streams}


def require_right(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Refuse who may not. A page that says nothing of itself is refused to everybody.

    :raises LoginNeeded: nobody is logged in.
    :raises NotAllowed: this person may not.
    """
    if handler.opt.get("public") is True:
        return
    right = handler.opt.get(NEEDS)
    visitor = connection.scope.get("tend_visitor")
    if not isinstance(visitor, Visitor):
        raise LoginNeeded("Log in first.")
    if not isinstance(right, Right) or not visitor.may(right):
        raise NotAllowed("Your role does not include this page.")
