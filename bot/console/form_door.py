"""Nothing of a form is done unless it was given to this login; what was written is not lost."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection, Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler

from bot.console.desk import Desk, desk_of, safe_path
from bot.console.doors import KEEPS, LoginNeeded, require_right
from bot.console.form_tokens import FIELD, NOBODY
from bot.core.signs import without_controls
from bot.errors import NotAllowed
from bot.services import kept_forms, logins
from bot.services.logins import Visitor

# No field of ours lets a person type more: what is longer was not typed, and nothing looks at it.
LONGEST_FIELD = 600
# Words of several sentences are refused by their own services, which keep them in their form.
LONGER_FIELDS = {
    **dict.fromkeys(("words", "more", "kept"), 60_000),
    **dict.fromkeys(("answer_en", "answer_es", "sources"), 2_000),
}


# The field in which a page's script tells what stands in its other forms.
OTHERS = "kept"
MOST_OTHERS = 4
# For a page that is left because nobody was there: nothing was sent, all that stands is kept.
ALL_OF_A_PAGE = "*"


class FormTooOld(NotAllowed):
    """A form that was not given to this login: nothing of it is done.

    :param page: where the form stands whose words were kept; empty when none were.
    :param mine: they were kept for the person who is logged in now.
    """

    def __init__(self, *, page: str = "", mine: bool = False) -> None:
        super().__init__("This form is too old. Go back, load the page, try again.")
        self.page = page
        self.mine = mine


async def check_at_the_door(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Refuse who may not, and forms that were not given to this login in this browser.

    :raises NotAllowed: another site's page sent it.
    :raises HTTPException: a field is longer than any of ours may be.
    :raises LoginNeeded: nobody is logged in; what was written is kept where it can be.
    :raises FormTooOld: the form is of another login, another browser, or no form of ours.
    :raises NotAllowed: this person may not.
    """
    if connection.scope.get("method") in ("GET", "HEAD", "OPTIONS"):
        require_right(connection, handler)
        return
    _refuse_other_sites(connection)
    form = await _form_of(connection)
    browser = str(connection.scope.get("tend_browser", ""))
    token = str(form.get(FIELD, ""))
    given_to = desk_of(connection).form_tokens.login_of(token, browser=browser)
    try:
        require_right(connection, handler)
    except LoginNeeded:
        page = await _keep(connection, handler, form, given_to)
        raise LoginNeeded("Log in first.", page=page) from None
    visitor = connection.scope.get("tend_visitor")
    here = visitor.login_id if isinstance(visitor, Visitor) else NOBODY
    if given_to != here:
        page = await _keep(connection, handler, form, given_to)
        mine = page != "" and await _is_mine(connection, given_to)
        raise FormTooOld(page=page, mine=mine)


def _refuse_other_sites(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """A form that another site's page sends does nothing, whatever token it brings.

    :raises NotAllowed: the browser says that another site sent it.
    """
    site = connection.headers.get("sec-fetch-site", "")
    origin = connection.headers.get("origin", "")
    # "null" is what browsers say of our own forms, whose pages tell nobody where they stand.
    ours = {"", "null", _origin(desk_of(connection).app.settings.console_url)}
    named = origin.partition("://")[2]
    is_ours = origin in ours or named == connection.headers.get("host", "")
    if site not in ("", "same-origin", "none") or not is_ours:
        raise NotAllowed("This came from another site, and nothing was done. Begin here anew.")


def _origin(url: str) -> str:
    found = urlsplit(url)
    return f"{found.scheme}://{found.netloc}"


async def _form_of(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, str]:
    """The filled-in form, put beside the request; empty for what no form of ours sends."""
    assert isinstance(connection, Request)  # guards of pages are given the request
    if connection.content_type[0] != RequestEncodingType.URL_ENCODED:
        return {}
    sent = (await connection.form()).items()
    form = {without_controls(name): without_controls(str(value)) for name, value in sent}
    others = _others_in(form.pop(OTHERS, ""))
    if any(len(value) > LONGER_FIELDS.get(name, LONGEST_FIELD) for name, value in form.items()):
        raise HTTPException(status_code=413)
    beside: dict[str, Any] = connection.scope  # type: ignore[assignment]  # what is our own in it
    beside["tend_others"] = others
    beside["tend_form"] = {name: value for name, value in form.items() if name != FIELD}
    return form


async def _keep(
    connection: ASGIConnection[Any, Any, Any, Any],
    handler: BaseRouteHandler,
    form: dict[str, str],
    login_id: str | None,
) -> str:
    """Keep the words for whoever this form was given to; its page, or nothing."""
    keeps = str(handler.opt.get(KEEPS, ""))
    if not keeps or login_id is None or login_id == NOBODY:
        return ""
    page = keeps.format(**connection.path_params)
    forms: dict[str, dict[str, str]] = dict(connection.scope.get("tend_others", {}))  # type: ignore[call-overload]
    if keeps == ALL_OF_A_PAGE:
        page = safe_path(form.get("page", ""))
    else:
        # Last, so that it is the newest: it is the one that was sent.
        forms.pop(connection.url.path, None)
        forms[connection.url.path] = {name: form[name] for name in form if name != FIELD}
    kept = await sync_to_thread(lambda: keep_all(desk_of(connection), login_id, page, forms))
    return page if kept else ""


def keep_all(desk: Desk, login_id: str, page: str, forms: Mapping[str, Mapping[str, str]]) -> bool:
    """Keep what stands in the forms of a page; whether something was kept."""
    clinic, now = desk.clinic, desk.now()
    return any(
        [
            kept_forms.keep(clinic, login_id, page=page, action=action, fields=fields, now=now)
            for action, fields in forms.items()
        ]
    )


def _others_in(sent: str) -> dict[str, dict[str, str]]:
    """What stands in the other forms of the page, as its script tells; nothing it cannot mean."""
    try:
        found = json.loads(sent) if sent else {}
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        action: {name: without_controls(value) for name, value in fields.items()}
        for action, fields in list(found.items())[:MOST_OTHERS]
        if safe_path(action) == action
        and isinstance(fields, dict)
        and all(isinstance(value, str) for value in fields.values())
    }


async def _is_mine(connection: ASGIConnection[Any, Any, Any, Any], login_id: str | None) -> bool:
    desk, visitor = desk_of(connection), connection.scope.get("tend_visitor")
    if not isinstance(visitor, Visitor) or login_id is None:
        return False
    whose = await sync_to_thread(lambda: logins.staff_of(desk.clinic, login_id))
    return whose == visitor.staff_id
