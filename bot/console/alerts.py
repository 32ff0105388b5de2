"""One alert: what she said, why it was flagged, who was paged, and what is done about it."""

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
)
from bot.console.doors import needs
from bot.core.alerts import Disposition, Outcome, Verdict
from bot.core.rights import Right
from bot.errors import NotAllowed
from bot.services import alert_acts, alert_pages, form_keys

# Forms with words: they are kept when the login has ended.
WRITES = needs(Right.TAKE_ALERTS, keeps="/alerts/{alert_id}")


@get("/alerts/{alert_id:str}", opt=needs(Right.SEE_ALERTS))
@off_loop
def alert_page(request: Asked, alert_id: FromPath[str]) -> Answer:
    """One alert in full."""
    return _page(request, alert_id)


@post("/alerts/{alert_id:str}/acknowledge", opt=needs(Right.TAKE_ALERTS))
@off_loop
def acknowledge_alert(request: Asked, alert_id: FromPath[str]) -> Answer:
    """It is mine: pages stop."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    return act_on(
        request,
        alert_id,
        lambda: alert_acts.acknowledge(desk.clinic, alert_id, staff_id=me, now=desk.now()),
        "acknowledged",
    )


@post("/alerts/{alert_id:str}/take-over", opt=needs(Right.TAKE_ALERTS))
@off_loop
def take_over_alert(request: Asked, alert_id: FromPath[str]) -> Answer:
    """It is mine, whoever had it."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    return act_on(
        request,
        alert_id,
        lambda: alert_acts.take_over(desk.clinic, alert_id, staff_id=me, now=desk.now()),
        "acknowledged",
    )


@post("/alerts/{alert_id:str}/hand-back", opt=needs(Right.TAKE_ALERTS))
@off_loop
def hand_back_alert(request: Asked, alert_id: FromPath[str]) -> Answer:
    """I no longer have it: it pages again."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    return act_on(
        request,
        alert_id,
        lambda: alert_acts.hand_back(desk.clinic, alert_id, staff_id=me, now=desk.now()),
        "handed_back",
    )


@post("/alerts/{alert_id:str}/contact", opt=WRITES)
@off_loop
def record_contact(request: Asked, alert_id: FromPath[str], data: Form) -> Answer:
    """What was tried so far."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    words, reached = text_of(data, "words"), text_of(data, "reached")

    def note() -> None:
        alert_acts.record_contact(
            desk.clinic,
            alert_id,
            words,
            reached=_yes_or_no(reached),
            staff_id=me,
            now=desk.now(),
            key=text_of(data, "key"),
        )

    return act_on(request, alert_id, note, "contact")


@post("/alerts/{alert_id:str}/calls/{item_id:str}", opt=WRITES)
@off_loop
def record_call(
    request: Asked, alert_id: FromPath[str], item_id: FromPath[str], data: Form
) -> Answer:
    """A follow-up call was made, or tried."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    words, reached = text_of(data, "words"), text_of(data, "reached")

    def note() -> None:
        alert_acts.record_call(
            desk.clinic,
            alert_id,
            item_id,
            words,
            reached=_yes_or_no(reached),
            staff_id=me,
            now=desk.now(),
            key=text_of(data, "key"),
        )

    return act_on(request, alert_id, note, "called")


def _yes_or_no(reached: str) -> bool:
    if reached not in ("yes", "no"):
        raise NotAllowed("Say whether you reached her.")
    return reached == "yes"


def act_on(request: Asked, alert_id: str, act: Callable[[], None], done: str) -> Answer:
    """Do it, and show the alert; refused, the page says why and keeps what was written."""
    then = back_to(f"/alerts/{alert_id}", done=done)
    return carry_out(request, act, then=then, refused=partial(_page, request, alert_id))


def _page(request: Asked, alert_id: str, *, refused: NotAllowed | None = None) -> Answer:
    desk, visitor = desk_of(request), visitor_of(request)
    full = alert_pages.look_at(
        desk.clinic,
        alert_id,
        desk.directory.entries(),
        with_scores=visitor.may(Right.SEE_SCORES),
        with_number=visitor.may(Right.TAKE_ALERTS),
        by=visitor.actor,
        now=desk.now(),
    )
    return page(
        request,
        "alert.html",
        refused=refused,
        alert=full,
        dispositions=list(Disposition),
        verdicts=list(Verdict),
        outcomes=list(Outcome),
        key=form_keys.give(desk.clinic, visitor.staff_id),
    )


HANDLERS = [
    alert_page,
    acknowledge_alert,
    take_over_alert,
    hand_back_alert,
    record_contact,
    record_call,
]
