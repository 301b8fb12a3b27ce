"""Lock the rows of workspaces: whoever acts for one sees no row of another."""

from typing import Final

from alembic import op

from flowloom_servicekit.tenancy import locked, policies

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES: Final = (
    "members",
    "sessions",
    "api_keys",
    "workflows",
    "versions",
    "rules",
    "secrets",
    "triggers",
    "deliveries",
    "emitted_events",
    "workspace_settings",
    "invitations",
    "api_clients",
    "audit_entries",
)
FOR_THE_PLATFORM: Final = (
    "refresh_tokens",
    "password_resets",
    "second_factors",
    "recovery_codes",
    "identities",
    "sign_in_flows",
    "outbox",
)
"""Only sign-in and relays read them, before anybody acts for a workspace."""


def upgrade() -> None:
    """Switch the policies on."""
    for table in TABLES:
        for statement in policies("gateway", table):
            op.execute(statement)
    for statement in policies("gateway", "workspaces", column="id"):
        op.execute(statement)
    for table in FOR_THE_PLATFORM:
        for statement in locked("gateway", table, "false"):
            op.execute(statement)
    op.execute("CREATE POLICY anybody_tells ON gateway.outbox FOR INSERT WITH CHECK (true)")


def downgrade() -> None:
    """Switch them off."""
    op.execute("DROP POLICY anybody_tells ON gateway.outbox")
    for table in (*TABLES, "workspaces", *FOR_THE_PLATFORM):
        op.execute(f"DROP POLICY platform ON gateway.{table}")
        op.execute(f"DROP POLICY own_workspace ON gateway.{table}")
        op.execute(f"ALTER TABLE gateway.{table} DISABLE ROW LEVEL SECURITY")
