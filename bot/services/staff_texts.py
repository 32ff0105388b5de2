"""What clinicians text back: ACK takes an alert, BACK hands it back, PASS passes it on, WHO and
MINE are about the call. Everything else is screened; plain words may take the one open alert, the
rest gets help.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus
from bot.core.levels import Level
from bot.core.messages import InboundText, Lane
from bot.core.opt_out import OptOutKind, read_opt_out
from bot.core.rota import Duty, StaffRole
from bot.core.takes_it import takes_it
from bot.services import (
    alerts,
    escalation,
    holders,
    mine,
    reach,
    rota,
    screening,
    staff_answers,
    taken_in_words,
)
from bot.services.arrival import Arrival
from bot.services.clinic import Clinic
from bot.storage import alerts as stored_alerts
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, InboundMessage, Staff

# So many fit into two segments with their levels.
_MOST_CODES = 8
_CODE = r"([a-z]\d{1,4})"
_END = r"\W*$"
_ACK = re.compile(rf"^\W*ack(?:nowledge)?\b[\s:#-]*{_CODE}?{_END}", re.IGNORECASE)
_CODE_ONLY = re.compile(rf"^\W*{_CODE}{_END}", re.IGNORECASE)
_BACK = re.compile(rf"^\W*(?:hand\s+)?back\b[\s:#-]*{_CODE}?{_END}", re.IGNORECASE)
_PASS = re.compile(rf"^\W*pass(?:\s+on)?\b[\s:#-]*{_CODE}?{_END}", re.IGNORECASE)
_DONE = re.compile(
    rf"^\W*(?:done|resolved?|closed?)\b[\s:#-]*(?:{_CODE}\b.*|){_END}", re.IGNORECASE | re.DOTALL
)
_WHO = re.compile(rf"^\W*who(?:\s+is|'s)?(?:\s+on\s+call)?{_END}", re.IGNORECASE)
_MINE = re.compile(rf"^\W*mine{_END}", re.IGNORECASE)
_HELP = re.compile(r"^\W*(help|info|\?)\W*$", re.IGNORECASE)


def receive(case: Arrival, staff: Staff) -> None:
    """Carry out a command from a member of staff."""
    clinic, db, row = case.clinic, case.db, case.row
    text, now = case.text, case.now
    if _is_about_texts(case, staff):
        return
    if _WHO.match(text.body):
        _who(clinic, db, row, staff, now=now)
        return
    if staff.role == StaffRole.CLINICIAN:
        for pattern, command in _COMMANDS:
            if found := pattern.match(text.body):
                code = found.group(1) if pattern.groups else None
                command(clinic, db, row, staff, code, now=now)
                return
    if _HELP.match(text.body):
        staff_answers.say(clinic, db, row, staff, "staff_help", now=now)
        return
    # Staff are people: their words are screened like anybody's.
    result = case.screening
    screening.note(row, result.signals)
    signals = [signal for signal in result.signals if signal.level != Level.WATCH]
    if signals:
        about = alerts.About(row.phone_index)
        raised = alerts.raise_alert(clinic, db, about, signals, inbound_id=row.id, now=now)
        if raised.needs_own_reply:
            staff_answers.say(
                clinic, db, row, staff, "crisis_unknown_sender", now=now, lane=Lane.CRISIS
            )
        return
    if not (staff.role == StaffRole.CLINICIAN and _in_other_words(case, staff)):
        _not_understood(case, staff)


def _not_understood(case: Arrival, staff: Staff) -> None:
    """Help that names the codes of what is open, so that the next text can take the right one."""
    clinic, db, row, now = case.clinic, case.db, case.row, case.now
    meant = [
        alert
        for alert in taken_in_words.pageable(db, staff)
        if alert.status == AlertStatus.OPEN or alert.acknowledged_by == staff.id
    ]
    if staff.role != StaffRole.CLINICIAN or not meant:
        staff_answers.say(clinic, db, row, staff, "staff_unknown_command", now=now)
        return
    values = {"list": _codes(meant)}
    staff_answers.say(clinic, db, row, staff, "staff_unknown_open", values, now=now)


def _in_other_words(case: Arrival, staff: Staff) -> bool:
    """DONE, or words that plainly take an alert; whether it was answered."""
    clinic, db, row, now = case.clinic, case.db, case.row, case.now
    closing = _DONE.match(case.text.body)
    if closing:
        _done(clinic, db, row, staff, closing.group(1), now=now)
        return True
    said = takes_it(case.text.body)
    return said and taken_in_words.take(clinic, db, row, staff, now=now)


def _is_about_texts(case: Arrival, staff: Staff) -> bool:
    """STOP and START from a colleague's phone; whether it was one of them."""
    wish = _wish(case.text)
    if wish == OptOutKind.STOP:
        reach.lost(case.clinic, case.db, staff, now=case.now)
    elif wish == OptOutKind.START:
        reach.found_again(case.db, staff, now=case.now)
        staff_answers.say(case.clinic, case.db, case.row, staff, "staff_help", now=case.now)
    return wish in (OptOutKind.STOP, OptOutKind.START)


def _wish(text: InboundText) -> OptOutKind | None:
    """The carrier's own words, on which it has acted; free words of staff end nothing."""
    if text.opt_out_type is not None:
        return OptOutKind(text.opt_out_type.value.lower())
    wish = read_opt_out(text.body)
    return wish.kind if wish is not None and wish.exact else None


def _who(clinic: Clinic, db: Session, row: InboundMessage, staff: Staff, *, now: datetime) -> None:
    values = {
        "name": rota.name_on_duty(clinic, db, Duty.ON_CALL, now=now),
        "list": rota.name_on_duty(clinic, db, Duty.BACKUP, now=now),
    }
    alone = rota.is_own_backup(clinic, db, now=now)
    text_id = "who_on_call_alone" if alone else "who_on_call"
    staff_answers.say(clinic, db, row, staff, text_id, values, now=now)


def _mine(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    _code: str | None,
    *,
    now: datetime,
) -> None:
    text_id, values = mine.answer(clinic, mine.take_over(clinic, db, staff, now=now))
    record(db, Audit(f"staff:{staff.id}", mine.BY_TEXT, f"staff:{staff.id}"), now=now)
    staff_answers.say(clinic, db, row, staff, text_id, values, now=now)
    waiting = [one for one in taken_in_words.pageable(db, staff) if one.status == AlertStatus.OPEN]
    if waiting:
        # Whoever has the call has no alert by that; four letters may be meant so.
        values = {"code": _first(waiting).code, "list": _codes(waiting)}
        staff_answers.say(clinic, db, row, staff, "mine_open", values, now=now)


def _first(waiting: Sequence[Alert]) -> Alert:
    return max(waiting, key=lambda alert: Level(alert.level).rank)


def _acknowledge(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    code: str | None,
    *,
    now: datetime,
) -> None:
    alert = _meant(clinic, db, row, staff, code, mine=False, now=now)
    if alert is None:
        return
    if alert.status == AlertStatus.ACKNOWLEDGED:
        values = {"code": alert.code, "name": _holder_name(db, alert, staff)}
        staff_answers.say(clinic, db, row, staff, "ack_taken", values, alert=alert, now=now)
    else:
        holders.acknowledge(clinic, db, alert, staff_id=staff.id, now=now)
        values = {"code": alert.code}
        staff_answers.say(clinic, db, row, staff, "ack_done", values, alert=alert, now=now)
    record(db, Audit(f"staff:{staff.id}", "ack_text", f"inbound:{row.id}"), now=now)


def _back(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    code: str | None,
    *,
    now: datetime,
) -> None:
    """Hand it back, or pass it on before anybody took it: the next person is paged either way.

    Without a code, and with nothing taken since MINE, it is the call that goes back.
    """
    if code is None and mine.was_last_taken(db, staff, now=now):
        text_id, values = mine.give_back(clinic, db, staff, now=now)
        staff_answers.say(clinic, db, row, staff, text_id, values, now=now)
        return
    several = "back_list"
    alert = _meant(clinic, db, row, staff, code, mine=True, several=several, now=now)
    if alert is None:
        return
    values = {"code": alert.code}
    if alert.status == AlertStatus.OPEN:
        escalation.pass_on(clinic, db, alert, staff_id=staff.id, now=now)
        staff_answers.say(clinic, db, row, staff, "pass_done", values, alert=alert, now=now)
    elif alert.acknowledged_by == staff.id:
        holders.hand_back(clinic, db, alert, by=f"staff:{staff.id}", now=now)
        staff_answers.say(clinic, db, row, staff, "back_done", values, alert=alert, now=now)
    else:
        values["name"] = _holder_name(db, alert, staff)
        staff_answers.say(clinic, db, row, staff, "back_not_yours", values, alert=alert, now=now)


def _done(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    code: str | None,
    *,
    now: datetime,
) -> None:
    """A phone can be lost, and an outcome needs a note: closing asks for the login."""
    alert = _meant(clinic, db, row, staff, code, mine=True, now=now)
    if alert is not None:
        staff_answers.say(clinic, db, row, staff, "done_needs_login", {"code": alert.code}, now=now)


_Command = Callable[..., None]
_COMMANDS: tuple[tuple[re.Pattern[str], _Command], ...] = (
    (_ACK, _acknowledge),
    (_CODE_ONLY, _acknowledge),
    (_BACK, _back),
    (_PASS, _back),
    (_MINE, _mine),
)


def _meant(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    code: str | None,
    *,
    mine: bool,
    several: str = "ack_list",
    now: datetime,
) -> Alert | None:
    """The alert that a command is about, locked; none when that was answered with a question.

    :param mine: without a code, one that this person has comes before one that is open.
    :param several: the text that asks which of them is meant.
    """
    if code is not None:
        found = stored_alerts.find_by_code(db, code)
        if found is None:
            staff_answers.say(
                clinic, db, row, staff, "ack_unknown_code", {"code": code.upper()}, now=now
            )
        return alerts.locked(db, found.id) if found else None
    unresolved = taken_in_words.pageable(db, staff)
    held = [alert for alert in unresolved if mine and alert.acknowledged_by == staff.id]
    waiting = held or [alert for alert in unresolved if alert.status == AlertStatus.OPEN]
    if len(waiting) == 1:
        return alerts.locked(db, waiting[0].id)
    _list(clinic, db, row, staff, waiting, several=several, now=now)
    return None


def _holder_name(db: Session, alert: Alert, otherwise: Staff) -> str:
    holder = people.get_staff(db, alert.acknowledged_by) if alert.acknowledged_by else otherwise
    return sealing.get(db, holder, "name")


def _list(
    clinic: Clinic,
    db: Session,
    row: InboundMessage,
    staff: Staff,
    waiting: list[Alert],
    *,
    several: str,
    now: datetime,
) -> None:
    if not waiting:
        staff_answers.say(clinic, db, row, staff, "ack_nothing_open", now=now)
        return
    values = {"count": str(len(waiting)), "list": _codes(waiting)}
    staff_answers.say(clinic, db, row, staff, several, values, now=now)


def _codes(meant: Sequence[Alert]) -> str:
    """The codes with how pressing each is, the most pressing first: which one to take."""
    pressing = sorted(meant, key=lambda alert: -Level(alert.level).rank)
    return ", ".join(f"{alert.code} {alert.level}" for alert in pressing[:_MOST_CODES])
