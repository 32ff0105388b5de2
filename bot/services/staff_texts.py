"""What clinicians text back: ACK takes an alert, BACK hands it back, PASS passes it on, WHO and
MINE are about the call. Everything else is screened; plain words may take the one open alert, the
rest gets help.
"""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.core.acks import Ack, read_ack
from bot.core.alerts import AlertStatus
from bot.core.levels import Level
from bot.core.messages import InboundText, Lane
from bot.core.opt_out import OptOutKind, read_opt_out
from bot.core.rota import Duty, StaffRole
from bot.core.spoken_language import languages_of
from bot.core.takes_it import takes_it
from bot.services import (
    alerts,
    holders,
    limits,
    meant_alerts,
    mine,
    passing_on,
    reach,
    rota,
    screening,
    staff_answers,
    taken_in_words,
)
from bot.services.arrival import Arrival
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, Staff

# What is not understood is answered with one of these.
_NOT_TAKEN = frozenset({"staff_unknown_command", "staff_unknown_open"})
_CODE = r"([a-z]\s?\d{1,4})"
_END = r"\W*$"
_BACK = re.compile(rf"^\W*(?:hand\s+)?back\b[\s:#-]*{_CODE}?{_END}", re.IGNORECASE)
_PASS = re.compile(rf"^\W*pass(?:\s+on)?\b[\s:#-]*{_CODE}?{_END}", re.IGNORECASE)
_DONE = re.compile(
    rf"^\W*(?:done|resolved?|closed?)\b[\s:#-]*(?:([a-z]\d{{1,4}})\b.*|){_END}",
    re.IGNORECASE | re.DOTALL,
)
_WHO = re.compile(rf"^\W*who(?:\s+is|'s)?(?:\s+on\s+call)?{_END}", re.IGNORECASE)
_MINE = re.compile(rf"^\W*mine{_END}", re.IGNORECASE)
_HELP = re.compile(r"^\W*(?:help|info|\?)\W*$", re.IGNORECASE)
# The carrier's answer to HELP says "Reply CALL" to everybody, colleagues too.
_CALL = re.compile(rf"^\W*(?:call(?:\s+me)?|llamar|ll[aá]me(?:me)?){_END}", re.IGNORECASE)


def receive(case: Arrival, staff: Staff) -> None:
    """Carry out a command from a member of staff; else look for danger, then for plain words."""
    if _is_about_texts(case, staff):
        return
    said = read_ack(case.text.body) if staff.role == StaffRole.CLINICIAN else None
    if said is not None and not said.more:
        _acknowledge(case, staff, said)
        return
    if _carried_out(case, staff):
        return
    if _in_danger(case, staff):
        if said is not None:
            # Perhaps he writes of her danger. What is unclear takes nothing, and says so.
            _not_taken(case, staff)
    elif said is not None:
        _acknowledge(case, staff, said)
    elif not (staff.role == StaffRole.CLINICIAN and _in_other_words(case, staff)):
        _not_understood(case, staff)


def _carried_out(case: Arrival, staff: Staff) -> bool:
    """A command beside ACK; whether it was one."""
    body, is_clinician = case.text.body, staff.role == StaffRole.CLINICIAN
    for pattern, command, clinicians_only in _COMMANDS:
        found = pattern.match(body)
        if found and (is_clinician or not clinicians_only):
            code = found.group(1) if pattern.groups else None
            command(case, staff, re.sub(r"\s", "", code) if code else None)
            return True
    return False


def _in_danger(case: Arrival, staff: Staff) -> bool:
    """Staff are people: their words are screened like anybody's; whether there was danger.

    Whoever goes on writing of it is answered again, as often as anybody.
    """
    result = case.screening
    screening.note(case.row, result.signals)
    signals = [signal for signal in result.signals if signal.level != Level.WATCH]
    if not signals:
        return False
    about = alerts.About(case.row.phone_index)
    raised = alerts.raise_alert(
        case.clinic, case.db, about, signals, inbound_id=case.row.id, now=case.now
    )
    every = timedelta(minutes=case.clinic.protocol.safety.added_repeat_minutes)
    last = raised.alert.last_added_reply_at
    if raised.needs_own_reply or last is None or case.now - last >= every:
        raised.alert.last_added_reply_at = case.now
        for language in languages_of(case.text.body, own=case.language):
            staff_answers.say(
                case.clinic,
                case.db,
                case.row,
                staff,
                "crisis_staff",
                now=case.now,
                lane=Lane.CRISIS,
                language=language,
            )
    return True


def _not_understood(case: Arrival, staff: Staff) -> None:
    """Said that nothing was taken; a phone that answers by itself is answered no more for a while.

    Commands and danger are never braked.
    """
    verdict = limits.brake_staff(case, staff, answers=_NOT_TAKEN)
    if verdict == limits.Brake.FREE:
        _not_taken(case, staff)
    elif verdict == limits.Brake.STOPS_NOW:
        staff_answers.say_in(case, staff, "staff_loop_stopped")


def _not_taken(case: Arrival, staff: Staff) -> None:
    """Help that names the codes of what is open, so that the next text can take the right one."""
    meant = [*meant_alerts.open_ones(case, staff), *meant_alerts.held_by(case, staff)]
    if staff.role != StaffRole.CLINICIAN or not meant:
        staff_answers.say_in(case, staff, "staff_unknown_command")
        return
    values = {"list": meant_alerts.codes(meant)}
    staff_answers.say_in(case, staff, "staff_unknown_open", values)


def _in_other_words(case: Arrival, staff: Staff) -> bool:
    """DONE, or words that plainly take an alert; whether it was answered."""
    closing = _DONE.match(case.text.body)
    if closing:
        _done(case, staff, closing.group(1))
        return True
    said = takes_it(case.text.body)
    return said and taken_in_words.take(case.clinic, case.db, case.row, staff, now=case.now)


def _is_about_texts(case: Arrival, staff: Staff) -> bool:
    """STOP and START from a colleague's phone; whether it was one of them."""
    wish = _wish(case.text)
    if wish == OptOutKind.STOP:
        reach.lost(case.clinic, case.db, staff, now=case.now)
    elif wish == OptOutKind.START:
        reach.found_again(case.db, staff, now=case.now)
        staff_answers.say_in(case, staff, "staff_help")
    return wish in (OptOutKind.STOP, OptOutKind.START)


def _wish(text: InboundText) -> OptOutKind | None:
    """The carrier's own words, on which it has acted; free words of staff end nothing."""
    if text.opt_out_type is not None:
        return OptOutKind(text.opt_out_type.value.lower())
    wish = read_opt_out(text.body)
    return wish.kind if wish is not None and wish.exact else None


def _who(case: Arrival, staff: Staff, _code: str | None) -> None:
    clinic, db, now = case.clinic, case.db, case.now
    values = {
        "name": rota.name_on_duty(clinic, db, Duty.ON_CALL, now=now),
        "list": rota.name_on_duty(clinic, db, Duty.BACKUP, now=now),
    }
    alone = rota.is_own_backup(clinic, db, now=now)
    text_id = "who_on_call_alone" if alone else "who_on_call"
    staff_answers.say_in(case, staff, text_id, values)


def _mine(case: Arrival, staff: Staff, _code: str | None) -> None:
    clinic, db, now = case.clinic, case.db, case.now
    text_id, values = mine.answer(clinic, mine.take_over(clinic, db, staff, now=now))
    record(db, Audit(f"staff:{staff.id}", mine.BY_TEXT, f"staff:{staff.id}"), now=now)
    staff_answers.say_in(case, staff, text_id, values)
    waiting = meant_alerts.open_ones(case, staff)
    if waiting:
        # Whoever has the call has no alert by that; four letters may be meant so.
        values = {"code": _first(waiting).code, "list": meant_alerts.codes(waiting)}
        staff_answers.say_in(case, staff, "mine_open", values)


def _first(waiting: Sequence[Alert]) -> Alert:
    return max(waiting, key=lambda alert: Level(alert.level).rank)


def _acknowledge(case: Arrival, staff: Staff, said: Ack) -> None:
    """Take each of these, or the only one that is open; each gets an answer of its own."""
    for code in said.codes or [None]:
        if code is None:
            waiting = meant_alerts.open_ones(case, staff)
            alert = meant_alerts.the_one(case, waiting, staff, "ack_list")
        else:
            alert = meant_alerts.by_code(case, staff, code)
        if alert is not None:
            _take(case, staff, alert)


def _take(case: Arrival, staff: Staff, alert: Alert) -> None:
    values = {"code": alert.code}
    is_taken = alert.status == AlertStatus.ACKNOWLEDGED
    if is_taken and alert.acknowledged_by != staff.id:
        values["name"] = meant_alerts.holder_name(case.db, alert, staff)
        staff_answers.say_in(case, staff, "ack_taken", values, alert=alert)
    else:
        if not is_taken:
            holders.acknowledge(case.clinic, case.db, alert, staff_id=staff.id, now=case.now)
        staff_answers.say_in(case, staff, "ack_done", values, alert=alert)
    audit = Audit(f"staff:{staff.id}", "ack_text", f"inbound:{case.row.id}")
    record(case.db, audit, now=case.now)


def _done(case: Arrival, staff: Staff, code: str | None) -> None:
    """A phone can be lost, and an outcome needs a note: closing asks for the login."""
    if code is not None:
        alert = meant_alerts.by_code(case, staff, code)
    else:
        meant = meant_alerts.held_by(case, staff) or meant_alerts.open_ones(case, staff)
        alert = meant_alerts.the_one(case, meant, staff, "ack_list")
    if alert is not None:
        staff_answers.say_in(case, staff, "done_needs_login", {"code": alert.code}, alert=alert)


def _help(case: Arrival, staff: Staff, _code: str | None) -> None:
    staff_answers.say_in(case, staff, "staff_help")


def _call(case: Arrival, staff: Staff, _code: str | None) -> None:
    values = {"name": rota.name_on_duty(case.clinic, case.db, Duty.ON_CALL, now=case.now)}
    staff_answers.say_in(case, staff, "staff_call", values)


_Command = Callable[[Arrival, Staff, str | None], None]
# With whether only clinicians may; the first that fits is carried out.
_COMMANDS: tuple[tuple[re.Pattern[str], _Command, bool], ...] = (
    (_WHO, _who, False),
    (_BACK, passing_on.back, True),
    (_PASS, passing_on.back, True),
    (_MINE, _mine, True),
    (_HELP, _help, False),
    (_CALL, _call, False),
)
