"""Who comes in: the cookie is read here, and every page says which right it needs."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.config.csrf import CSRFConfig
from litestar.connection import ASGIConnection, Request
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send

from bot.console.desk import Desk
from bot.core.rights import Right
from bot.errors import ConfigError, NotAllowed
from bot.services import logins
from bot.services.logins import Visitor

NEEDS, LISTENS = "needs", "listens"
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class LoginNeeded(NotAllowed):
    """Nobody is logged in."""


@dataclass(frozen=True)
class Cookies:
    """The console's cookies: their names, and whether they need https.

    :param secure: false only on the loopback, where there is no https.
    """

    login: str
    csrf: str
    csrf_secret: str
    secure: bool

    def csrf_config(self) -> CSRFConfig:
        """Forms count only with a token that this console gave."""
        return CSRFConfig(
            secret=self.csrf_secret,
            cookie_name=self.csrf,
            cookie_secure=self.secure,
            cookie_httponly=True,
            cookie_samesite="lax",
        )

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


def cookies_for(desk: Desk) -> Cookies:
    """Cookies that fit this console's address.

    Every copy of the console finds the same secret: it follows from the clinic's keys.

    :raises ConfigError: in production, without https.
    """
    url, vault = desk.app.settings.console_url, desk.clinic.db.vault
    secure = url.startswith("https://")
    if not secure and (desk.app.settings.production or not url.startswith(_LOOPBACK)):
        raise ConfigError(
            "TEND_CONSOLE_URL must begin with https://: cookies go over it. "
            "Only on 127.0.0.1 may it be http."
        )
    secret = vault.index("console csrf")
    # Cookies know no ports: two consoles on one machine must not take each other's.
    name = hmac.new(secret.encode(), url.encode(), hashlib.sha256).hexdigest()[:8]
    prefix = "__Host-tend" if secure else f"tend_{name}"
    return Cookies(f"{prefix}_login", f"{prefix}_csrf", secret, secure)


class KnowsVisitors(ASGIMiddleware):
    """Finds out whose login the cookie is, before any page is asked."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, desk: Desk, cookies: Cookies) -> None:
        self._desk = desk
        self._cookies = cookies

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Put the visitor beside the request."""
        token = Request[Any, Any, Any](scope).cookies.get(self._cookies.login, "")
        handler = scope.get("route_handler")
        opt = handler.opt if handler is not None else {}
        scope["tend_token"] = token  # type: ignore[typeddict-unknown-key]  # our own
        if token and NEEDS in opt:
            visitor = await sync_to_thread(
                lambda: logins.recognise(
                    self._desk.clinic,
                    token,
                    now=self._desk.now(),
                    here=not opt.get(LISTENS, False),
                )
            )
            scope["tend_visitor"] = visitor  # type: ignore[typeddict-unknown-key]  # our own
        await next_app(scope, receive, send)


def needs(right: Right | None, *, listens: bool = False) -> dict[str, Any]:
    """What a page says of itself: the right that it needs; none for the few that need no login.

    :param listens: an open page that asks by itself is no sign of a person.
    """
    return {NEEDS: right, LISTENS: listens} if right is not None else {"public": True}


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
