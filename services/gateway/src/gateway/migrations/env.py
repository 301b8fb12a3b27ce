"""Where Alembic begins."""

from flowloom_servicekit.migrations import run_env
from gateway.adapters.tables_of_chat import conversations as conversations
from gateway.adapters.tables_of_desk import workspace_settings
from gateway.adapters.tables_of_evaluation import evaluations as evaluations

# All tables share it; those of the desk are known only once their module is read.
run_env(workspace_settings.metadata)
