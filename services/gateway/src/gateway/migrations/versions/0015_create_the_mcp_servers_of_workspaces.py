"""Create the MCP servers of workspaces."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "mcp_servers",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("tools", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_mcp_servers_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mcp_servers")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_mcp_servers_workspace_id_name")),
        schema="gateway",
    )
    for statement in policies("gateway", "mcp_servers"):
        op.execute(statement)


def downgrade() -> None:
    """Drop the table; what was agreed to is lost."""
    op.drop_table("mcp_servers", schema="gateway")
