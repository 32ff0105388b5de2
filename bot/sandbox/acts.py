"""What the buttons of the page start; each by the same services as in a real clinic."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.conversations import cast
from bot.core.alerts import Disposition, Outcome, Verdict, outcome_is_awaited
from bot.errors import InvalidTransition, NotAllowed, NotFound
from bot.sandbox.strip import instrument_name
from bot.services import appointments, check_ins, closing, practice
from bot.services.clinic import Clinic
from bot.storage import alerts, people
from bot.storage.tables import Patient

_BY = "cli:sandbox"
# The clinician in whose name the page closes alerts.
RESOLVER = "Dr Bose"
# The page does not ask whether the screening was right; these outcomes say it.
_VERDICTS = {
    Disposition.REACHED_SAFE: Verdict.TRUE,
    Disposition.FALSE_ALARM: Verdict.FALSE_ALARM,
}
_SESSION_AT = time(14)


@dataclass(frozen=True)
class Notice:
    """What a button did, in a sentence for whoever pressed it.

    :param ok: false when it was refused; the sentence then says what to do instead.
    """

    words: str
    ok: bool = True


def start_check_in(clinic: Clinic, *, name: str, instrument_id: str, now: datetime) -> Notice:
    """Plan a check-in for now; it goes out when the clinic's own rules let it."""
    called = instrument_name(instrument_id)
    with clinic.db.transaction() as db:
        patient = _patient(db, name)
        check_ins.plan(
            clinic,
            db,
            patient_id=patient.id,
            instrument_id=instrument_id,
            due_at=now,
            by=_BY,
            now=now,
        )
        zone = ZoneInfo(patient.time_zone)
    daily = instrument_id == "mood"
    if practice.may_check_in(clinic.protocol, zone, daily=daily, now=now):
        return Notice(f"{called} planned for {name}. See the strip for what became of it.")
    rules = clinic.protocol.check_ins
    hours = f"{rules.texts_from:%H:%M} to {rules.texts_until:%H:%M}"
    days = "" if daily else f" on {', '.join(day.value.capitalize() for day in rules.days)}"
    return Notice(
        f"{called} for {name} waits: check-ins go out from {hours}{days}, in her zone. "
        '"Next check-in" beside the clock goes there.'
    )


def schedule_session(clinic: Clinic, *, name: str, now: datetime) -> Notice:
    """Put a session into the diary: tomorrow at two, on her clock."""
    with clinic.db.reading() as db:
        patient = _patient(db, name)
    zone = ZoneInfo(patient.time_zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    starts_at = datetime.combine(tomorrow, _SESSION_AT, tzinfo=zone)
    appointments.schedule(clinic, patient_id=patient.id, starts_at=starts_at, by=_BY, now=now)
    return Notice(f"Session for {name}: tomorrow, {starts_at:%a} at 2 pm on her clock.")


def invite_eva(clinic: Clinic, *, now: datetime) -> Notice:
    """Eva is new: she gets her first text."""
    with clinic.db.reading() as db:
        index = people.index_of(db, cast.MOTHERS["Eva"].number)
        known = people.find_patient(db, index) is not None
    if known:
        return Notice("Eva was invited already.", ok=False)
    cast.invite_eva(clinic, now=now)
    return Notice("Eva is invited; first texts go out by day.")


def resolve(clinic: Clinic, *, code: str, disposition: str, now: datetime) -> Notice:
    """Dr Bose closes an alert with its outcome."""
    with clinic.db.reading() as db:
        index = people.index_of(db, cast.COLLEAGUES[RESOLVER].number)
        staff = people.find_staff(db, index)
    if staff is None or disposition not in list(Disposition):
        return Notice("Choose one of the outcomes.", ok=False)
    chosen = Disposition(disposition)
    try:
        _end(clinic, code, staff.id, chosen, now=now)
    except InvalidTransition:
        return Notice(
            f"{code} must be acknowledged first: text ACK {code} from {RESOLVER}'s phone.", ok=False
        )
    except NotFound:
        return Notice(f"There is no open alert {code}.", ok=False)
    if chosen.awaits_outcome:
        return Notice(f"{code} stays with {RESOLVER} until its outcome is known.")
    return Notice(f"{code} is resolved.")


def _end(clinic: Clinic, code: str, staff_id: str, chosen: Disposition, *, now: datetime) -> None:
    """Where somebody was sent to her, the same button says what came of it."""
    given = {"code": code, "by": f"staff:{staff_id}", "staff_id": staff_id}
    note = "Closed in the sandbox."
    with clinic.db.reading() as db:
        alert = alerts.find_by_code(db, code)
        awaited = alert is not None and outcome_is_awaited(alert.disposition, alert.outcome)
    if awaited and not chosen.awaits_outcome:
        came = Outcome.SAFE if chosen is Disposition.REACHED_SAFE else Outcome.OTHER
        closing.record_outcome(clinic, **given, outcome=came, note=note, now=now)
        return
    verdict = _VERDICTS.get(chosen, Verdict.NOT_SURE)
    closing.resolve(clinic, **given, disposition=chosen, note=note, verdict=verdict, now=now)


def _patient(db: Session, name: str) -> Patient:
    mother = cast.MOTHERS.get(name)
    found = people.find_patient(db, people.index_of(db, mother.number)) if mother else None
    if found is None:
        raise NotAllowed(f"{name} is not enrolled yet: invite her first.")
    return found
