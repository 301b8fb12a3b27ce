"""Create the settings of workspaces."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table, and the index by which the last edits are found."""
    op.create_table(
        "workspace_settings",
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_workspace_settings_workspace_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["gateway.users.id"], name=op.f("fk_workspace_settings_updated_by")
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspace_settings")),
        schema="gateway",
    )
    op.create_index(
        "ix_workflows_edited", "workflows", ["workspace_id", "updated_at"], unique=False, schema="gateway"
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_workflows_edited", table_name="workflows", schema="gateway")
    op.drop_table("workspace_settings", schema="gateway")
