"""Runs migrations on the connection that `gateway.migrate` hands over."""

from alembic import context

from gateway.adapters.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=metadata.schema,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
