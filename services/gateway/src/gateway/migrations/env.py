"""Runs migrations on the connection that `gateway.migrate` hands over."""

from alembic import context

from gateway.adapters.tables_of_chat import conversations as conversations
from gateway.adapters.tables_of_desk import workspace_settings
from gateway.adapters.tables_of_evaluation import evaluations as evaluations

# All tables share it; those of the desk are known only once their module is read.
metadata = workspace_settings.metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=metadata.schema,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
