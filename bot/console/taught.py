"""What was taught: each change with its files, who agreed, and the way back."""

from functools import partial

from litestar import get, post
from litestar.params import FromPath

from bot.console.desk import (
    Answer,
    Asked,
    back_to,
    carry_out,
    desk_of,
    off_loop,
    page,
    visitor_of,
)
from bot.console.doors import needs
from bot.console.teach import FIELDS, start
from bot.core.rights import Right
from bot.core.taught import TaughtStatus, may_approve
from bot.errors import NotAllowed
from bot.services import taught_changes, teaching
from bot.teaching.lessons import Typed


@get("/teach/changes", opt=needs(Right.TEACH))
@off_loop
def changes_page(request: Asked) -> Answer:
    """Everything that was taught, the newest first."""
    changes = taught_changes.list_changes(desk_of(request).clinic)
    return page(request, "taught.html", changes=changes)


@get("/teach/changes/{change_id:str}", opt=needs(Right.TEACH))
@off_loop
def change_page(request: Asked, change_id: FromPath[str]) -> Answer:
    """One change."""
    return _page(request, change_id)


@post("/teach/changes/{change_id:str}/undo", opt=needs(Right.TEACH))
@off_loop
def undo_change(request: Asked, change_id: FromPath[str]) -> Answer:
    """Take it back."""
    desk, visitor = desk_of(request), visitor_of(request)
    return carry_out(
        request,
        lambda: teaching.undo(desk.clinic, desk.workshop, change_id, by=visitor, now=desk.now()),
        then=back_to(f"/teach/changes/{change_id}", done="undone"),
        refused=partial(_page, request, change_id),
    )


@post("/teach/changes/{change_id:str}/approve", opt=needs(Right.TEACH))
@off_loop
def approve_change(request: Asked, change_id: FromPath[str]) -> Answer:
    """A second person agrees."""
    desk, visitor = desk_of(request), visitor_of(request)
    return carry_out(
        request,
        lambda: taught_changes.approve(
            desk.clinic, desk.workshop, change_id, by=visitor, now=desk.now()
        ),
        then=back_to(f"/teach/changes/{change_id}", done="approved"),
        refused=partial(_page, request, change_id),
    )


@post("/teach/changes/{change_id:str}/again", opt=needs(Right.TEACH))
@off_loop
def check_again(request: Asked, change_id: FromPath[str]) -> Answer:
    """The process that checked it is gone."""
    desk, visitor = desk_of(request), visitor_of(request)
    teaching.try_again(desk.clinic, change_id, by=visitor, now=desk.now())
    start(desk, change_id, visitor)
    return back_to(f"/teach/changes/{change_id}", done="taught")


def form_of(typed: Typed) -> dict[str, str]:
    """A lesson as its form sends it: what the checks refused is mended, and not typed anew."""
    first, more = typed.texts[: len(FIELDS)], typed.texts[len(FIELDS) :]
    return {
        "kind": typed.kind,
        "sources": ",".join(typed.sources),
        "intent": typed.intent,
        "name": teaching.typed_name(typed),
        "title": typed.title,
        "leads_to": typed.leads_to or "",
        **dict(zip(FIELDS, first, strict=False)),
        "more": "\n".join(more),
        "vouched": " ".join(typed.vouched),
        **{f"answer_{language}": words for language, words in typed.answers.items()},
        "source": typed.source,
        "clinical": "yes" if typed.clinical else "no",
        "check": "1",
    }


def _page(request: Asked, change_id: str, *, refused: NotAllowed | None = None) -> Answer:
    desk, visitor = desk_of(request), visitor_of(request)
    change = taught_changes.get_change(desk.clinic, change_id)
    made_it = change.staff_id == visitor.staff_id
    return page(
        request,
        "taught_change.html",
        refused=refused,
        change=change,
        checking=change.status is TaughtStatus.CHECKING,
        form=form_of(change.typed),
        may_approve=change.waits_for_approval
        and may_approve(change.needs, role=visitor.role, made_it=made_it),
    )


HANDLERS = [changes_page, change_page, undo_change, approve_change, check_again]
