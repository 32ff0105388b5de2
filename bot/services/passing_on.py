"""BACK and PASS by text: whoever has an alert, or is being paged about it now, moves it on.

Nobody else does: the person who was paged last keeps the time that the policy gives.
"""

from bot.core.alerts import AlertStatus
from bot.services import escalation, holders, meant_alerts, mine, staff_answers, taken_in_words
from bot.services.arrival import Arrival
from bot.storage import alerts as stored
from bot.storage import people, sealing
from bot.storage.tables import Alert, Staff


def back(case: Arrival, staff: Staff, code: str | None) -> None:
    """Hand it back, or pass it on before anybody took it: the next person is paged either way.

    Without a code, and with nothing taken since MINE, it is the call that goes back.
    """
    clinic, db, now = case.clinic, case.db, case.now
    if code is None and mine.was_last_taken(db, staff, now=now):
        text_id, values = mine.give_back(clinic, db, staff, now=now)
        staff_answers.say_in(case, staff, text_id, values)
        return
    alert = meant_alerts.by_code(case, staff, code) if code else _without_code(case, staff)
    if alert is None:
        return
    values = {"code": alert.code}
    if alert.status == AlertStatus.OPEN and not is_being_paged(case, alert, staff):
        _say_who_is_paged(case, alert, staff)
    elif alert.status == AlertStatus.OPEN:
        escalation.pass_on(clinic, db, alert, staff_id=staff.id, now=now)
        staff_answers.say_in(case, staff, "pass_done", values, alert=alert)
    elif alert.acknowledged_by == staff.id:
        holders.hand_back(clinic, db, alert, by=f"staff:{staff.id}", now=now)
        staff_answers.say_in(case, staff, "back_done", values, alert=alert)
    else:
        values["name"] = meant_alerts.holder_name(db, alert, staff)
        staff_answers.say_in(case, staff, "back_not_yours", values, alert=alert)


def is_being_paged(case: Arrival, alert: Alert, staff: Staff) -> bool:
    """Is this person among those who were paged last, and nobody since?"""
    sent = stored.list_pages(case.db, alert.id)
    return any(page.staff_id == staff.id and page.round == alert.rounds for page in sent)


def _without_code(case: Arrival, staff: Staff) -> Alert | None:
    """What he has, else what he is paged about, else what he may have meant."""
    waiting = meant_alerts.open_ones(case, staff)
    meant = (
        meant_alerts.held_by(case, staff)
        or [alert for alert in waiting if is_being_paged(case, alert, staff)]
        or waiting
        or taken_in_words.pageable(case.db, staff)
    )
    return meant_alerts.the_one(case, meant, staff, "back_list")


def _say_who_is_paged(case: Arrival, alert: Alert, staff: Staff) -> None:
    """It is not this person's to pass on: who is being paged, and how to take it all the same."""
    db = case.db
    last = [page for page in stored.list_pages(db, alert.id) if page.round == alert.rounds]
    paged = dict.fromkeys(page.staff_id for page in last)
    names = [sealing.get(db, people.get_staff(db, one), "name") for one in paged if one]
    if not last:
        values = {"code": alert.code}
        staff_answers.say_in(case, staff, "back_not_paged", values, alert=alert)
        return
    # More names than these do not fit into two segments; nobody in particular picks up there.
    values = {"code": alert.code, "name": ", ".join(names[:3]) or "the practice"}
    staff_answers.say_in(case, staff, "back_being_paged", values, alert=alert)
