"""The command `tend`: every process, and every task of the person who runs them.

Each command imports what it needs itself: `tend --help` must not wait for a web server to load.
"""

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from bot.core.alerts import Disposition, Outcome, Verdict
from bot.core.languages import Language
from bot.core.rota import Duty, Pattern, PatternDay, StaffRole
from bot.errors import ConfigError, NotFound, TendError

if TYPE_CHECKING:
    from bot.bootstrap import App
    from bot.services.accounts import NewLink
    from bot.services.model_proof import CardSeen
    from bot.settings import Settings

console = Console()
cli = typer.Typer(
    help="Tend: SMS support and check-in line for mothers in treatment.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _group(name: str, text: str) -> typer.Typer:
    group = typer.Typer(help=text, no_args_is_help=name != "train")
    cli.add_typer(group, name=name)
    return group


alerts_cli = _group("alerts", "Alerts: list and resolve.")
audit_cli = _group("audit", "The audit chain.")
db_cli = _group("db", "The database.")
deploy_cli = _group("deploy", "What a deployment needs.")
evaluate_cli = _group("evaluate", "Measure a model on texts it has not seen.")
keys_cli = _group("keys", "The keys that seal names, numbers and texts.")
models_cli = _group("models", "Dialogue models: list, train and prove, promote, roll back.")
patients_cli = _group("patients", "Patients: invite.")
report_cli = _group("report", "What was measured in use: verdicts, load.")
sessions_cli = _group("sessions", "Sessions in the diary: add, move, cancel.")
staff_cli = _group("staff", "Staff, their logins and shifts: add, link, list, shift.")
texts_cli = _group("texts", "The catalogue of texts.")
train_cli = _group("train", "Train both models, or one.")

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)]


# --- processes ------------------------------------------------------------------------------


@cli.command()
def up(
    rasa: Annotated[bool, typer.Option(help="Start Rasa as a child.")] = True,
) -> None:
    """Start everything on this one machine: gateway, worker, actions, console, and Rasa."""
    from bot import bootstrap, processes

    settings = _settings()
    processes.prepare_database(settings)
    apart = processes.Apart(gateways=settings.gateway_processes)
    everything = processes.Everything(bootstrap.build(settings), apart)
    everything.start(with_rasa=rasa)
    console.print(f"gateway  http://{settings.gateway_host}:{settings.gateway_port}")
    if everything.console_refused:
        console.print(f"console  not started: {everything.console_refused}", style="red")
    else:
        console.print(f"console  {settings.console_url}")
    _until_stopped(everything.stop)


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the page.")] = 8080,
) -> None:
    """The sandbox: phones in a web page, nobody real, no account, no key."""
    from bot.sandbox import demo as sandbox

    sandbox.run(port=port, console=console, until_stopped=_until_stopped)


@cli.command()
def chat() -> None:
    """Text as a mother, in the terminal; /help inside."""
    from bot.sandbox import demo as sandbox

    sandbox.chat(console=console)


@cli.command("gateway")
def run_gateway() -> None:
    """The public door alone."""
    from bot import bootstrap, gateway, processes

    settings = _settings()
    app = bootstrap.build(settings)
    server = processes.Server(
        gateway.build(app),
        host=settings.gateway_host,
        port=settings.gateway_port,
        name="gateway",
    ).start()
    app.clinic.screener.warm_up()
    _until_stopped(server.stop)


@cli.command("console")
def run_console() -> None:
    """The console alone: what staff open in a browser."""
    from bot import bootstrap, processes
    from bot.console.app import build as build_console

    settings = _settings()
    web = build_console(bootstrap.build(settings))
    server = processes.Server(
        web, host=settings.console_host, port=settings.console_port, name="console"
    ).start()
    console.print(f"console  {settings.console_url}")

    def stop() -> None:
        web.state.desk.closing.set()
        server.stop()

    _until_stopped(stop)


@cli.command("actions")
def run_actions() -> None:
    """The action server alone."""
    from bot import bootstrap, processes

    settings = _settings()
    token = settings.action_token.get_secret_value()
    server = processes.Server(
        processes.actions_app(bootstrap.current_app, token),
        host=settings.actions_host,
        port=settings.actions_port,
        name="actions",
    ).start()
    # Its screening is the second net: the first text in it must not wait for the encoder.
    bootstrap.current_app().clinic.screener.warm_up()
    _until_stopped(server.stop)


@cli.command("worker")
def run_worker() -> None:
    """The worker alone; as many as you like."""
    from bot import bootstrap
    from bot.worker import run_for_ever

    run_for_ever(bootstrap.build(_settings()))


@cli.command("rasa")
def run_rasa() -> None:
    """Rasa alone, on the loopback."""
    from bot import processes

    process = processes.rasa_process(_settings())
    process.start()
    _until_stopped(process.stop)


# --- the dialogue model ---------------------------------------------------------------------


Force = Annotated[bool, typer.Option(help="Train even if nothing has changed.")]


@train_cli.callback(invoke_without_command=True)
def train(ctx: typer.Context, force: Force = False) -> None:
    """Train both models, or one; nothing to do when nothing has changed."""
    if ctx.invoked_subcommand is None:
        train_crisis(force=force)
        train_dialogue(force=force)


@train_cli.command("dialogue")
def train_dialogue(force: Force = False) -> None:
    """Train the dialogue model that Rasa loads."""
    from bot.content.live_model import live_name, model_name
    from bot.settings import PROJECT
    from bot.training.train import train as train_model

    trained = train_model(PROJECT, console=console, force=force)
    live = live_name(trained.path.parent)
    if live is not None and live != model_name(trained.path):
        console.print(f"It is not live: {live} is. `tend models train` proves a candidate.")


@train_cli.command("crisis")
def train_crisis(force: Force = False) -> None:
    """Train the crisis classifier that the gateway loads."""
    from bot.settings import PROJECT
    from bot.training.crisis import train_crisis as train_model

    train_model(PROJECT, console=console, force=force)


@models_cli.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Every candidate: who made it, when, of what, and whether anything stops it."""
    from bot.services import model_proof, promotion

    app = _app()
    live = promotion.look_at(app.clinic)
    cards = model_proof.list_seen(app.clinic)
    if as_json:
        typer.echo(json.dumps([_model_record(card) for card in cards]))
        return
    name = live.model or "the one that was trained last"
    console.print(f"live: {name}" + (f", before: {live.previous}" if live.previous else ""))
    table = Table("name", "made (UTC)", "by", "data", "intents", "examples", "what stops it")
    for card in cards:
        stopped = next((gate.sentence for gate in card.gates if not gate.passed), "")
        table.add_row(
            card.name + (" (live)" if card.is_live else ""),
            f"{card.made_at:%Y-%m-%d %H:%M}",
            model_proof.who(app.clinic, card.made_by),
            card.fingerprint[:12],
            *(str(card.facts.get(fact, "?")) for fact in ("intents", "examples")),
            "" if card.is_live else "outdated" if card.outdated else stopped or "nothing",
        )
    console.print(table)


def _model_record(card: "CardSeen") -> dict[str, object]:
    return {
        "name": card.name,
        "made_at": card.made_at.isoformat(),
        "made_by": card.made_by,
        "fingerprint": card.fingerprint,
        "facts": dict(card.facts),
        "live": card.is_live,
        "compared_with": card.compared_with,
        "may_go_live": card.may_go_live,
        "gates": [gate.as_dict() for gate in card.gates],
        "areas": card.proof.get("areas", []),
    }


@models_cli.command("train")
def train_candidate(by: str = "cli") -> None:
    """Train and prove a candidate; a running worker does it, or this process if there is none."""
    from bot.core.training_jobs import JobStatus
    from bot.services import training_jobs
    from bot.training.runner import TrainingRunner

    app = _app()
    job_id = training_jobs.ask(app.clinic, by=f"cli:{by}", now=app.clock.now())
    runner = TrainingRunner(app, worker="cli")
    working = threading.Thread(target=runner.step, daemon=True)
    working.start()
    said = 0
    try:
        while True:
            job = training_jobs.look_at(app.clinic, job_id, now=app.clock.now())
            for line in job.log[said:]:
                console.print(line, markup=False)
            said = len(job.log)
            if job.ended_at is not None:
                break
            sleep(1)
    except KeyboardInterrupt:
        training_jobs.cancel(app.clinic, job_id, by=f"cli:{by}", now=app.clock.now())
        raise
    working.join(timeout=10)
    if job.status is not JobStatus.DONE:
        raise ConfigError(job.problem or f"The training was {job.status}.")
    console.print(f"{job.model}: see `tend models list`, or the console's page Models.")


@models_cli.command("promote")
def promote_model(name: str, by: str = "cli") -> None:
    """Make a candidate live, if every gate is passed."""
    from bot.services import promotion, taught_changes

    app = _app()
    on_record = taught_changes.on_record(app.clinic)
    promotion.promote(app.clinic, name, by=f"cli:{by}", now=app.clock.now(), taught=on_record)
    _carry_out(app, name)


@models_cli.command("rollback")
def roll_back_model(by: str = "cli") -> None:
    """Go back to the model that was live before."""
    from bot.services import promotion

    app = _app()
    name = promotion.roll_back(app.clinic, by=f"cli:{by}", now=app.clock.now())
    _carry_out(app, name)


def _carry_out(app: "App", name: str) -> None:
    """Do it here, unless a worker was quicker; then wait for it."""
    from bot.services import promotion

    models = app.settings.models_dir
    promotion.carry_out(app.clinic, app.models, models, worker="cli", now=app.clock.now())
    while (seen := promotion.look_at(app.clinic)).swapping:
        sleep(0.5)
    if seen.model != name:
        raise ConfigError(seen.problem or f"{name} did not go live.")
    console.print(f"live: {name}")


@cli.command()
def validate() -> None:
    """Rasa's own checks of its data."""
    from bot.settings import PROJECT
    from bot.training.train import validate as validate_data

    validate_data(PROJECT, console=console)


@evaluate_cli.command("nlu")
def evaluate_nlu(
    input: Annotated[list[Path], typer.Option(exists=True, help="A file in Rasa's NLU format.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score any file in Rasa's NLU format against the trained model."""
    from bot.settings import PROJECT
    from bot.training.evaluate import evaluate_nlu as evaluate

    evaluate(PROJECT, input, console=console, as_json=as_json)


@evaluate_cli.command("crisis")
def evaluate_crisis(
    input: Annotated[list[Path], typer.Option(exists=True, help="CSV with columns text, kind.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    show_texts: Annotated[
        bool, typer.Option("--show-texts", help="Print the words of misses and false alarms, too.")
    ] = False,
) -> None:
    """Screen labelled texts as the gateway would: who is paged, who asked, what is missed."""
    from bot import bootstrap
    from bot.content.classifier import load_lesson
    from bot.training.crisis_evaluation import evaluate_crisis as evaluate

    settings = _settings()
    screener = bootstrap.load_screener(settings.data_dir, settings.models_dir)
    screener.warm_up()  # or the first texts would be timed with it
    taught = (example.text for example in load_lesson(settings.data_dir / "crisis").examples)
    evaluate(
        screener, input, taught=taught, console=console, as_json=as_json, show_texts=show_texts
    )


@evaluate_cli.command("cross-validate")
def cross_validate(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Cross-validate all examples: macro-F1 in all, English and Spanish."""
    from bot.settings import PROJECT
    from bot.training.cross_validate import cross_validate as run

    run(PROJECT, console=console, as_json=as_json)


@cli.command()
def play(
    files: Files,
    rasa: Annotated[bool, typer.Option(help="With the real Rasa.")] = True,
) -> None:
    """Play golden conversations through the real processes; non-zero on any difference."""
    from bot.sandbox.stage import play as play_files

    raise typer.Exit(play_files(files, rasa=rasa, console=console))


# --- the clinic's acts ----------------------------------------------------------------------


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

    app = _app()
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
    from bot.services import accounts, staff

    app = _app()
    link = None
    with app.clinic.db.transaction() as db:
        hired = staff.add_staff(
            db,
            name=name,
            phone=phone,
            role=role,
            leads=leads,
            by=f"cli:{by}",
            now=app.clock.now(),
        )
        if login:
            link = accounts.open_account(db, hired, by=f"cli:{by}", now=app.clock.now())
    console.print(f"staff {hired.id}")
    if link is not None:
        _print_link(app, link)


@staff_cli.command("link")
def renew_link(staff_id: str, by: str = "cli") -> None:
    """A fresh set-up link for the console: phone lost, password forgotten, nobody gets in."""
    from bot.services import accounts

    app = _app()
    link = accounts.renew_link(app.clinic, staff_id, by=f"cli:{by}", now=app.clock.now())
    _print_link(app, link)


def _print_link(app: "App", link: "NewLink") -> None:
    console.print(f"login name {link.login_name}; this link is good once, for a day:")
    console.print(f"{app.settings.console_url}{link.path}", soft_wrap=True, markup=False)


@staff_cli.command("list")
def list_staff() -> None:
    """Everybody who works here, and who is on duty now."""
    from bot.storage import people, sealing

    app = _app()
    now = app.clock.now()
    table = Table("id", "name", "role", "leads", "on duty now")
    with app.clinic.db.reading() as db:
        shifts = people.list_shifts(db, now=now)
        for member in people.list_staff(db):
            duties = ", ".join(shift.duty for shift in shifts if shift.staff_id == member.id)
            name = sealing.get(db, member, "name")
            table.add_row(member.id, name, member.role, "yes" if member.leads else "", duties)
    console.print(table)


@staff_cli.command("shift")
def add_shift(
    staff_id: str,
    duty: Duty,
    starts: Annotated[str, typer.Argument(help="Such as 2026-03-10 08:00.")],
    ends: str,
    zone: Annotated[str, typer.Option(help="Zone of both times.")] = "America/New_York",
    by: str = "cli",
) -> None:
    """Give somebody a duty for a time; overlap shifts a little rather than leave a gap."""
    from bot.services import staff
    from bot.storage import people

    app = _app()
    starts_at, ends_at = _moment(starts, zone), _moment(ends, zone)
    if starts_at >= ends_at:
        raise ConfigError("a shift must end after it starts")
    with app.clinic.db.transaction() as db:
        people.get_staff(db, staff_id)
        staff.add_shift(
            db,
            staff_id=staff_id,
            duty=duty,
            starts_at=starts_at,
            ends_at=ends_at,
            by=f"cli:{by}",
            now=app.clock.now(),
        )
    console.print("the shift is in the rota; `tend doctor` shows gaps")


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

    app = _app()
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


@staff_cli.command("swap")
def swap_shift(
    staff_id: str,
    duty: Duty,
    starts: str,
    ends: str,
    zone: Annotated[str, typer.Option(help="Zone of both times.")] = "America/New_York",
    by: str = "cli",
) -> None:
    """Somebody does this time instead of whoever the rota names."""
    from bot.services import rota

    app = _app()
    rota.swap(
        app.clinic,
        staff_id=staff_id,
        duty=duty,
        starts_at=_moment(starts, zone),
        ends_at=_moment(ends, zone),
        by=f"cli:{by}",
        now=app.clock.now(),
    )
    console.print("the swap is in the rota")


@sessions_cli.command("add")
def add_session(
    phone: str,
    when: Annotated[str, typer.Argument(help="Such as 2026-03-10 14:00, in her zone.")],
    by: str = "cli",
) -> None:
    """Put a session into the diary, with its reminders and the check-in after it."""
    from bot.services import appointments
    from bot.storage import people

    app = _app()
    with app.clinic.db.reading() as db:
        patient = people.find_patient(db, people.index_of(db, phone))
    if patient is None:
        raise NotFound("no patient has this number")
    starts_at = _moment(when, patient.time_zone)
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

    app = _app()
    appointments.move(
        app.clinic,
        appointment_id=session_id,
        starts_at=_moment(when, zone),
        by=f"cli:{by}",
        now=app.clock.now(),
    )


@sessions_cli.command("cancel")
def cancel_session(session_id: str, by: str = "cli") -> None:
    """The session does not take place: its texts do not go out, and she hears of it."""
    from bot.services import appointments

    app = _app()
    appointments.cancel(app.clinic, appointment_id=session_id, by=f"cli:{by}", now=app.clock.now())


@cli.command("check-in")
def plan_check_in(phone: str, instrument: str, when: str = "now", by: str = "cli") -> None:
    """Plan a check-in for a patient."""
    from bot.services import check_ins
    from bot.storage import people

    app = _app()
    with app.clinic.db.transaction() as db:
        patient = people.find_patient(db, people.index_of(db, phone))
        if patient is None:
            raise NotFound("no patient has this number")
        check_ins.plan(
            app.clinic,
            db,
            patient_id=patient.id,
            instrument_id=instrument,
            due_at=app.clock.now() if when == "now" else _moment(when, patient.time_zone),
            by=f"cli:{by}",
            now=app.clock.now(),
        )
    console.print("planned")


@alerts_cli.command("list")
def list_alerts() -> None:
    """Every alert that no person has closed."""
    from bot.storage import alerts as stored_alerts
    from bot.storage import people, sealing

    app = _app()
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

    app = _app()
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

    app = _app()
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

    rows = verdicts.by_month(_app().clinic)
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

    app = _app()
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


# --- operation ------------------------------------------------------------------------------


@cli.command("doctor")
def run_doctor(
    files: Annotated[bool, typer.Option("--files", help="Check files only, no processes.")] = False,
) -> None:
    """Check a whole deployment, part by part, and say how to mend what is wrong."""
    from bot import doctor

    if not doctor.run(_settings(), console=console, files_only=files):
        raise typer.Exit(1)


@deploy_cli.command("fallback")
def deploy_fallback() -> None:
    """Print the static TwiML that Twilio says when we cannot be reached."""
    from bot import gateway

    typer.echo(gateway.fallback_twiml(_app(check_schema=False)))


@db_cli.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to this version's schema."""
    from bot import processes

    processes.prepare_database(_settings())
    console.print("the database is up to date")


@keys_cli.command("create")
def create_keys() -> None:
    """Make the key file; once, and back it up apart from the data."""
    from bot.storage.vault import Keys, save_keys

    path = _settings().key_file
    if path.exists():
        raise ConfigError(f"{path}: there is one already. Rotate it with `tend keys rotate`.")
    save_keys(path, Keys.generate())
    console.print(f"keys in {path}. Back this file up, apart from the database.")


@keys_cli.command("rotate")
def rotate_keys() -> None:
    """Make a new key, and seal everything with it, while texts go on."""
    from rich.progress import Progress

    from bot.services import keys
    from bot.storage.vault import load_keys, save_keys

    settings = _settings()
    old = load_keys(settings.key_file, create=False)
    save_keys(settings.key_file, old.with_new_key())
    console.print("Restart every process now, so that all know the new key.", style="bold")
    app = _app()
    with Progress(console=console) as progress:
        task = progress.add_task("sealing", total=None)
        for done in keys.reseal_all(app.clinic.db, now=app.clock.now(), by="cli:keys"):
            progress.update(task, completed=done)
    console.print("Everything is sealed with the new key. `tend keys prune` drops the old one.")


@keys_cli.command("prune")
def prune_keys() -> None:
    """Drop old keys, once nothing is sealed with them."""
    from bot.services import keys
    from bot.storage.vault import load_keys, save_keys

    settings = _settings()
    app = _app()
    left = keys.count_old(app.clinic.db)
    if left:
        raise ConfigError(f"{left} values are sealed with an old key. Run `tend keys rotate`.")
    kept = load_keys(settings.key_file, create=False).only_current()
    save_keys(settings.key_file, kept)
    console.print("old keys are gone")


@audit_cli.command("verify")
def verify_audit() -> None:
    """Walk the audit chain and look for a changed or missing event."""
    from bot.storage import audit

    with _app().clinic.db.reading() as db:
        verdict = audit.verify(db)
    console.print(f"{verdict.sealed} events sealed, {verdict.unsealed} not yet")
    if verdict.problem:
        console.print(f"[bold red]{verdict.problem}[/]")
        raise typer.Exit(1)
    console.print("none changed, none missing")


@texts_cli.command("domain")
def write_domain() -> None:
    """Write the catalogue's utterances into domain.yml."""
    from bot.content import domain
    from bot.content.texts import load_catalogue
    from bot.settings import PROJECT

    changed = domain.write_domain(PROJECT / "domain.yml", load_catalogue(_settings().data_dir))
    console.print("domain.yml is written" if changed else "domain.yml was fresh")


@cli.command()
def docs(
    check: Annotated[bool, typer.Option("--check", help="Only compare.")] = False,
) -> None:
    """Write the generated reference pages."""
    from bot import reference
    from bot.settings import PROJECT
    from bot.training import crisis_card

    stale = reference.write_pages(PROJECT, only_check=check)
    if crisis_card.is_stale(PROJECT) and (check or crisis_card.write(PROJECT)):
        stale.append(str(crisis_card.PAGE))
    for page in stale:
        console.print(f"{page} {'is stale: run `tend docs`' if check else 'written'}")
    if check and stale:
        raise typer.Exit(1)


# --- how commands run -----------------------------------------------------------------------


def _settings() -> "Settings":
    from bot import bootstrap
    from bot.settings import load_settings

    settings = load_settings()
    bootstrap.configure_logging(settings.log_level)
    return settings


def _app(*, check_schema: bool = True) -> "App":
    from bot import bootstrap

    return bootstrap.build(_settings(), check_schema=check_schema)


def _moment(written: str, zone: str) -> datetime:
    import dateparser

    found = dateparser.parse(written, settings={"TIMEZONE": zone, "RETURN_AS_TIMEZONE_AWARE": True})
    if found is None:
        raise ConfigError(f"'{written}' is no time I can read. Write it as 2026-03-10 14:00.")
    aware: datetime = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(UTC)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"


def _until_stopped(stop: Callable[[], None]) -> None:
    """Wait for Ctrl-C or a stop signal, and end tidily."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    stop()


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Our own errors are sentences for people; anything else is a bug and keeps its traceback."""
    try:
        yield
    except TendError as error:
        Console(stderr=True).print(f"tend: {error}", style="red", soft_wrap=True, markup=False)
        sys.exit(2)


def main() -> None:
    """Entry point of the command."""
    with _plain_errors():
        cli()


if __name__ == "__main__":
    main()
