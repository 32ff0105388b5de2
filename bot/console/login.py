"""Logging in: password, code, and the first time with a set-up link."""

from dataclasses import replace
from typing import Any

import segno
from litestar import get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from bot.console.callers import caller_of
from bot.console.desk import (
    Answer,
    Asked,
    Form,
    back_to,
    bare_page,
    desk_of,
    off_loop,
    safe_path,
    text_of,
    to_login,
)
from bot.console.doors import Cookies, needs
from bot.console.password_queue import TooManyAtOnce
from bot.errors import NotAllowed, NotFound
from bot.services import accounts, logins, staff_desk
from bot.services.logins import Caller


def handlers(*, one_tap: bool) -> list[Any]:  # Litestar's handlers
    """The pages of this area.

    :param one_tap: the sandbox's own door is there only in the sandbox.
    """
    pages = [login_page, log_in, code_page, type_code, setup_page, set_up]
    return [*pages, tap_in] if one_tap else pages


@get("/login", opt=needs(None))
@off_loop
def login_page(request: Asked, next: FromQuery[str] = "/") -> Answer:
    """Where everybody comes in."""
    return _login(request, next)


@post("/login", opt=needs(None))
async def log_in(request: Asked, data: Form) -> Answer:
    """The password, when it is its turn."""
    try:
        return await desk_of(request).passwords.run(lambda: _check(request, data))
    except TooManyAtOnce as refusal:
        wanted, error = text_of(data, "next"), str(refusal)
        return await sync_to_thread(lambda: _login(request, wanted, status=429, error=error))


def _check(request: Asked, data: Form) -> Answer:
    desk = desk_of(request)
    try:
        token = logins.check_password(
            desk.clinic,
            login_name=text_of(data, "login_name"),
            password=text_of(data, "password"),
            caller=_known_caller(request),
            now=desk.now(),
        )
    except NotAllowed as refusal:
        return _login(request, text_of(data, "next"), status=403, error=str(refusal))
    wanted = safe_path(text_of(data, "next"))
    answer = Redirect("/login/code", status_code=303, query_params={"next": wanted})
    _cookies(request).give(answer, token)
    return answer


@get("/login/code", opt=needs(None))
@off_loop
def code_page(request: Asked, next: FromQuery[str] = "/") -> Answer:
    """The second half."""
    desk = desk_of(request)
    if not logins.has_half_login(desk.clinic, _token(request), now=desk.now()):
        return to_login(next)
    return bare_page(request, "code.html", next=safe_path(next))


@post("/login/code", opt=needs(None))
@off_loop
def type_code(request: Asked, data: Form) -> Answer:
    """The code from the authenticator, or a recovery code."""
    desk = desk_of(request)
    wanted = safe_path(text_of(data, "next"))
    try:
        begun = logins.check_code(
            desk.clinic,
            _token(request),
            code=text_of(data, "code"),
            caller=_known_caller(request),
            now=desk.now(),
        )
    except NotFound:
        return to_login(wanted)
    except NotAllowed as refusal:
        return bare_page(request, "code.html", status=403, error=str(refusal), next=wanted)
    answer = back_to(wanted)
    _cookies(request).give(answer, begun.token)
    _cookies(request).remember(answer, begun.mark)
    return answer


@get("/setup/{token:str}", opt=needs(None))
@off_loop
def setup_page(request: Asked, token: FromPath[str]) -> Answer:
    """The first time: choose a password, set up the authenticator."""
    return _setup(request, token)


@post("/setup/{token:str}", opt=needs(None))
@off_loop
def set_up(request: Asked, token: FromPath[str], data: Form) -> Answer:
    """Keep both, and show the recovery codes this once."""
    desk = desk_of(request)
    password = text_of(data, "password")
    if password != text_of(data, "again"):
        return _setup(request, token, status=400, error="The two passwords are not the same.")
    try:
        codes = accounts.finish_setup(
            desk.clinic, token, password=password, code=text_of(data, "code"), now=desk.now()
        )
    except NotAllowed as refusal:
        return _setup(request, token, status=400, error=str(refusal))
    return bare_page(request, "codes.html", codes=codes, first=True)


@post("/tap/{staff_id:str}", opt=needs(None))
@off_loop
def tap_in(request: Asked, staff_id: FromPath[str], data: Form) -> Answer:
    """Be one of the cast: the sandbox's own door."""
    desk = desk_of(request)
    token = logins.tap_in(desk.clinic, staff_id, caller=caller_of(request), now=desk.now())
    answer = back_to(text_of(data, "next"))
    _cookies(request).give(answer, token)
    return answer


def _login(request: Asked, wanted: str, *, status: int = 200, error: str = "") -> Answer:
    desk = desk_of(request)
    cast = []
    if desk.one_tap:
        cast = [line for line in staff_desk.list_lines(desk.clinic) if not line.disabled_at]
    return bare_page(
        request, "login.html", status=status, error=error, next=safe_path(wanted), cast=cast
    )


def _setup(request: Asked, token: str, *, status: int = 200, error: str = "") -> Answer:
    desk = desk_of(request)
    setup = accounts.look_at_setup(desk.clinic, token, now=desk.now())
    picture = segno.make_qr(setup.uri, error="m").svg_inline(
        scale=5, border=3, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    spaced = " ".join(setup.secret[i : i + 4] for i in range(0, len(setup.secret), 4))
    return bare_page(
        request,
        "setup.html",
        status=status,
        error=error,
        setup=setup,
        picture=picture,
        secret=spaced,
        token=token,
    )


def _known_caller(request: Asked) -> Caller:
    """The browser, with the mark by which it may be known."""
    mark = request.cookies.get(_cookies(request).known, "")
    return replace(caller_of(request), mark=mark)


def _token(request: Asked) -> str:
    return str(request.scope.get("tend_token", ""))


def _cookies(request: Asked) -> Cookies:
    found = request.app.state.cookies
    assert isinstance(found, Cookies)  # put there by ``build``
    return found
