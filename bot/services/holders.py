"""Who has an alert: takes it, hears of her new words, and gives it back.

An acknowledgement is worth what its holder can hear. A phone that said STOP is rung. Whoever cannot
be told of her new words in any way, or notes no call for too long while she waits, has the alert no
more: others are paged at once.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus, check_transition, outcome_is_awaited
from bot.core.calls import spelled
from bot.core.escalation import PageChannel
from bot.core.levels import Level
from bot.core.messages import Lane
from bot.services import escalation, outbox, own_phone, reach, read_along, stood_down
from bot.services.clinic import Clinic
from bot.storage import people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert

NEW_WORDS, WANTS_CALL, WAITS = "page_new_words", "page_wants_call", "page_waits"
# A danger of another kind than the one that was paged.
NEW_DANGER = "page_new_danger"
# It happened again, or was told again, while somebody has the alert.
DANGER_AGAIN = "page_danger_again"
# She does not say whether it is safe to text.
SILENT = "page_silent"
# What a phone that said STOP is rung with instead.
ALOUD = "voice_new_words"
# What tells a holder of her words; an alert whose holder does not get them goes on.
ABOUT_HER_WORDS = frozenset({NEW_WORDS, WANTS_CALL, WAITS, NEW_DANGER, DANGER_AGAIN, SILENT, ALOUD})
# Of her new words, but not of every one.
_TOLD_EVERY = timedelta(minutes=10)


def acknowledge(clinic: Clinic, db: Session, alert: Alert, *, staff_id: str, now: datetime) -> None:
    """This person has the alert: pages stop.

    :raises InvalidTransition: it is acknowledged or resolved already.
    :raises NotAllowed: it is about this person's own phone.
    """
    own_phone.refuse(db, alert, staff_id)
    check_transition(AlertStatus(alert.status), AlertStatus.ACKNOWLEDGED)
    alert.status = AlertStatus.ACKNOWLEDGED
    alert.acknowledged_at, alert.acknowledged_by = now, staff_id
    alert.first_acknowledged_at = alert.first_acknowledged_at or now
    # An acknowledgement that nobody follows up goes stale (S3).
    alert.next_step_at = now + escalation.policy_of(alert).stale_after
    if outcome_is_awaited(alert.disposition, alert.outcome):
        # Who takes it next must ask where she is, and sooner than who has just sent somebody.
        alert.outcome_due_at = alert.next_step_at
    record(db, Audit(f"staff:{staff_id}", "acknowledge", f"alert:{alert.id}"), now=now)
    stood_down.tell(clinic, db, alert, taker=people.get_staff(db, staff_id), now=now)
    if clinic.protocol.safety.say_who_calls:
        _say_who_calls(clinic, db, alert, staff_id=staff_id, now=now)


def hand_back(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    *,
    by: str,
    now: datetime,
    verb: str = "hand_back",
) -> None:
    """Nobody has the alert any more: the ladder starts again.

    :param by: ``staff:ID``, or ``system`` when the acknowledgement went stale.
    :param verb: what goes on record: a colleague who takes it over hands nothing back.
    """
    check_transition(AlertStatus(alert.status), AlertStatus.OPEN)
    alert.status = AlertStatus.OPEN
    alert.acknowledged_at = alert.acknowledged_by = alert.outcome_due_at = None
    # A watch alert pages nobody, and a same-day one waits for staffed hours, the second time too.
    alert.steps_taken = 0
    kind, _, staff_id = by.partition(":")
    if kind == "staff":
        alert.steps_taken = escalation.steps_without(clinic, db, alert, staff_id, now=now)
    alert.next_step_at = escalation.first_step_at(clinic, db, alert, now=now)
    record(db, Audit(by, verb, f"alert:{alert.id}"), now=now)


def tell(
    clinic: Clinic,
    db: Session,
    alert: Alert,
    *,
    now: datetime,
    text_id: str = NEW_WORDS,
    once: str | None = None,
    ring_as_often: bool = True,
) -> None:
    """Tell the person who has the alert that she wrote again; at most every ten minutes.

    :param text_id: what is said; that she wants a call is said beside that she wrote.
    :param once: what it is said once about, instead of every ten minutes.
    :param ring_as_often: a phone that said STOP is rung for each of these too.
    """
    if alert.acknowledged_by is None or alert.level == Level.WATCH:
        return
    staff = people.get_staff(db, alert.acknowledged_by)
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id=text_id,
            key=f"{text_id}:{alert.id}:{staff.id}:{once or _slot(now)}",
            lane=Lane.PAGE,
            values={"code": alert.code, "level": alert.level},
            alert_id=alert.id,
            despite_opt_out=True,
        ),
        outbox.to_staff(db, staff),
        now=now,
    )
    if reach.takes_no_texts(db, staff):
        phone_takes_no_texts(clinic, db, alert, now=now, once=once if ring_as_often else None)


def phone_takes_no_texts(
    clinic: Clinic, db: Session, alert: Alert, *, now: datetime, once: str | None = None
) -> None:
    """Whoever has the alert said STOP: the phone rings; in an emergency others are paged beside.

    :param once: what it is said once about, instead of every ten minutes.
    """
    if alert.level == Level.EMERGENCY:
        # A life at risk does not wait for one call to be heard.
        not_told(clinic, db, alert, because=reach.OPTED_OUT, now=now)
    else:
        _ring(clinic, db, alert, now=now, once=once)


def _ring(
    clinic: Clinic, db: Session, alert: Alert, *, now: datetime, once: str | None = None
) -> None:
    """Whoever has the alert gets no texts: the phone rings with it, and the alert stays theirs.

    Only a call that nobody hears gives it to others. Nobody is woken about a same-day alert.
    """
    assert alert.acknowledged_by is not None  # somebody has it
    staff = people.get_staff(db, alert.acknowledged_by)
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id=ALOUD,
            key=f"{ALOUD}:{alert.id}:{staff.id}:{once or _slot(now)}",
            lane=Lane.PAGE,
            values={"spelled_code": spelled(alert.code)},
            send_after=escalation.next_page_at(clinic, db, alert, now=now),
            alert_id=alert.id,
            despite_opt_out=True,
        ),
        replace(outbox.to_staff(db, staff), channel=PageChannel.VOICE),
        now=now,
    )


def _slot(now: datetime) -> str:
    return str(int(now.timestamp() // _TOLD_EVERY.total_seconds()))


def not_told(clinic: Clinic, db: Session, alert: Alert, *, because: str, now: datetime) -> None:
    """Whoever has this alert does not hear of her words: it is open again, and goes on at once.

    :param because: a word of ours, such as ``opted_out``.
    """
    details = {"staff": alert.acknowledged_by, "because": because}
    record(db, Audit("carrier", "holder_not_told", f"alert:{alert.id}", details), now=now)
    _go_on(clinic, db, alert, now=now)


def held_too_long(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> None:
    """She waits, and its holder has noted no call: it is open again, and goes on at once."""
    details = {"staff": alert.acknowledged_by}
    record(db, Audit("system", "no_call_noted", f"alert:{alert.id}", details), now=now)
    _go_on(clinic, db, alert, now=now)


def _go_on(clinic: Clinic, db: Session, alert: Alert, *, now: datetime) -> None:
    """The next person is paged, and the one who had it beside: by call, where texts fail."""
    assert alert.acknowledged_by is not None  # somebody has it
    holder = people.get_staff(db, alert.acknowledged_by)
    hand_back(clinic, db, alert, by="system", now=now)
    alert.steps_taken = escalation.steps_without(clinic, db, alert, holder.id, now=now)
    if alert.last_contact_at is not None:
        # Somebody did call her: she is not told that nobody has.
        alert.patient_told_at = alert.patient_told_at or now
    if escalation.is_due(alert, now):
        escalation.take_step(clinic, db, alert, now=now, text_id="page_reopened")
        escalation.page_besides(clinic, db, alert, holder, now=now)


def _say_who_calls(
    clinic: Clinic, db: Session, alert: Alert, *, staff_id: str, now: datetime
) -> None:
    """Her clinician's name, where the clinic wants it said; never where a partner may read it."""
    urgent = Level(alert.level).at_least(Level.URGENT)
    if alert.patient_id is None or not urgent:
        return
    if alert.patient_id in read_along.phones(db, [alert.patient_id]):
        return
    outbox.queue(
        clinic,
        db,
        outbox.Text(
            id="alert_taken",
            key=f"alert_taken:{alert.id}:{staff_id}",
            lane=Lane.CRISIS,
            values={"name": sealing.get(db, people.get_staff(db, staff_id), "name")},
            alert_id=alert.id,
        ),
        outbox.to_patient(db, people.get_patient(db, alert.patient_id)),
        now=now,
    )
