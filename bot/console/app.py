"""The console as a web application: pages by area, one door, careful headers."""

from typing import Any
from zoneinfo import ZoneInfo

import structlog
from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

from bot.bootstrap import App
from bot.console import (
    account,
    alerts,
    audit,
    closings,
    doors,
    form_door,
    health,
    inbox,
    login,
    models,
    now,
    patients,
    rota,
    staff,
    taught,
    teach,
    teach_week,
    tries,
    words,
)
from bot.console.desk import Answer, Asked, Desk, aside, back_to, bare_page, to_login
from bot.core.rights import Right
from bot.errors import ConfigError, InvalidTransition, NotAllowed, NotFound
from bot.services.logins import Visitor
from bot.services.patient_directory import PatientDirectory
from bot.settings import ProviderName
from bot.teaching.workshop import Workshop

log = structlog.get_logger()

_LARGEST_FORM = 64 * 1024
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}


def build(app: App, *, one_tap: bool = False, workshop: Workshop | None = None) -> Litestar:
    """The web application of the console.

    :param one_tap: the sandbox's: anybody may be any of the cast, without a password.
    :param workshop: the training desk's tools; those of the project unless given.
    :raises ConfigError: one tap beside a real carrier, or no https where it is needed.
    """
    desk = desk_for(app, one_tap=one_tap, workshop=workshop)
    made = pages_for(desk)
    furnish(made, desk)
    return made


def desk_for(app: App, *, one_tap: bool = False, workshop: Workshop | None = None) -> Desk:
    """What the pages need to know of this clinic.

    :raises ConfigError: one tap beside a real carrier.
    """
    if one_tap and (app.settings.production or app.settings.sms_provider != ProviderName.SANDBOX):
        raise ConfigError("Only the sandbox lets people in without a password.")
    return Desk(
        app=app,
        directory=PatientDirectory(app.clinic),
        zone=ZoneInfo(app.clinic.protocol.staffed_hours.zone),
        workshop=workshop or teach.workshop_of(app),
        one_tap=one_tap,
    )


def furnish(made: Litestar, desk: Desk) -> None:
    """Let these pages be those of this desk, whose address and zone are as those were made for."""
    made.state.desk, made.state.cookies = desk, doors.cookies_for(desk)
    made.state.headers = _headers(desk)


def _headers(desk: Desk) -> dict[str, str]:
    headers = dict(HEADERS)
    if doors.cookies_for(desk).secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def pages_for(desk: Desk) -> Litestar:
    """Every page there is, each with its door, and no desk behind them yet."""
    areas = [now, alerts, closings, patients, inbox, teach, teach_week, taught, models, tries]
    areas += [rota, staff, audit, health, account]
    return Litestar(
        route_handlers=[
            first_page,
            *login.handlers(one_tap=desk.one_tap),
            *(handler for area in areas for handler in area.HANDLERS),
            create_static_files_router(
                "/static", directories=[words.HERE / "static"], opt=doors.needs(None)
            ),
        ],
        guards=[form_door.check_at_the_door],
        middleware=[doors.KnowsVisitors()],
        template_config=TemplateConfig(
            instance=JinjaTemplateEngine.from_environment(words.environment(desk.zone))
        ),
        response_headers=_headers(desk),
        exception_handlers={
            doors.LoginNeeded: _login_needed,
            form_door.FormTooOld: _too_old,
            NotAllowed: _not_allowed,
            NotFound: _not_found,
            InvalidTransition: _not_now,
            ConfigError: _files_wrong,
            HTTPException: _http_error,
            Exception: _crashed,
        },
        # To read every example takes a while the first time: before somebody waits for it.
        on_startup=[_warm_up],
        on_shutdown=[_close],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=_LARGEST_FORM,
        debug=False,
    )


def _warm_up(made: Litestar) -> None:
    aside(made.state.desk.workshop.warm_up)


def _close(made: Litestar) -> None:
    made.state.desk.closing.set()
    made.state.desk.beside.close()


@get("/", opt=doors.needs(Right.OWN_LOGINS), sync_to_thread=False)
def first_page(request: Asked) -> Redirect:
    """The page that this person's work begins with."""
    visitor = request.scope.get("tend_visitor")
    sees_alerts = isinstance(visitor, Visitor) and visitor.may(Right.SEE_ALERTS)
    return Redirect("/now" if sees_alerts else "/health", status_code=303)


_Any = Request[Any, Any, State]


def _login_needed(request: _Any, error: doors.LoginNeeded) -> Answer:
    """A page leads to the login and back; anything else is simply refused."""
    if request.method == "GET" and _takes_page(request):
        answer = to_login(request.url.path)
        answer.headers.update(request.app.state.headers)
        return answer
    if error.page:
        return _kept(request, 401, error.page)
    # Who never had one is not told that it ended.
    ended = (
        "Your login has ended, and nothing was done. " if request.scope.get("tend_token") else ""
    )
    return _plain(request, 401, f"{ended}Log in first.")


def _takes_page(request: _Any) -> bool:
    """Would a page be looked at? Scripts of ours and streams are to hear that the login ended."""
    if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
        return False
    accepted = request.headers.get("accept", "*/*")
    return "text/html" in accepted or "*/*" in accepted


def _too_old(request: _Any, error: form_door.FormTooOld) -> Answer:
    """Somebody logged in again meanwhile: the words wait on the form's own page."""
    if error.page and error.mine:
        answer = back_to(error.page)
        answer.headers.update(request.app.state.headers)
        return answer
    return _kept(request, 403, error.page) if error.page else _plain(request, 403, str(error))


def _kept(request: _Any, status: int, page: str) -> Answer:
    answer = bare_page(request, "kept.html", status=status, page=page)
    answer.headers.update(request.app.state.headers)
    return answer


def _not_allowed(request: _Any, error: NotAllowed) -> Answer:
    return _plain(request, 403, str(error))


def _not_found(request: _Any, _error: NotFound) -> Answer:
    return _plain(request, 404, "There is nothing here, or not any more.")


def _not_now(request: _Any, _error: InvalidTransition) -> Answer:
    return _plain(request, 409, "That cannot be done now. Somebody may have been quicker.")


def _files_wrong(request: _Any, error: ConfigError) -> Answer:
    """An engineer edits the same files: what is half done there is said as it is."""
    return _plain(request, 409, f"A file cannot be read as it is now. {error}")


def _http_error(request: _Any, error: HTTPException) -> Answer:
    if error.status_code >= 500 and _is_file(request):
        return _plain(request, 404, "There is nothing here.")
    known = {404: "There is nothing here.", 405: "There is nothing here.", 413: "That is too long."}
    return _plain(request, error.status_code, known.get(error.status_code, "That does not work."))


def _crashed(request: _Any, error: Exception) -> Answer:
    """The log names the error and never what it was about."""
    if _is_file(request):
        return _plain(request, 404, "There is nothing here.")
    log.error("page failed", path=request.url.path.split("/")[1], error=type(error).__name__)
    return _plain(request, 500, "Something broke on our side. Pages still go out by SMS.")


def _is_file(request: _Any) -> bool:
    """Of a file that cannot be read only the name can be wrong: too long, or no name at all."""
    return request.url.path.startswith("/static/")


def _plain(request: _Any, status: int, words_: str) -> Answer:
    answer = bare_page(request, "refused.html", status=status, error=words_)
    # Litestar's own ``response_headers`` are not on answers to what it cannot route.
    answer.headers.update(request.app.state.headers)
    return answer
