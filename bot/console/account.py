"""A person's own logins: where they run, password, recovery codes, log off."""

from functools import partial

from litestar import get, post
from litestar.params import FromPath

from bot.console.desk import (
    Answer,
    Asked,
    Form,
    back_to,
    carry_out,
    desk_of,
    off_loop,
    page,
    safe_path,
    text_of,
    visitor_of,
)
from bot.console.doors import Cookies, needs
from bot.console.form_door import ALL_OF_A_PAGE, keep_all
from bot.core.rights import Right
from bot.errors import NotAllowed
from bot.services import accounts, kept_forms, logins


@get("/account", opt=needs(Right.OWN_LOGINS))
@off_loop
def account_page(request: Asked) -> Answer:
    """Where I am logged in."""
    return _page(request)


@post("/account/password", opt=needs(Right.OWN_LOGINS))
@off_loop
def change_password(request: Asked, data: Form) -> Answer:
    """Another password; other browsers are logged off."""
    desk, visitor = desk_of(request), visitor_of(request)

    def change() -> None:
        if text_of(data, "new") != text_of(data, "again"):
            raise NotAllowed("The two new passwords are not the same.")
        accounts.change_password(
            desk.clinic,
            visitor.staff_id,
            old=text_of(data, "old"),
            new=text_of(data, "new"),
            login_id=visitor.login_id,
            now=desk.now(),
        )

    return carry_out(
        request,
        change,
        then=back_to("/account", done="password"),
        refused=partial(_page, request),
    )


@post("/account/recovery-codes", opt=needs(Right.OWN_LOGINS))
@off_loop
def renew_recovery_codes(request: Asked, data: Form) -> Answer:
    """Fresh recovery codes, shown this once."""
    desk, visitor = desk_of(request), visitor_of(request)
    return carry_out(
        request,
        lambda: accounts.renew_recovery_codes(
            desk.clinic, visitor.staff_id, password=text_of(data, "password"), now=desk.now()
        ),
        then=lambda codes: page(request, "codes.html", codes=codes, first=False),
        refused=partial(_page, request),
    )


@post("/account/logins/{login_id:str}/end", opt=needs(Right.OWN_LOGINS))
@off_loop
def end_login(request: Asked, login_id: FromPath[str]) -> Answer:
    """Log off one of my browsers."""
    desk = desk_of(request)
    logins.end(desk.clinic, visitor_of(request), login_id, now=desk.now())
    return back_to("/account", done="ended")


@post("/account/logins/end-others", opt=needs(Right.OWN_LOGINS))
@off_loop
def end_other_logins(request: Asked) -> Answer:
    """Log off every browser but this one."""
    desk = desk_of(request)
    logins.end_others(desk.clinic, visitor_of(request), now=desk.now())
    return back_to("/account", done="ended")


@post("/account/kept-form/drop", opt=needs(Right.OWN_LOGINS))
@off_loop
def drop_kept_form(request: Asked, data: Form) -> Answer:
    """What was kept of a form is not wanted any more."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    for action in text_of(data, "action").split():
        kept_forms.drop(desk.clinic, me, action, now=desk.now())
    return back_to(text_of(data, "page"), done="dropped")


@post("/account/kept-form/keep", opt=needs(Right.OWN_LOGINS, keeps=ALL_OF_A_PAGE))
@off_loop
def keep_forms(request: Asked, data: Form) -> Answer:
    """Nobody was there for long: the page is left, and what stands in its forms is kept."""
    desk, visitor = desk_of(request), visitor_of(request)
    others = request.scope.get("tend_others")
    forms = others if isinstance(others, dict) else {}
    keep_all(desk, visitor.login_id, safe_path(text_of(data, "page")), forms)
    return back_to("/login")


@get("/account/here", opt=needs(Right.OWN_LOGINS), status_code=204, sync_to_thread=False)
def here() -> None:
    """Somebody types or reads: the login lives on. The door has noted it already."""


@post("/logout", opt=needs(Right.OWN_LOGINS))
@off_loop
def log_out(request: Asked) -> Answer:
    """Log off here."""
    desk, visitor = desk_of(request), visitor_of(request)
    logins.end(desk.clinic, visitor, visitor.login_id, now=desk.now())
    answer = back_to("/login")
    cookies = request.app.state.cookies
    assert isinstance(cookies, Cookies)  # put there by ``build``
    cookies.take(answer)
    return answer


def _page(request: Asked, *, refused: NotAllowed | None = None) -> Answer:
    desk, visitor = desk_of(request), visitor_of(request)
    mine = logins.list_mine(desk.clinic, visitor, now=desk.now())
    return page(
        request, "account.html", status=400 if refused else 200, refused=refused, logins=mine
    )


HANDLERS = [
    account_page,
    change_password,
    renew_recovery_codes,
    end_login,
    end_other_logins,
    drop_kept_form,
    keep_forms,
    here,
    log_out,
]
