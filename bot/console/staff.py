"""Staff: who works here, who is invited, who no longer comes in."""

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
    text_of,
    visitor_of,
)
from bot.console.doors import needs
from bot.core.rights import Right
from bot.core.rota import StaffRole
from bot.errors import NotAllowed
from bot.services import accounts, staff_desk
from bot.services.accounts import NewLink
from bot.services.staff_desk import NewStaff


@get("/staff", opt=needs(Right.MANAGE_STAFF))
@off_loop
def staff_page(request: Asked) -> Answer:
    """Everybody who works here."""
    return _page(request)


@post("/staff", opt=needs(Right.MANAGE_STAFF, keeps="/staff"), status_code=200)
@off_loop
def invite_staff(request: Asked, data: Form) -> Answer:
    """Somebody starts to work here; the set-up link is shown this once."""
    desk, by = desk_of(request), visitor_of(request).actor
    role = text_of(data, "role")

    def invite() -> NewLink:
        if role not in list(StaffRole):
            raise NotAllowed("Choose a role.")
        new = NewStaff(
            name=text_of(data, "name"),
            phone="".join(text_of(data, "phone").split()),
            role=StaffRole(role),
            leads=bool(text_of(data, "leads")) and role == StaffRole.CLINICIAN,
        )
        return staff_desk.invite(desk.clinic, new, by=by, now=desk.now())

    return carry_out(
        request,
        invite,
        then=lambda link: _page(request, link=link, link_for=text_of(data, "name")),
        refused=partial(_page, request, form=data),
    )


@post("/staff/{staff_id:str}/link", opt=needs(Right.MANAGE_STAFF), status_code=200)
@off_loop
def renew_link(request: Asked, staff_id: FromPath[str]) -> Answer:
    """A fresh set-up link: phone lost, password forgotten."""
    desk, by = desk_of(request), visitor_of(request).actor
    return carry_out(
        request,
        lambda: accounts.renew_link(desk.clinic, staff_id, by=by, now=desk.now()),
        then=lambda link: _page(request, link=link, link_for=link.login_name),
        refused=partial(_page, request),
    )


@post("/staff/{staff_id:str}/disable", opt=needs(Right.MANAGE_STAFF))
@off_loop
def disable_staff(request: Asked, staff_id: FromPath[str]) -> Answer:
    """Somebody no longer works here."""
    desk, by = desk_of(request), visitor_of(request).actor
    return carry_out(
        request,
        lambda: staff_desk.disable(desk.clinic, staff_id, by=by, now=desk.now()),
        then=back_to("/staff", done="disabled"),
        refused=partial(_page, request),
    )


@post("/staff/{staff_id:str}/enable", opt=needs(Right.MANAGE_STAFF))
@off_loop
def enable_staff(request: Asked, staff_id: FromPath[str]) -> Answer:
    """Somebody works here again."""
    desk, by = desk_of(request), visitor_of(request).actor
    staff_desk.enable(desk.clinic, staff_id, by=by, now=desk.now())
    return back_to("/staff", done="enabled")


def _page(
    request: Asked,
    *,
    refused: NotAllowed | None = None,
    link: NewLink | None = None,
    link_for: str = "",
    form: Form | None = None,
) -> Answer:
    desk = desk_of(request)
    return page(
        request,
        "staff.html",
        refused=refused,
        lines=staff_desk.list_lines(desk.clinic),
        roles=list(StaffRole),
        link=f"{desk.app.settings.console_url}{link.path}" if link else "",
        link_for=link_for,
        form=form or {},
    )


HANDLERS = [staff_page, invite_staff, renew_link, disable_staff, enable_staff]
