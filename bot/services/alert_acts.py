"""What a person does about an alert in the console: take it, give it back, close it.

The verbs are those of ``bot.services.alerts`` and ``closing``; this module finds the alert by its
id and says in a sentence why something cannot be done.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import AlertStatus, Disposition, Outcome, Verdict
from bot.errors import NotAllowed, NotFound
from bot.services import closing, follow_ups, form_keys, holders, notes, own_phone
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage import care, people, sealing
from bot.storage.tables import Alert


def acknowledge(clinic: Clinic, alert_id: str, *, staff_id: str, now: datetime) -> None:
    """This person has the alert: pages stop. Pressed twice, it is theirs all the same.

    :raises NotAllowed: somebody else has it, or it is closed.
    """
    with clinic.db.transaction() as db:
        alert = _locked(db, alert_id)
        own_phone.refuse(db, alert, staff_id)
        if alert.status == AlertStatus.ACKNOWLEDGED and alert.acknowledged_by == staff_id:
            return
        if alert.status != AlertStatus.OPEN:
            raise NotAllowed(_whose(db, alert))
        holders.acknowledge(clinic, db, alert, staff_id=staff_id, now=now)


def take_over(clinic: Clinic, alert_id: str, *, staff_id: str, now: datetime) -> None:
    """This person has it now, whoever had it before.

    :raises NotAllowed: it is closed.
    """
    with clinic.db.transaction() as db:
        alert = _locked(db, alert_id)
        own_phone.refuse(db, alert, staff_id)
        if alert.status == AlertStatus.RESOLVED:
            raise NotAllowed(_whose(db, alert))
        if alert.status == AlertStatus.ACKNOWLEDGED:
            if alert.acknowledged_by == staff_id:
                return
            by = f"staff:{staff_id}"
            holders.hand_back(clinic, db, alert, by=by, now=now, verb="take_over")
        holders.acknowledge(clinic, db, alert, staff_id=staff_id, now=now)


def hand_back(clinic: Clinic, alert_id: str, *, staff_id: str, now: datetime) -> None:
    """This person no longer has it: it pages again, from the first step.

    :raises NotAllowed: it is not theirs.
    """
    with clinic.db.transaction() as db:
        alert = _locked(db, alert_id)
        if alert.status != AlertStatus.ACKNOWLEDGED or alert.acknowledged_by != staff_id:
            raise NotAllowed(_whose(db, alert))
        holders.hand_back(clinic, db, alert, by=f"staff:{staff_id}", now=now)


def record_contact(
    clinic: Clinic,
    alert_id: str,
    words: str,
    *,
    reached: bool,
    staff_id: str,
    now: datetime,
    key: str = "",
) -> None:
    """What was tried or said so far; the alert stays with this person for another while.

    :param key: of the form that was filled in (``form_keys``): sent twice, it is one contact.
    :raises NotAllowed: it is not theirs, or there is no note.
    """
    code = _code_of_mine(clinic, alert_id, words, staff_id=staff_id)
    closing.record_contact(
        clinic,
        code=code,
        by=f"staff:{staff_id}",
        staff_id=staff_id,
        reached=reached,
        note=words,
        now=now,
        entry=form_keys.entry_of(clinic, staff_id, key, alert_id, str(reached), words.strip()),
    )


def close(
    clinic: Clinic,
    alert_id: str,
    *,
    disposition: Disposition,
    verdict: Verdict,
    words: str,
    staff_id: str,
    now: datetime,
) -> None:
    """Say how it ended and what was done; where somebody was only sent to her, it stays owned.

    :raises NotAllowed: it is not theirs, or there is no note. Who looked at a stale page must not
        close what a colleague has taken over meanwhile.
    """
    closing.resolve(
        clinic,
        code=_code_of_mine(clinic, alert_id, words, staff_id=staff_id),
        by=f"staff:{staff_id}",
        staff_id=staff_id,
        disposition=disposition,
        verdict=verdict,
        note=words,
        now=now,
    )


def record_outcome(
    clinic: Clinic,
    alert_id: str,
    *,
    outcome: Outcome,
    words: str,
    staff_id: str,
    now: datetime,
) -> None:
    """What came of sending somebody to her.

    :raises NotAllowed: it is not theirs, nobody was sent to her, or there is no note.
    """
    closing.record_outcome(
        clinic,
        code=_code_of_mine(clinic, alert_id, words, staff_id=staff_id),
        by=f"staff:{staff_id}",
        staff_id=staff_id,
        outcome=outcome,
        note=words,
        now=now,
    )


def record_call(
    clinic: Clinic,
    alert_id: str,
    item_id: str,
    words: str,
    *,
    reached: bool,
    staff_id: str,
    now: datetime,
    key: str = "",
) -> None:
    """A follow-up call after this alert: made, or tried and due again.

    :param key: of the form that was filled in (``form_keys``): sent twice, it is one call.
    :raises NotFound: no such call is planned after this alert.
    :raises NotAllowed: it was made already, or there is no note.
    """
    words = notes.check(words)
    with clinic.db.reading() as db:
        if stored.alert_of_item(db, item_id) != alert_id:
            raise NotFound("no such follow-up call")
        own_phone.refuse(db, _found(db, alert_id), staff_id)
    follow_ups.record_call(
        clinic,
        item_id,
        by=f"staff:{staff_id}",
        staff_id=staff_id,
        reached=reached,
        note=words,
        now=now,
        entry=form_keys.entry_of(clinic, staff_id, key, item_id, str(reached), words),
    )


def _code_of_mine(clinic: Clinic, alert_id: str, words: str, *, staff_id: str) -> str:
    notes.check(words)
    with clinic.db.reading() as db:
        alert = _found(db, alert_id)
        own_phone.refuse(db, alert, staff_id)
        if alert.status != AlertStatus.ACKNOWLEDGED or alert.acknowledged_by != staff_id:
            raise NotAllowed(_whose(db, alert))
        return alert.code


def hand_back_all_of(clinic: Clinic, db: Session, staff_id: str, *, by: str, now: datetime) -> int:
    """Somebody leaves: every alert that this person has pages again; how many there were."""
    theirs = [alert.id for alert in stored.list_unresolved(db) if alert.acknowledged_by == staff_id]
    for alert_id in theirs:
        holders.hand_back(clinic, db, _locked(db, alert_id), by=by, now=now)
    return len(theirs)


def _locked(db: Session, alert_id: str) -> Alert:
    """This alert for this transaction alone; her conversation first, as everywhere."""
    found = _found(db, alert_id)
    if found.patient_id is not None:
        care.conversation_of(db, found.patient_id)
    return stored.lock(db, alert_id)


def _found(db: Session, alert_id: str) -> Alert:
    found = db.get(Alert, alert_id)
    if found is None:
        raise NotFound("no such alert")
    return found


def _whose(db: Session, alert: Alert) -> str:
    if alert.status == AlertStatus.RESOLVED:
        return f"{alert.code} is closed already."
    if alert.acknowledged_by is None:
        return f"Nobody has {alert.code}. Acknowledge it first."
    holder = people.get_staff(db, alert.acknowledged_by)
    return f"{sealing.get(db, holder, 'name')} has {alert.code}."
