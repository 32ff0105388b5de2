"""Brings the database to the schema of this version, and refuses to run on another."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from bot.errors import ConfigError


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("bot.storage") / "migrations"))
    return config


def upgrade(engine: Engine) -> None:
    """Apply every migration that this database has not seen."""
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(engine: Engine) -> str | None:
    """The newest migration that this database has seen."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest migration there is."""
    return ScriptDirectory.from_config(_config()).get_current_head()


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
