"""Commands of the person who runs Tend: database, keys, audit, checks, generated pages."""

from typing import Annotated

import typer

from bot.cli.program import app_now, cli, console, group, settings_now
from bot.errors import ConfigError

audit_cli = group("audit", "The audit chain.")
db_cli = group("db", "The database.")
deploy_cli = group("deploy", "What a deployment needs.")
keys_cli = group("keys", "The keys that seal names, numbers and texts.")
texts_cli = group("texts", "The catalogue of texts.")


@cli.command("doctor")
def run_doctor(
    files: Annotated[bool, typer.Option("--files", help="Check files only, no processes.")] = False,
) -> None:
    """Check a whole deployment, part by part, and say how to mend what is wrong."""
    from bot import doctor

    if not doctor.run(settings_now(), console=console, files_only=files):
        raise typer.Exit(1)


@deploy_cli.command("fallback")
def deploy_fallback() -> None:
    """Print the static TwiML that Twilio says when we cannot be reached."""
    from bot import gateway

    typer.echo(gateway.fallback_twiml(app_now(check_schema=False)))


@db_cli.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to this version's schema."""
    from bot import processes

    processes.prepare_database(settings_now())
    console.print("the database is up to date")


@keys_cli.command("create")
def create_keys() -> None:
    """Make the key file; once, and back it up apart from the data."""
    from bot.storage.vault import Keys, save_keys

    path = settings_now().key_file
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

    settings = settings_now()
    old = load_keys(settings.key_file, create=False)
    save_keys(settings.key_file, old.with_new_key())
    console.print("Restart every process now, so that all know the new key.", style="bold")
    app = app_now()
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

    settings = settings_now()
    app = app_now()
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

    with app_now().clinic.db.reading() as db:
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

    changed = domain.write_domain(PROJECT / "domain.yml", load_catalogue(settings_now().data_dir))
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
