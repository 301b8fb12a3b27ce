"""Create the table of workflows that are shared with some people only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "workflow_sharing",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_workflow_sharing_workspace_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["gateway.users.id"], name=op.f("fk_workflow_sharing_updated_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow_sharing")),
        schema="gateway",
    )
    op.create_index(
        op.f("ix_workflow_sharing_workspace_id"), "workflow_sharing", ["workspace_id"], schema="gateway"
    )
    for statement in policies("gateway", "workflow_sharing"):
        op.execute(statement)


def downgrade() -> None:
    """Drop the table; every workflow is the whole workspace's again."""
    op.drop_table("workflow_sharing", schema="gateway")
