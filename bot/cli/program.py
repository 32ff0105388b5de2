"""What every command needs: the program, settings, the clinic, a time as people write it."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console

from bot.core import wall_clock
from bot.errors import ConfigError, TendError

if TYPE_CHECKING:
    from bot.bootstrap import App
    from bot.settings import Settings

console = Console()
cli = typer.Typer(
    help="Tend: SMS support and check-in line for mothers in treatment.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def group(name: str, text: str) -> typer.Typer:
    """Commands that belong together: ``tend NAME …``."""
    commands = typer.Typer(help=text, no_args_is_help=name != "train")
    cli.add_typer(commands, name=name)
    return commands


def settings_now() -> "Settings":
    """The settings of this run, with logging as they say.

    :raises ConfigError: one is wrong; the sentence says which, and the cure.
    """
    from bot import bootstrap
    from bot.settings import load_settings

    settings = load_settings()
    bootstrap.configure_logging(settings.log_level)
    return settings


def app_now(*, check_schema: bool = True) -> "App":
    """The clinic that the settings name.

    :param check_schema: refuse a database that is not of this version.
    """
    from bot import bootstrap

    return bootstrap.build(settings_now(), check_schema=check_schema)


def moment(written: str, zone: str) -> datetime:
    """A time as people write it, in this zone unless it says otherwise; UTC.

    :raises ConfigError: it is no time that we can read, or no zone that we know.
    :raises NotAllowed: the clocks of this zone skip it.
    """
    import dateparser

    try:
        here = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"'{zone}' is no time zone I know. Write it as America/New_York."
        ) from None
    try:
        found = dateparser.parse(written, settings={"TIMEZONE": zone})
        if found is not None:
            # Aware where the words name a zone; else as the clocks here show it.
            return found.astimezone(UTC) if found.tzinfo else wall_clock.read(found, here)
    except OverflowError:
        raise ConfigError(f"'{written}' is too far from today.") from None
    raise ConfigError(f"'{written}' is no time I can read. Write it as 2026-03-10 14:00.")


def local(moment_: datetime, zone: str) -> str:
    """A time as people of this zone write it."""
    return f"{moment_.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def until_stopped(stop: Callable[[], None]) -> None:
    """Wait for Ctrl-C or a stop signal, and end tidily."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    stop()


@contextmanager
def plain_errors() -> Iterator[None]:
    """Our own errors are sentences for people; anything else is a bug and keeps its traceback."""
    try:
        yield
    except TendError as error:
        _stop(str(error))
    except Exception as error:
        if not _is_away(error):
            raise
        # Not its own words: they may quote the address with its password.
        _stop(
            "the database cannot be reached or opened. Check TEND_DATABASE_URL, that it runs, and "
            "that this user may write there; `tend doctor` says more."
        )


def _stop(sentence: str) -> NoReturn:
    Console(stderr=True).print(f"tend: {sentence}", style="red", soft_wrap=True, markup=False)
    sys.exit(2)


def _is_away(error: Exception) -> bool:
    # Imported here: most commands answer without the database.
    from sqlalchemy.exc import OperationalError

    return isinstance(error, OperationalError)
