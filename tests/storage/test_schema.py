"""Migrations make the tables that the code expects, on both engines, in one line of history."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.errors import ConfigError
from bot.storage import schema
from bot.storage.database import make_engine
from bot.storage.tables import Table


def test_migrations_make_exactly_the_tables_of_the_code(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []


def test_history_has_one_head():
    script = ScriptDirectory.from_config(schema._config())
    assert len(script.get_heads()) == 1
    assert script.get_current_head() == schema.head()


def test_a_current_database_is_accepted_and_upgrading_it_again_changes_nothing(database):
    schema.upgrade(database.engine)
    schema.require_current(database.engine)
    assert schema.current(database.engine) == schema.head()


def test_a_database_of_another_version_is_refused_with_the_cure(database):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="tend db upgrade"):
        schema.require_current(database.engine)


def test_an_empty_database_is_refused(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(ConfigError, match="none"):
        schema.require_current(engine)
    engine.dispose()
