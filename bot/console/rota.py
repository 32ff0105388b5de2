"""The rota: who answers now, the next two weeks, and where nobody is."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.params import FromPath

from bot.console.desk import (
    Answer,
    Asked,
    Form,
    back_to,
    carry_out,
    desk_of,
    moment,
    off_loop,
    page,
    text_of,
    visitor_of,
)
from bot.console.doors import needs
from bot.core.rights import Right
from bot.core.rota import Duty, Shift, Weight
from bot.errors import NotAllowed
from bot.services import displaced, reach, shift_ends
from bot.services import rota_page as rotas
from bot.services.displaced import Displaced


@get("/rota", opt=needs(Right.SEE_ROTA))
@off_loop
def rota_page(request: Asked) -> Answer:
    """Who answers now, and the next two weeks."""
    return _page(request)


@post("/rota/shifts", opt=needs(Right.CHANGE_ROTA, keeps="/rota"))
@off_loop
def add_shift(request: Asked, data: Form) -> Answer:
    """Put a shift into the rota. Where it takes a duty from somebody, the page asks once more."""
    desk, by = desk_of(request), visitor_of(request).actor

    def add() -> Sequence[Displaced]:
        wanted = _wanted(data, desk.zone)
        rotas.check_shift(desk.clinic, wanted, now=desk.now())
        taken = displaced.foresee(desk.clinic, wanted, now=desk.now())
        if taken and text_of(data, "sure") != "yes":
            return taken
        if taken:
            # Asked and said yes to: whatever it was entered as, it is a swap.
            wanted = replace(wanted, weight=Weight.SWAP)
        rotas.add_shift(desk.clinic, wanted, by=by, now=desk.now())
        return []

    def then(taken: Sequence[Displaced]) -> Answer:
        if taken:
            return _page(request, form=data, taken=taken)
        return back_to("/rota", done="shift_added")

    return carry_out(request, add, then=then, refused=partial(_page, request, form=data))


def _wanted(form: Form, zone: ZoneInfo) -> Shift:
    """Who has which duty from when to when, as the form says.

    :raises NotAllowed: it does not say it.
    """
    duty = text_of(form, "duty")
    if duty not in (Duty.ON_CALL, Duty.BACKUP):
        raise NotAllowed("Choose on call or backup.")
    return Shift(
        text_of(form, "staff_id"),
        Duty(duty),
        moment(text_of(form, "starts"), zone),
        moment(text_of(form, "ends"), zone),
        Weight.SWAP if text_of(form, "instead") == "yes" else Weight.SINGLE,
    )


@post("/rota/mine", opt=needs(Right.TAKE_ALERTS))
@off_loop
def be_on_call(request: Asked) -> Answer:
    """I am on call from this moment on."""
    desk, visitor = desk_of(request), visitor_of(request)
    return carry_out(
        request,
        lambda: rotas.take_over(desk.clinic, visitor.staff_id, now=desk.now()),
        then=back_to("/rota", done="mine"),
        refused=partial(_page, request),
    )


@post("/rota/shifts/{shift_id:str}/remove", opt=needs(Right.CHANGE_ROTA))
@off_loop
def remove_shift(request: Asked, shift_id: FromPath[str], data: Form) -> Answer:
    """Take a shift out; one that runs ends now. Where nobody is left, the page asks once more."""
    desk, by = desk_of(request), visitor_of(request).actor
    if text_of(data, "sure") != "yes":
        consequence = shift_ends.foresee(desk.clinic, shift_id, now=desk.now())
        if consequence is not None:
            return _page(request, consequence=consequence)
    shift_ends.remove(desk.clinic, shift_id, by=by, now=desk.now())
    return back_to("/rota", done="shift_removed")


def _page(
    request: Asked,
    *,
    refused: NotAllowed | None = None,
    form: Form | None = None,
    consequence: shift_ends.Consequence | None = None,
    taken: Sequence[Displaced] = (),
) -> Answer:
    desk = desk_of(request)
    found = rotas.look_at(desk.clinic, now=desk.now())
    return page(
        request,
        "rota.html",
        refused=refused,
        rota=found,
        unreachable=reach.list_unreachable(desk.clinic),
        form=form or {},
        consequence=consequence,
        taken=taken,
        duties=[Duty.ON_CALL, Duty.BACKUP],
    )


HANDLERS = [rota_page, add_shift, be_on_call, remove_shift]
