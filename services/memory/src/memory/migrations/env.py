"""Tells Alembic to work on the connection that `memory.migrate` holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table_schema="memory")
with context.begin_transaction():
    context.run_migrations()
