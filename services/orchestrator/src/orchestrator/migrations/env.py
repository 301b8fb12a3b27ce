"""Runs the migrations on a connection that `orchestrator.migrate` has opened."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="alembic_version",
    version_table_schema="orchestrator",
)
with context.begin_transaction():
    context.run_migrations()
