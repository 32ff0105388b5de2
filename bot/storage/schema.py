"""Brings the database to the schema of this version, and refuses to run on another.

Every process looks which schema it finds; only an upgrade loads Alembic, which takes as long as
half of everything else.
"""

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from bot.errors import ConfigError

if TYPE_CHECKING:
    from alembic.config import Config

_LINE = re.compile(r"^(revision|down_revision) = (?:'(\w+)'|None)", re.MULTILINE)


def _config() -> "Config":
    """Alembic's settings."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files("bot.storage") / "migrations"))
    return config


def upgrade(engine: Engine) -> None:
    """Apply every migration that this database has not seen."""
    if current(engine) == head():
        return
    from alembic import command

    settings = _config()
    with engine.connect() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def current(engine: Engine) -> str | None:
    """The newest migration that this database has seen."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@cache
def head() -> str | None:
    """The newest migration there is: the one that no other one builds on."""
    revisions: set[str] = set()
    built_on: set[str] = set()
    for file in (resources.files("bot.storage") / "migrations" / "versions").iterdir():
        if file.name.endswith(".py"):
            found = dict(_LINE.findall(file.read_text("utf-8")))
            revisions.add(found.get("revision", ""))
            built_on.add(found.get("down_revision", ""))
    newest = sorted(revisions - built_on - {""})
    return newest[-1] if newest else None


def require_current(engine: Engine) -> None:
    """Refuse a database of another version.

    :raises ConfigError: migrations are missing, or the database is newer than the program.
    """
    found = current(engine)
    if found != head():
        raise ConfigError(
            f"the database is at migration {found or 'none'}, this version needs {head()}. "
            "Run `tend db upgrade` (take a backup first)."
        )
