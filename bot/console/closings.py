"""How an alert ends: with its outcome; and what is done when that was written down wrong."""

from collections.abc import Mapping
from typing import Any

from litestar import post
from litestar.params import FromPath

from bot.console.alerts import WRITES, act_on
from bot.console.desk import Answer, Asked, Form, desk_of, off_loop, text_of, visitor_of
from bot.core.alerts import Disposition, Outcome, Verdict
from bot.errors import NotAllowed
from bot.services import alert_acts, corrections


@post("/alerts/{alert_id:str}/close", opt=WRITES)
@off_loop
def close_alert(request: Asked, alert_id: FromPath[str], data: Form) -> Answer:
    """Close it with its outcome."""
    desk, me = desk_of(request), visitor_of(request).staff_id

    def close() -> None:
        disposition, verdict = _ending(data)
        alert_acts.close(
            desk.clinic,
            alert_id,
            disposition=disposition,
            verdict=verdict,
            words=text_of(data, "words"),
            staff_id=me,
            now=desk.now(),
        )

    # Only an outcome closes: to say "closed" of an alert that goes on would be a lie.
    chosen = text_of(data, "disposition")
    awaits = chosen in list(Disposition) and Disposition(chosen).awaits_outcome
    done = "awaits" if awaits else "closed"
    return act_on(request, alert_id, close, done)


@post("/alerts/{alert_id:str}/outcome", opt=WRITES)
@off_loop
def record_outcome(request: Asked, alert_id: FromPath[str], data: Form) -> Answer:
    """What came of sending somebody to her."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    chosen = text_of(data, "outcome")

    def note() -> None:
        if chosen not in list(Outcome):
            raise NotAllowed("Choose what came of it.")
        alert_acts.record_outcome(
            desk.clinic,
            alert_id,
            outcome=Outcome(chosen),
            words=text_of(data, "words"),
            staff_id=me,
            now=desk.now(),
        )

    done = "still_yours" if chosen == Outcome.NOT_FOUND else "outcome"
    return act_on(request, alert_id, note, done)


@post("/alerts/{alert_id:str}/correct", opt=WRITES)
@off_loop
def correct_closing(request: Asked, alert_id: FromPath[str], data: Form) -> Answer:
    """It ended otherwise than was written."""
    desk, me = desk_of(request), visitor_of(request).staff_id

    def correct() -> None:
        disposition, verdict = _ending(data)
        corrections.correct(
            desk.clinic,
            alert_id,
            disposition=disposition,
            verdict=verdict,
            words=text_of(data, "words"),
            staff_id=me,
            now=desk.now(),
        )

    return act_on(request, alert_id, correct, "corrected")


@post("/alerts/{alert_id:str}/reopen", opt=WRITES)
@off_loop
def reopen_alert(request: Asked, alert_id: FromPath[str], data: Form) -> Answer:
    """It is not over."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    words = text_of(data, "words")
    return act_on(
        request,
        alert_id,
        lambda: corrections.reopen(desk.clinic, alert_id, words, staff_id=me, now=desk.now()),
        "reopened",
    )


def _ending(form: Mapping[str, Any]) -> tuple[Disposition, Verdict]:
    """How it ended, and whether the alert was right: no alert ends without both.

    :raises NotAllowed: one of them was not chosen.
    """
    disposition, verdict = text_of(form, "disposition"), text_of(form, "verdict")
    if disposition not in list(Disposition):
        raise NotAllowed("Choose an outcome.")
    if verdict not in list(Verdict):
        raise NotAllowed("Say whether the alert was right.")
    return Disposition(disposition), Verdict(verdict)


HANDLERS = [close_alert, record_outcome, correct_closing, reopen_alert]
