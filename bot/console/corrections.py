"""A closed alert whose closing was wrong: corrected, or opened again."""

from litestar import post
from litestar.params import FromPath

from bot.console.alerts import WRITES, act_on
from bot.console.desk import Answer, Asked, Form, desk_of, off_loop, text_of, visitor_of
from bot.core.alerts import Disposition, Verdict
from bot.errors import NotAllowed
from bot.services import corrections


@post("/alerts/{alert_id:str}/correct", opt=WRITES)
@off_loop
def correct_closing(request: Asked, alert_id: FromPath[str], data: Form) -> Answer:
    """It ended otherwise than was written."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    words, chosen = text_of(data, "words"), text_of(data, "disposition")
    verdict = text_of(data, "verdict")

    def correct() -> None:
        if chosen not in list(Disposition) or verdict not in list(Verdict):
            raise NotAllowed("Choose how it ended, and whether the alert was right.")
        corrections.correct(
            desk.clinic,
            alert_id,
            disposition=Disposition(chosen),
            verdict=Verdict(verdict),
            words=words,
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


HANDLERS = [correct_closing, reopen_alert]
