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
from bot.services import alert_acts, alert_pages

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
        )

    return act_on(request, alert_id, note, "contact")


@post("/alerts/{alert_id:str}/close", opt=WRITES)
@off_loop
def close_alert(request: Asked, alert_id: FromPath[str], data: Form) -> Answer:
    """Close it with its outcome."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    words, chosen = text_of(data, "words"), text_of(data, "disposition")
    verdict = text_of(data, "verdict")

    def close() -> None:
        if chosen not in list(Disposition):
            raise NotAllowed("Choose an outcome.")
        if verdict not in list(Verdict):
            raise NotAllowed("Say whether the alert was right.")
        alert_acts.close(
            desk.clinic,
            alert_id,
            disposition=Disposition(chosen),
            verdict=Verdict(verdict),
            words=words,
            staff_id=me,
            now=desk.now(),
        )

    # Only an outcome closes: to say "closed" of an alert that goes on would be a lie.
    awaits = chosen in list(Disposition) and Disposition(chosen).awaits_outcome
    done = "awaits" if awaits else "closed"
    return act_on(request, alert_id, close, done)


@post("/alerts/{alert_id:str}/outcome", opt=WRITES)
@off_loop
def record_outcome(request: Asked, alert_id: FromPath[str], data: Form) -> Answer:
    """What came of sending somebody to her."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    words, chosen = text_of(data, "words"), text_of(data, "outcome")

    def note() -> None:
        if chosen not in list(Outcome):
            raise NotAllowed("Choose what came of it.")
        alert_acts.record_outcome(
            desk.clinic,
            alert_id,
            outcome=Outcome(chosen),
            words=words,
            staff_id=me,
            now=desk.now(),
        )

    done = "still_yours" if chosen == Outcome.NOT_FOUND else "outcome"
    return act_on(request, alert_id, note, done)


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
    )


HANDLERS = [
    alert_page,
    acknowledge_alert,
    take_over_alert,
    hand_back_alert,
    record_contact,
    close_alert,
    record_outcome,
    record_call,
]
