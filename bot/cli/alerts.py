"""Commands about alerts, and the reports on them."""

import json
from typing import Annotated

import typer
from rich.table import Table

from bot.cli.program import app_now, console, group
from bot.core.alerts import Disposition, Outcome, Verdict

alerts_cli = group("alerts", "Alerts: list and resolve.")
report_cli = group("report", "What was measured in use: verdicts, load.")


@alerts_cli.command("list")
def list_alerts() -> None:
    """Every alert that no person has closed."""
    from bot.storage import alerts as stored_alerts
    from bot.storage import people, sealing

    app = app_now()
    table = Table("code", "level", "category", "status", "raised (UTC)", "who has it")
    with app.clinic.db.reading() as db:
        for alert in stored_alerts.list_unresolved(db):
            holder = ""
            if alert.acknowledged_by:
                holder = sealing.get(db, people.get_staff(db, alert.acknowledged_by), "name")
            raised = f"{alert.raised_at:%Y-%m-%d %H:%M}"
            table.add_row(alert.code, alert.level, alert.category, alert.status, raised, holder)
    console.print(table)


@alerts_cli.command("resolve")
def resolve_alert(
    code: str,
    disposition: Disposition,
    by: str,
    note: Annotated[str, typer.Option(prompt=True, help="What was done, and how she is.")],
    verdict: Annotated[Verdict, typer.Option(help="Was the alert right?")] = Verdict.NOT_SURE,
) -> None:
    """Say how an alert ended, under your name; "sent to emergency" waits for its outcome."""
    from bot.services import closing

    app = app_now()
    closing.resolve(
        app.clinic,
        code=code,
        by=f"cli:{by}",
        staff_id=None,
        disposition=disposition,
        note=note,
        verdict=verdict,
        now=app.clock.now(),
    )
    if disposition.awaits_outcome:
        console.print(f"{code.upper()} stays owned: `tend alerts outcome` when it is known")
    else:
        console.print(f"{code.upper()} resolved: {disposition}")


@alerts_cli.command("outcome")
def record_outcome(
    code: str,
    outcome: Outcome,
    by: str,
    note: Annotated[str, typer.Option(prompt=True, help="What came of it.")],
) -> None:
    """What came of sending somebody to her; only "not_found" leaves the alert open."""
    from bot.services import closing

    app = app_now()
    closing.record_outcome(
        app.clinic,
        code=code,
        by=f"cli:{by}",
        staff_id=None,
        outcome=outcome,
        note=note,
        now=app.clock.now(),
    )
    console.print(f"{code.upper()}: {outcome}")


@report_cli.command("verdicts")
def report_verdicts(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Was the screening right? What clinicians said, by month, class and layer."""
    from bot.services import verdicts

    rows = verdicts.by_month(app_now().clinic)
    if as_json:
        typer.echo(json.dumps(verdicts.to_records(rows)))
        return
    table = Table("month", "kind", "name", "true", "false alarm", "not sure", "unsaid", "PPV")
    for row in rows:
        counts = [str(n) for n in (row.true, row.false_alarm, row.not_sure, row.unsaid)]
        ppv = "–" if row.ppv is None else f"{row.ppv:.0%}"
        table.add_row(row.month, row.kind, row.name, *counts, ppv)
    console.print(table)


@report_cli.command("load")
def report_load(
    weeks: Annotated[int, typer.Option(min=1, max=52)] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Pages and same-day calls a week, in and out of hours, beside what is bearable."""
    from bot.services import figures

    app = app_now()
    loads = figures.load_by_week(app.clinic, now=app.clock.now(), weeks=weeks)
    times = figures.times_by_week(app.clinic, now=app.clock.now(), weeks=weeks)
    if as_json:
        both = [{**vars(load), **vars(quick)} for load, quick in zip(loads, times, strict=True)]
        typer.echo(json.dumps(both, default=str))
        return
    table = Table("week", "pages in hours", "out of hours", "same-day", "too much", "taken p50/p95")
    for load, quick in zip(loads, times, strict=True):
        taken = f"{_seconds(quick.acknowledge_p50)} / {_seconds(quick.acknowledge_p95)}"
        numbers = [load.pages_in_hours, load.pages_out_of_hours, load.same_day]
        table.add_row(str(load.week), *map(str, numbers), ", ".join(load.over), taken)
    console.print(table)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"
