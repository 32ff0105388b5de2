"""Commands that train models, and make them live."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import IO, TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from bot.cli.program import app_now, console, group, settings_now
from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.bootstrap import App
    from bot.services.model_proof import CardSeen
    from bot.settings import Settings
    from bot.training.progress import Told

train_cli = group("train", "Train both models, or one.")
models_cli = group("models", "Dialogue models: list, train and prove, promote, roll back.")

DIALOGUE, CRISIS = "dialogue model", "crisis classifier"
Force = Annotated[bool, typer.Option(help="Train even if nothing has changed.")]


@train_cli.callback(invoke_without_command=True)
def train(ctx: typer.Context, force: Force = False) -> None:
    """Train both models, or one; nothing to do when nothing has changed."""
    from bot.training.progress import Shown

    if ctx.invoked_subcommand is not None:
        return
    with Shown(console) as shown:
        dialogue, crisis = shown.line(DIALOGUE), shown.line(CRISIS)
        # Each keeps one core busy: side by side they take little longer than one alone.
        with beside("crisis", *(["--force"] if force else []), at=crisis):
            _train_dialogue(force=force, at=dialogue)
            dialogue.done()
    console.print("Both models are ready.")


@contextmanager
def beside(model: str, *options: str, at: "Told") -> Iterator[None]:
    """Train a model in a process of its own during the block; what it said is printed after it.

    :param at: told how far that training is.
    :raises ConfigError: it could not be trained; in its own words.
    """
    command = [sys.executable, "-m", "bot.cli.main", "train", model, "--tell-parent", *options]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,  # never written to; its end says that we are gone
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    said: list[str] = []
    hearing = threading.Thread(target=_hear, args=(process.stdout, at, said), daemon=True)
    hearing.start()
    try:
        yield
        code = process.wait()
    finally:
        process.terminate()  # when the block failed or was stopped
        process.wait()
        hearing.join()
    words = "\n".join(said).strip()
    if code:
        gone = f"The training of the {CRISIS} was stopped from outside ({code}). Start it again."
        raise ConfigError(words.removeprefix("tend: ") or gone)
    console.print(words, markup=False, highlight=False)


def _hear(lines: IO[str], at: "Told", said: list[str]) -> None:
    """Pass on where it is; anything else that it says is kept."""
    from bot.training.progress import from_line

    for line in lines:
        if step := from_line(line):
            at(step)
        else:
            said.append(line.rstrip())


@train_cli.command("dialogue")
def train_dialogue(force: Force = False) -> None:
    """Train the dialogue model that Rasa loads."""
    from bot.training.progress import Shown

    with Shown(console) as shown:
        _train_dialogue(force=force, at=shown.line(DIALOGUE))


def _train_dialogue(*, force: bool, at: "Told") -> None:
    from bot.content.live_model import live_name, model_name
    from bot.training.projects import project_of
    from bot.training.train import train as train_model

    settings = settings_now()
    with project_of(settings) as project:
        trained = train_model(project, console=console, force=force, out=settings.models_dir, at=at)
    live = live_name(trained.path.parent)
    if live is not None and live != model_name(trained.path):
        console.print(f"It is not live: {live} is. `tend models train` proves a candidate.")
    elif trained.is_new and something_runs(settings):
        cure = f"restart it, or promote {model_name(trained.path)} in the console (Models)"
        console.print(f"What runs here goes on with the model that it loaded: {cure}, to use it.")


@train_cli.command("crisis")
def train_crisis(
    force: Force = False, tell_parent: Annotated[bool, typer.Option(hidden=True)] = False
) -> None:
    """Train the crisis classifier that the gateway loads."""
    from bot.training.parent import end_with_parent
    from bot.training.progress import Shown

    if tell_parent:
        end_with_parent()
        _train_crisis(force=force, at=lambda step: typer.echo(step.as_line()))
        return
    with Shown(console) as shown:
        _train_crisis(force=force, at=shown.line(CRISIS))


def _train_crisis(*, force: bool, at: "Told") -> None:
    from bot.training.crisis import train_crisis as train_model
    from bot.training.projects import project_of

    settings = settings_now()
    with project_of(settings) as project:
        trained = train_model(project, console=console, force=force, out=settings.models_dir, at=at)
    if trained.is_new and something_runs(settings):
        console.print("What runs here goes on with the classifier that it loaded: restart it.")


def something_runs(settings: "Settings") -> bool:
    """Does a gateway answer here, which loaded the models that there were?"""
    host = settings.gateway_host.replace("0.0.0.0", "127.0.0.1")
    try:
        socket.create_connection((host, settings.gateway_port), timeout=1.0).close()
    except OSError:
        return False
    return True


@models_cli.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Every candidate: who made it, when, of what, and whether anything stops it."""
    from bot.services import model_proof, promotion, taught_changes

    app = app_now()
    live = promotion.look_at(app.clinic)
    cards = model_proof.list_seen(app.clinic, taught=taught_changes.on_record(app.clinic))
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

    app = app_now()
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

    app = app_now()
    on_record = taught_changes.on_record(app.clinic)
    promotion.promote(app.clinic, name, by=f"cli:{by}", now=app.clock.now(), taught=on_record)
    _carry_out(app, name)


@models_cli.command("rollback")
def roll_back_model(by: str = "cli") -> None:
    """Go back to the model that was live before."""
    from bot.services import promotion

    app = app_now()
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
