"""Budgets of workspaces, each workspace's as one document."""

from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = """
create table orchestrator.workspace_budgets (
    workspace_id text primary key,
    items jsonb not null,
    revision integer not null,
    updated_at timestamptz not null
)
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TABLE)
    for statement in policies("orchestrator", "workspace_budgets"):
        op.execute(statement)


def downgrade() -> None:
    """Drop it; runs go on without these budgets."""
    op.execute("drop table orchestrator.workspace_budgets")
