"""Create the roles of workspaces; members name them beside the roles that every workspace has."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TIME: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "roles",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_roles_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_roles_workspace_id_name")),
        schema="gateway",
    )
    for statement in policies("gateway", "roles"):
        op.execute(statement)
    op.drop_constraint(op.f("ck_members_known_role"), "members", schema="gateway", type_="check")


def downgrade() -> None:
    """Drop the table; who has a role of it becomes a viewer."""
    condition = "role IN ('owner', 'admin', 'editor', 'operator', 'viewer')"
    op.execute(
        "UPDATE gateway.members SET role = 'viewer'"
        " WHERE role NOT IN ('owner', 'admin', 'editor', 'operator', 'viewer')"
    )
    op.create_check_constraint(op.f("ck_members_known_role"), "members", condition, schema="gateway")
    op.drop_table("roles", schema="gateway")
