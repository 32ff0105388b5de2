"""Tells a sandbox from a deployment: its database and tokens are its own, and last one run.

Beside a healthy demo, a deployment that was never made is not something to mend.
"""

import fcntl
from collections.abc import Iterator
from enum import StrEnum

from bot.doctor import database
from bot.doctor.findings import Finding, State, Surroundings
from bot.settings import ProviderName

# Where `make demo` keeps what it needs, inside the project; the lock is held while it runs.
_LOCK = "var/sandbox/running.lock"


class Demo(StrEnum):
    """How the sandbox of this folder is."""

    RUNS = "runs"
    STOPPED = "stopped"


def beside(around: Surroundings) -> Demo | None:
    """The sandbox of this folder, where nothing else was ever made of it; none otherwise.

    A real carrier, production, or a database that is there: somebody deployed, and is told all.
    """
    settings = around.settings
    if settings.production or settings.sms_provider != ProviderName.SANDBOX:
        return None
    if not database.is_missing(settings.database_url):
        return None
    return _here(around)


def _here(around: Surroundings) -> Demo | None:
    try:
        with (around.project / _LOCK).open(encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # let go as the file is closed
    except BlockingIOError:
        return Demo.RUNS
    except OSError:
        return None
    return Demo.STOPPED


def runs(_around: Surroundings) -> Iterator[Finding]:
    """A demo runs, and nothing is deployed."""
    sentence = (
        "It runs in this folder, with a database and tokens of its own. Nothing is deployed, so "
        "no database is looked for."
    )
    yield Finding("demo", State.OK, sentence)


def stopped(_around: Surroundings) -> Iterator[Finding]:
    """A demo ran once, and nothing is deployed."""
    sentence = (
        "It ran in this folder and is stopped; nothing is deployed, so no process is looked for. "
        "`make demo` starts it; docs/how-to/deploy.md says how to deploy."
    )
    yield Finding("demo", State.WARNING, sentence)
