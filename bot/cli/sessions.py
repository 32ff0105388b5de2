"""Commands about a patient's sessions and check-ins."""

from typing import Annotated

import typer

from bot.cli.program import app_now, cli, console, group, moment
from bot.errors import NotFound

sessions_cli = group("sessions", "Sessions in the diary: add, move, cancel.")


@sessions_cli.command("add")
def add_session(
    phone: str,
    when: Annotated[str, typer.Argument(help="Such as 2026-03-10 14:00, in her zone.")],
    by: str = "cli",
) -> None:
    """Put a session into the diary, with its reminders and the check-in after it."""
    from bot.services import appointments
    from bot.storage import people

    app = app_now()
    with app.clinic.db.reading() as db:
        patient = people.find_patient(db, people.index_of(db, phone))
    if patient is None:
        raise NotFound("no patient has this number")
    starts_at = moment(when, patient.time_zone)
    session_id = appointments.schedule(
        app.clinic,
        patient_id=patient.id,
        starts_at=starts_at,
        by=f"cli:{by}",
        now=app.clock.now(),
    )
    console.print(f"session {session_id}")


@sessions_cli.command("move")
def move_session(
    session_id: str, when: str, zone: str = "America/New_York", by: str = "cli"
) -> None:
    """Another time: its texts move with it, and she hears of it."""
    from bot.services import appointments

    app = app_now()
    appointments.move(
        app.clinic,
        appointment_id=session_id,
        starts_at=moment(when, zone),
        by=f"cli:{by}",
        now=app.clock.now(),
    )


@sessions_cli.command("cancel")
def cancel_session(session_id: str, by: str = "cli") -> None:
    """The session does not take place: its texts do not go out, and she hears of it."""
    from bot.services import appointments

    app = app_now()
    appointments.cancel(app.clinic, appointment_id=session_id, by=f"cli:{by}", now=app.clock.now())


@cli.command("check-in")
def plan_check_in(phone: str, instrument: str, when: str = "now", by: str = "cli") -> None:
    """Plan a check-in for a patient."""
    from bot.services import check_ins
    from bot.storage import people

    app = app_now()
    with app.clinic.db.transaction() as db:
        patient = people.find_patient(db, people.index_of(db, phone))
        if patient is None:
            raise NotFound("no patient has this number")
        check_ins.plan(
            app.clinic,
            db,
            patient_id=patient.id,
            instrument_id=instrument,
            due_at=app.clock.now() if when == "now" else moment(when, patient.time_zone),
            by=f"cli:{by}",
            now=app.clock.now(),
        )
    console.print("planned")
