"""The inbox: what the bot could not do, and the rest of a support worker's day."""

from collections.abc import Callable
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
    writer_of,
)
from bot.console.doors import needs
from bot.core.logins import NoteKind
from bot.core.rights import Right
from bot.errors import NotAllowed
from bot.services import form_keys, inbox, notes, paper_list, patient_care


@get("/inbox", opt=needs(Right.SEE_INBOX))
@off_loop
def inbox_page(request: Asked) -> Answer:
    """Tasks, sessions, promises, undelivered texts, hand-over."""
    return _page(request)


@get("/inbox/print", opt=needs(Right.SEE_INBOX))
@off_loop
def paper_page(request: Asked) -> Answer:
    """On paper, for when nothing works: who is in danger, whom to phone; and no words of hers."""
    desk, visitor = desk_of(request), visitor_of(request)
    paper = paper_list.look_at(
        desk.clinic,
        desk.directory.entries(),
        with_numbers=visitor.may(Right.TAKE_ALERTS),
        by=visitor.actor,
        now=desk.now(),
    )
    return page(request, "paper.html", paper=paper)


@post("/inbox/hand-over", opt=needs(Right.SEE_INBOX, keeps="/inbox"))
@off_loop
def write_hand_over(request: Asked, data: Form) -> Answer:
    """What the next shift must know."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    words, about = text_of(data, "words"), notes.About()
    key = text_of(data, "key")

    def write() -> None:
        now, clinic = desk.now(), desk.clinic
        notes.write(clinic, NoteKind.HAND_OVER, about, words, staff_id=me, now=now, key=key)

    return _done(request, write, "noted")


@post("/inbox/{item_id:str}/assign", opt=needs(Right.SEE_INBOX))
@off_loop
def assign_item(request: Asked, item_id: FromPath[str]) -> Answer:
    """I deal with it."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    inbox.assign(desk.clinic, item_id, staff_id=me, now=desk.now())
    return back_to("/inbox", done="assigned")


@post("/inbox/{item_id:str}/unassign", opt=needs(Right.SEE_INBOX))
@off_loop
def unassign_item(request: Asked, item_id: FromPath[str]) -> Answer:
    """I no longer deal with it."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    inbox.unassign(desk.clinic, item_id, staff_id=me, now=desk.now())
    return back_to("/inbox", done="unassigned")


@post("/inbox/{item_id:str}/close", opt=needs(Right.SEE_INBOX))
@off_loop
def close_item(request: Asked, item_id: FromPath[str]) -> Answer:
    """It is dealt with."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    return carry_out(
        request,
        lambda: inbox.close(desk.clinic, item_id, staff_id=me, now=desk.now()),
        then=back_to("/inbox", done="item_closed", undo=item_id),
        refused=partial(_page, request),
    )


@post("/inbox/{item_id:str}/reopen", opt=needs(Right.SEE_INBOX))
@off_loop
def reopen_item(request: Asked, item_id: FromPath[str]) -> Answer:
    """Closed by mistake."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    inbox.reopen(desk.clinic, item_id, staff_id=me, now=desk.now())
    return back_to("/inbox", done="item_reopened")


@post("/inbox/{item_id:str}/answer", opt=needs(Right.WRITE_TEXTS, keeps="/inbox"))
@off_loop
def answer_item(request: Asked, item_id: FromPath[str], data: Form) -> Answer:
    """Answer her by text, and close the task if that settles it."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    patient_id = inbox.patient_of(desk.clinic, item_id)
    words = text_of(data, "words")

    def answer() -> bool:
        if patient_id is None:
            raise NotAllowed("We do not know who wrote this; it cannot be answered here.")
        now = desk.now()
        key = text_of(data, "key")
        by = writer_of(request, data)
        queued = patient_care.write_text(desk.clinic, patient_id, words, key=key, by=by, now=now)
        if text_of(data, "close") and not inbox.is_call(desk.clinic, item_id):
            inbox.close(desk.clinic, item_id, staff_id=me, now=now)
        else:
            inbox.assign(desk.clinic, item_id, staff_id=me, now=now)
        return queued

    return carry_out(
        request,
        answer,
        then=lambda queued: back_to("/inbox", done="sent" if queued else "sent_before"),
        refused=partial(_page, request),
    )


def _done(request: Asked, act: Callable[[], None], done: str) -> Answer:
    then = back_to("/inbox", done=done)
    return carry_out(request, act, then=then, refused=partial(_page, request))


def _page(request: Asked, *, refused: NotAllowed | None = None) -> Answer:
    desk = desk_of(request)
    day = inbox.look_at(
        desk.clinic,
        desk.directory.entries(),
        with_words=True,
        with_scores=visitor_of(request).may(Right.SEE_SCORES),
        by=visitor_of(request).actor,
        now=desk.now(),
    )
    return page(
        request,
        "inbox.html",
        refused=refused,
        day=day,
        key=form_keys.give(desk.clinic, visitor_of(request).staff_id),
        undo=request.query_params.get("undo", ""),
    )


HANDLERS = [
    inbox_page,
    paper_page,
    write_hand_over,
    assign_item,
    unassign_item,
    close_item,
    reopen_item,
    answer_item,
]
