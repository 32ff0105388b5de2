"""How an alert ends: contacts, outcome, the verdict on the screening, and what follows.

Only outcomes close (clinic rules, "Closing"): to have sent somebody to her is not yet one.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.core.alerts import (
    AlertStatus,
    Disposition,
    NoteKind,
    Outcome,
    SupportKind,
    Verdict,
    check_transition,
    outcome_is_awaited,
)
from bot.errors import NotAllowed, NotFound
from bot.services import (
    alerts,
    conversations,
    escalation,
    follow_ups,
    form_keys,
    own_phone,
    read_along,
    support,
)
from bot.services.clinic import Clinic
from bot.storage import alerts as stored
from bot.storage import care, people, sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import Alert, AlertNote


def resolve(
    clinic: Clinic,
    *,
    code: str,
    by: str,
    staff_id: str | None,
    disposition: Disposition,
    note: str,
    verdict: Verdict,
    now: datetime,
) -> None:
    """A named person says how the alert ended; where somebody was only sent to her, it stays owned.

    :param by: ``staff:ID`` or ``cli:NAME``.
    :param note: what was done, in her or his own words; kept sealed.
    :raises NotFound: no unresolved alert has this code.
    :raises InvalidTransition: nobody has acknowledged it yet.
    :raises NotAllowed: the note is empty, or nobody knows yet what came of sending somebody to her.
    """
    _need_words(note)
    with clinic.db.transaction() as db:
        alert = _acknowledged(db, code, staff_id)
        _need_outcome(alert, disposition)
        alert.disposition, alert.verdict = disposition, verdict
        alert.outcome = None
        _add_note(db, alert, NoteKind.DISPOSITION, note, staff_id=staff_id, now=now)
        details = {"disposition": disposition, "verdict": verdict}
        if disposition.awaits_outcome:
            _await_outcome(alert, now=now)
            record(db, Audit(by, "await_outcome", f"alert:{alert.id}", details), now=now)
        else:
            _close(clinic, db, alert, staff_id=staff_id, now=now)
            record(db, Audit(by, "resolve", f"alert:{alert.id}", details), now=now)


def record_outcome(
    clinic: Clinic,
    *,
    code: str,
    by: str,
    staff_id: str | None,
    outcome: Outcome,
    note: str,
    now: datetime,
) -> None:
    """What came of sending somebody to her; only "not found" leaves the alert with its owner.

    :raises NotFound: no unresolved alert has this code.
    :raises NotAllowed: nobody was sent to her, or the note is empty.
    """
    _need_words(note)
    with clinic.db.transaction() as db:
        alert = _acknowledged(db, code, staff_id)
        if alert.disposition is None or not Disposition(alert.disposition).awaits_outcome:
            raise NotAllowed("say first how it went: nobody was sent to her")
        alert.outcome = outcome
        _add_note(db, alert, NoteKind.OUTCOME, note, staff_id=staff_id, now=now)
        details = {"outcome": outcome}
        if outcome.closes:
            _close(clinic, db, alert, staff_id=staff_id, now=now)
        else:
            _await_outcome(alert, now=now)
        record(db, Audit(by, "record_outcome", f"alert:{alert.id}", details), now=now)


def record_contact(
    clinic: Clinic,
    *,
    code: str,
    by: str,
    staff_id: str | None,
    reached: bool,
    note: str,
    now: datetime,
    entry: str | None = None,
) -> None:
    """Somebody tried to reach her: whoever has the alert is at work, and it does not go stale.

    :param entry: names the form and its words (``form_keys``): sent twice, it is one contact.
    :raises NotFound: no unresolved alert has this code.
    :raises InvalidTransition: nobody has acknowledged it yet.
    """
    with clinic.db.transaction() as db:
        alert = _acknowledged(db, code, staff_id)
        if not form_keys.is_first(db, entry, now=now):
            return
        alert.last_contact_at = now
        policy = escalation.policy_of(alert)
        waits = policy.outcome_after if alert.outcome_due_at else policy.stale_after
        alert.next_step_at = now + waits
        if alert.outcome_due_at is not None:
            alert.outcome_due_at = alert.next_step_at
        _add_note(db, alert, NoteKind.CONTACT, note, staff_id=staff_id, reached=reached, now=now)
        details = {"reached": reached}
        record(db, Audit(by, "record_contact", f"alert:{alert.id}", details), now=now)


def _acknowledged(db: Session, code: str, staff_id: str | None) -> Alert:
    found = stored.find_by_code(db, code)
    if found is None:
        raise NotFound(f"no open alert {code}")
    alert = alerts.locked(db, found.id)
    own_phone.refuse(db, alert, staff_id)
    check_transition(AlertStatus(alert.status), AlertStatus.RESOLVED)
    return alert


def _need_outcome(alert: Alert, disposition: Disposition) -> None:
    """No ordinary end skips the question where she is; to send somebody else skips nothing."""
    if outcome_is_awaited(alert.disposition, alert.outcome) and not disposition.awaits_outcome:
        raise NotAllowed("Somebody was sent to her. Say first what came of it.")


def _await_outcome(alert: Alert, *, now: datetime) -> None:
    """The owner is paged again when nothing is known by then."""
    alert.outcome_due_at = now + escalation.policy_of(alert).outcome_after
    alert.next_step_at = alert.outcome_due_at


def _close(
    clinic: Clinic, db: Session, alert: Alert, *, staff_id: str | None, now: datetime
) -> None:
    alert.status, alert.next_step_at = AlertStatus.RESOLVED, None
    alert.answer_due_at = alert.outcome_due_at = None
    alert.resolved_at, alert.resolved_by = now, staff_id
    if alert.disposition == Disposition.REACHED_SAFE:
        follow_ups.close_due(db, alert.phone_index, now=now)
    follow_ups.plan(clinic, db, alert, now=now)
    if alert.patient_id is None:
        return
    if follow_ups.is_false_alarm(alert):
        patient = people.get_patient(db, alert.patient_id)
        if patient.read_along_since is not None and patient.read_along_since >= alert.raised_at:
            # Only this alert said it, and it was mistaken.
            read_along.end(db, patient, by="system", now=now)
    db.flush()
    conversations.give_back_to_bot(db, alert.patient_id, now=now)
    _ask_for_release(clinic, db, alert.patient_id, now=now)


def _ask_for_release(clinic: Clinic, db: Session, patient_id: str, *, now: datetime) -> None:
    """Her next session is still blocked: somebody must decide before it comes."""
    appointment = care.next_appointment(db, patient_id, now=now)
    if appointment is None or people.get_patient(db, patient_id).sessions_blocked_at is None:
        return
    support.open_item(
        clinic,
        db,
        SupportKind.SESSION_RELEASE,
        patient_id=patient_id,
        inbound_id=None,
        appointment_id=appointment.id,
        now=now,
    )


def _add_note(
    db: Session,
    alert: Alert,
    kind: NoteKind,
    note: str,
    *,
    staff_id: str | None,
    now: datetime,
    reached: bool | None = None,
) -> None:
    row = AlertNote(alert_id=alert.id, kind=kind, staff_id=staff_id, reached=reached, at=now)
    sealing.put(db, row, note=note.strip() or None)
    db.add(row)


def notes_of(clinic: Clinic, alert_id: str) -> list[tuple[AlertNote, str]]:
    """Every note about an alert with its words, oldest first; for the console."""
    with clinic.db.reading() as db:
        return [(row, sealing.get(db, row, "note")) for row in stored.list_notes(db, alert_id)]


def _need_words(note: str) -> None:
    if not note.strip():
        raise NotAllowed("write a note: what was done, and how she is")
