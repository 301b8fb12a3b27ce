"""Create the agents of workspaces."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "agents",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_agents_workspace_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["gateway.users.id"], name=op.f("fk_agents_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_agents_workspace_id_name")),
        schema="gateway",
    )
    for statement in policies("gateway", "agents"):
        op.execute(statement)


def downgrade() -> None:
    """Drop the table; workflows that name such an agent cannot start any more."""
    op.drop_table("agents", schema="gateway")
