"""Runs every check, whatever the ones before it found, and prints one table."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.text import Text

from bot.bootstrap import SystemClock
from bot.doctor import carrier, database, demo, files, model, web
from bot.doctor.findings import Check, Finding, State, Surroundings
from bot.errors import ConfigError, TendError
from bot.settings import Settings

_TIMEOUT = httpx.Timeout(8.0, connect=4.0)
_STYLES = {State.OK: "green", State.WARNING: "yellow", State.WRONG: "bold red"}

_STATE_WIDTH = max(len(state) for state in State) + 2

FILES: tuple[tuple[str, Check], ...] = (
    (files.READABLE, files.readable),
    ("texts", files.texts),
    ("intents and rules", files.rules),
    ("protocol", files.protocol),
    ("instruments", files.instruments),
    ("escalation policies", files.policies),
    ("crisis patterns", files.crisis),
    ("key file", files.key_file),
    ("Rasa's environment", model.environment),
    ("dialogue model", model.trained),
    ("crisis classifier", model.crisis_classifier),
)
PROCESSES: tuple[tuple[str, Check], ...] = (
    ("database", database.check),
    ("disk", database.disk),
    ("gateway", web.gateway),
    ("public address", web.public_address),
    ("action server", web.actions),
    ("Rasa", web.rasa),
    ("carrier", carrier.check),
)
# Where nothing is deployed and the sandbox is all there is.
DEMO: Mapping[demo.Demo, tuple[tuple[str, Check], ...]] = {
    demo.Demo.RUNS: (
        ("demo", demo.runs),
        ("disk", database.disk),
        ("gateway", web.gateway),
        ("action server", web.actions),
        ("Rasa", web.rasa_of_a_demo),
    ),
    demo.Demo.STOPPED: (("demo", demo.stopped), ("disk", database.disk)),
}


def run(
    settings: Settings,
    *,
    console: Console,
    files_only: bool,
    around: Surroundings | None = None,
) -> bool:
    """Check this deployment and print what was found; true when nothing is wrong.

    :param files_only: look at files and at no process, as before a release.
    :param around: what is looked at, where it is not this machine.
    """
    if around is not None:
        return _print(examine(around, files_only=files_only), console)
    with _client(settings) as http:
        here = Surroundings(settings=settings, http=http, now=SystemClock().now)
        return _print(examine(here, files_only=files_only), console)


def _client(settings: Settings) -> httpx.Client:
    # Proxies of the environment are for the outside world; our own processes are next door.
    hosts = {settings.gateway_host, settings.actions_host, "127.0.0.1", "localhost"}
    hosts.add(urlsplit(settings.rasa_url).hostname or "localhost")
    direct = {f"all://[{host}]" if ":" in host else f"all://{host}": None for host in hosts}
    return httpx.Client(timeout=_TIMEOUT, mounts=direct)


def examine(around: Surroundings, *, files_only: bool) -> Iterator[Finding]:
    """Every finding, one check after the other; what is wrong is said once.

    A broken file stops each check that reads it. It is said under the check whose file it is, and
    under the reading of all files only when no check is for it.
    """
    checks = FILES if files_only else (*FILES, *_processes(around))
    found = [(name, [*attempt(name, check, around)]) for name, check in checks]
    own = {
        finding.sentence
        for name, findings in found
        for finding in findings
        if finding.state is State.WRONG and name != files.READABLE
    }
    said: set[str] = set()
    for name, findings in found:
        new = [f for f in findings if f.state is not State.WRONG or f.sentence not in said]
        if name == files.READABLE:
            new = [finding for finding in new if finding.sentence not in own]
        elif findings and not new:
            yield Finding(name, State.WARNING, "Not looked at: first mend what is wrong above.")
        said |= {finding.sentence for finding in new if finding.state is State.WRONG}
        yield from new


def _processes(around: Surroundings) -> tuple[tuple[str, Check], ...]:
    beside = demo.beside(around)
    return PROCESSES if beside is None else DEMO[beside]


def attempt(name: str, check: Check, around: Surroundings) -> Iterator[Finding]:
    """What one check finds; a check that fails is a finding too."""
    try:
        yield from check(around)
    except ConfigError as error:
        for sentence in error.sentences:
            yield Finding(name, State.WRONG, sentence)
    except TendError as error:
        yield Finding(name, State.WRONG, str(error))
    except Exception as error:
        # The loop of a process: one broken check must not hide the others. The error's own words
        # may quote an address with its password.
        kind = type(error).__name__
        yield Finding(name, State.WRONG, f"The check itself failed ({kind}). Please report it.")


def _print(findings: Iterator[Finding], console: Console) -> bool:
    found: list[Finding] = []
    with console.status("looking"):
        for finding in findings:
            found.append(finding)
    width = max((len(finding.name) for finding in found), default=0)
    for finding in found:
        # A line each and no table: file and line stay in one piece, whoever reads it, and where.
        line = Text.assemble(
            finding.name.ljust(width + 2),
            (finding.state.ljust(_STATE_WIDTH), _STYLES[finding.state]),
            finding.sentence,
        )
        console.print(line, soft_wrap=True)
    wrong, warnings = (
        sum(finding.state is state for finding in found) for state in (State.WRONG, State.WARNING)
    )
    console.print(f"{len(found)} checked: {wrong} wrong, {warnings} to look at.")
    return not wrong
