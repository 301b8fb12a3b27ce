"""An index for the question that lists of runs are asked most: by status.

Labels and names have none: row-level security lets no index be searched by operators that might tell of rows.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    op.execute("create index runs_of_status on orchestrator.runs (workspace_id, status, id desc)")


def downgrade() -> None:
    """Drop it."""
    op.execute("drop index orchestrator.runs_of_status")
