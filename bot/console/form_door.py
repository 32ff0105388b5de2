"""Nothing of a form is done unless it was given to this login; what was written is not lost."""

from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection, Request
from litestar.enums import RequestEncodingType
from litestar.handlers.base import BaseRouteHandler

from bot.console.desk import desk_of
from bot.console.doors import KEEPS, LoginNeeded, require_right
from bot.console.form_tokens import FIELD, NOBODY
from bot.core.signs import without_controls
from bot.errors import NotAllowed
from bot.services import kept_forms, logins
from bot.services.logins import Visitor


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

    :raises LoginNeeded: nobody is logged in; what was written is kept where it can be.
    :raises FormTooOld: the form is of another login, another browser, or no form of ours.
    :raises NotAllowed: this person may not.
    """
    if connection.scope.get("method") in ("GET", "HEAD", "OPTIONS"):
        require_right(connection, handler)
        return
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


async def _form_of(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, str]:
    """The filled-in form, put beside the request; empty for what no form of ours sends."""
    assert isinstance(connection, Request)  # guards of pages are given the request
    if connection.content_type[0] != RequestEncodingType.URL_ENCODED:
        return {}
    sent = (await connection.form()).items()
    form = {without_controls(name): without_controls(str(value)) for name, value in sent}
    beside: dict[str, Any] = connection.scope  # type: ignore[assignment]  # what is our own in it
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
    desk = desk_of(connection)
    page = keeps.format(**connection.path_params)
    fields = {name: value for name, value in form.items() if name != FIELD}
    kept = await sync_to_thread(
        lambda: kept_forms.keep(
            desk.clinic,
            login_id,
            page=page,
            action=connection.url.path,
            fields=fields,
            now=desk.now(),
        )
    )
    return page if kept else ""


async def _is_mine(connection: ASGIConnection[Any, Any, Any, Any], login_id: str | None) -> bool:
    desk, visitor = desk_of(connection), connection.scope.get("tend_visitor")
    if not isinstance(visitor, Visitor) or login_id is None:
        return False
    whose = await sync_to_thread(lambda: logins.staff_of(desk.clinic, login_id))
    return whose == visitor.staff_id
