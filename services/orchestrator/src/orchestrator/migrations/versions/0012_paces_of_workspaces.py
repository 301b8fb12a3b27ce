"""How fast workspaces use models, a bucket each."""

from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = """
create table orchestrator.paces (
    workspace_id text primary key,
    full_until timestamptz not null
)
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TABLE)
    for statement in policies("orchestrator", "paces"):
        op.execute(statement)


def downgrade() -> None:
    """Drop it; calls are made as fast as they come."""
    op.execute("drop table orchestrator.paces")
