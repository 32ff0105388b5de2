"""Runs migrations on the connection that ``schema.upgrade`` gives."""

from alembic import context

from bot.storage.tables import Table

connection = context.config.attributes["connection"]
# SQLite cannot alter most things in place: batch mode copies the table instead.
context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
