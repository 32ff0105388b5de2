"""Commands about patients, staff and the rota."""

from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from bot.cli.program import app_now, console, group, local, moment
from bot.core.languages import Language
from bot.core.rota import Duty, Pattern, PatternDay, Shift, StaffRole, Weight
from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.bootstrap import App
    from bot.services.accounts import NewLink

patients_cli = group("patients", "Patients: invite.")
staff_cli = group("staff", "Staff, their logins and shifts.")
_AS_WRITTEN = "Such as 2026-03-10 08:00; an hour that the clocks show twice means the first."


@patients_cli.command("invite")
def invite(
    name: str,
    phone: str,
    zone: Annotated[str, typer.Option(help="Her time zone, as she says.")] = "America/New_York",
    language: Language = Language.ENGLISH,
    by: Annotated[str, typer.Option(help="Who invites her.")] = "cli",
) -> None:
    """Send a mother her first text, after she agreed to it with her clinician."""
    from bot.services import enrolments

    app = app_now()
    new = enrolments.NewPatient(name, phone, language, zone)
    patient_id = enrolments.invite(app.clinic, new, by=f"cli:{by}", now=app.clock.now())
    console.print(f"invited as patient {patient_id}")


@staff_cli.command("add")
def add_staff(
    name: str,
    phone: str,
    role: StaffRole,
    leads: Annotated[bool, typer.Option("--leads", help="May be paged as the lead.")] = False,
    login: Annotated[
        bool, typer.Option("--login", help="Print a link that sets up a login for the console.")
    ] = False,
    by: str = "cli",
) -> None:
    """Somebody starts to work here and can be paged; with --login, can open the console."""
    from bot.services import accounts, staff_desk

    app = app_now()
    link = None
    new = staff_desk.NewStaff(name, phone, role, leads)
    with app.clinic.db.transaction() as db:
        hired = staff_desk.hire(app.clinic, db, new, by=f"cli:{by}", now=app.clock.now())
        if login:
            link = accounts.open_account(db, hired, by=f"cli:{by}", now=app.clock.now())
    console.print(f"staff {hired.id}")
    if link is not None:
        _print_link(app, link)


@staff_cli.command("link")
def renew_link(staff_id: str, by: str = "cli") -> None:
    """A fresh set-up link for the console: phone lost, password forgotten, nobody gets in."""
    from bot.services import accounts

    app = app_now()
    link = accounts.renew_link(app.clinic, staff_id, by=f"cli:{by}", now=app.clock.now())
    _print_link(app, link)


def _print_link(app: "App", link: "NewLink") -> None:
    console.print(f"login name {link.login_name}; this link is good once, for a day:")
    console.print(f"{app.settings.console_url}{link.path}", soft_wrap=True, markup=False)


@staff_cli.command("list")
def list_staff() -> None:
    """Everybody who works here, and who is on duty now."""
    from bot.services import rota
    from bot.storage import people, sealing

    app = app_now()
    now = app.clock.now()
    table = Table("id", "name", "role", "leads", "on duty now")
    with app.clinic.db.reading() as db:
        # By the rota, not by its rows: who was swapped out does not answer now.
        holders = {duty: rota.holder_id(app.clinic, db, duty, now=now) for duty in Duty}
        for member in people.list_staff(db):
            duties = ", ".join(duty for duty in Duty if holders[duty] == member.id)
            name = sealing.get(db, member, "name")
            table.add_row(member.id, name, member.role, "yes" if member.leads else "", duties)
    console.print(table)


@staff_cli.command("shift")
def add_shift(
    staff_id: str,
    duty: Duty,
    starts: Annotated[str, typer.Argument(help=_AS_WRITTEN)],
    ends: str,
    zone: Annotated[str, typer.Option(help="Zone of both times.")] = "America/New_York",
    by: str = "cli",
    sure: Annotated[bool, typer.Option("--sure", help="Do not ask whose duty it takes.")] = False,
) -> None:
    """Give somebody a duty for a time; overlap shifts a little rather than leave a gap."""
    wanted = Shift(staff_id, duty, moment(starts, zone), moment(ends, zone))
    _enter_shift(wanted, zone=zone, by=by, sure=sure)


@staff_cli.command("swap")
def swap_shift(
    staff_id: str,
    duty: Duty,
    starts: Annotated[str, typer.Argument(help=_AS_WRITTEN)],
    ends: str,
    zone: Annotated[str, typer.Option(help="Zone of both times.")] = "America/New_York",
    by: str = "cli",
) -> None:
    """Somebody does this time instead of whoever the rota names."""
    wanted = Shift(staff_id, duty, moment(starts, zone), moment(ends, zone), Weight.SWAP)
    _enter_shift(wanted, zone=zone, by=by, sure=True)


def _enter_shift(wanted: Shift, *, zone: str, by: str, sure: bool) -> None:
    """Enter one time; where it takes a duty from somebody, ask first, as the console does."""
    from bot.services import displaced, rota_page

    app = app_now()
    now = app.clock.now()
    rota_page.check_shift(app.clinic, wanted, now=now)
    taken = displaced.foresee(app.clinic, wanted, now=now)
    for one in taken:
        console.print(
            f"{one.name} is then no longer {one.duty.replace('_', ' ')} "
            f"from {local(one.starts_at, zone)} to {local(one.ends_at, zone)}: "
            f"{one.instead or 'nobody'} is."
        )
    if taken and not sure:
        typer.confirm("Enter it as a swap?", abort=True)
    if taken:
        # Asked and said yes to: whatever it was entered as, it is a swap.
        wanted = replace(wanted, weight=Weight.SWAP)
    rota_page.add_shift(app.clinic, wanted, by=f"cli:{by}", now=now)
    console.print("it is in the rota; `tend doctor` shows gaps")


@staff_cli.command("weekly")
def add_pattern(
    staff_id: str,
    duty: Duty,
    day: PatternDay,
    starts: Annotated[str, typer.Argument(help="Such as 08:00.")],
    ends: Annotated[str, typer.Argument(help="Such as 20:00; not after the start: next day.")],
    first_day: Annotated[str, typer.Option(help="Such as 2026-03-01.")],
    zone: Annotated[str, typer.Option(help="Zone of both times.")] = "America/New_York",
    by: str = "cli",
) -> None:
    """Give somebody a duty every week; *holiday* counts on the protocol's closed days."""
    from bot.services import rota

    app = app_now()
    try:
        pattern = Pattern(
            staff_id,
            duty,
            day,
            time.fromisoformat(starts),
            time.fromisoformat(ends),
            ZoneInfo(zone).key,
            date.fromisoformat(first_day),
        )
    except (ValueError, KeyError) as error:
        raise ConfigError(f"{error}. Write times as 08:00, days as 2026-03-01.") from None
    pattern_id = rota.add_pattern(app.clinic, pattern, by=f"cli:{by}", now=app.clock.now())
    console.print(f"pattern {pattern_id}; `tend doctor` shows gaps")
