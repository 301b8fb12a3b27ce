"""Create notifications of people, their choices, and the addresses of other systems with their calls."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES: Final = ("notifications", "notification_choices", "webhook_endpoints", "endpoint_calls")


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Uuid(as_uuid=False), nullable=nullable)


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    ondelete = "CASCADE" if other == "webhook_endpoints" else None
    return sa.ForeignKeyConstraint([column], [f"gateway.{other}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    """Create the tables and lock their rows."""
    _create_notifications()
    _create_choices()
    _create_endpoints()
    _create_calls()
    for table in TABLES:
        for statement in policies("gateway", table):
            op.execute(statement)


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        _id("id"),
        _id("workspace_id"),
        _id("user_id"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        _time("created_at", nullable=False),
        _time("read_at"),
        sa.Column("email", sa.Text(), nullable=True),
        _time("mail_at"),
        sa.Column("mail_attempts", sa.Integer(), nullable=False),
        _to("notifications", "workspace_id", "workspaces"),
        _to("notifications", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("user_id", "source", name=op.f("uq_notifications_user_id_source")),
        schema="gateway",
    )
    columns = ["workspace_id", "user_id", "id"]
    op.create_index(
        op.f("ix_notifications_workspace_id_user_id_id"), "notifications", columns, schema="gateway"
    )
    op.create_index(op.f("ix_notifications_created_at"), "notifications", ["created_at"], schema="gateway")
    op.create_index(
        "ix_notifications_mail",
        "notifications",
        ["mail_at"],
        schema="gateway",
        postgresql_where=sa.text("mail_at IS NOT NULL"),
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["workspace_id", "user_id"],
        schema="gateway",
        postgresql_where=sa.text("in_app AND read_at IS NULL"),
    )


def _create_choices() -> None:
    op.create_table(
        "notification_choices",
        _id("workspace_id"),
        _id("user_id"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("mail", sa.Boolean(), nullable=False),
        _to("notification_choices", "workspace_id", "workspaces"),
        _to("notification_choices", "user_id", "users"),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", "kind", name=op.f("pk_notification_choices")),
        schema="gateway",
    )


def _create_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        _id("id"),
        _id("workspace_id"),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _time("created_at", nullable=False),
        _time("failing_since"),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        _to("webhook_endpoints", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
        schema="gateway",
    )
    name = op.f("ix_webhook_endpoints_workspace_id_id")
    op.create_index(name, "webhook_endpoints", ["workspace_id", "id"], schema="gateway")


def _create_calls() -> None:
    op.create_table(
        "endpoint_calls",
        _id("id"),
        _id("workspace_id"),
        _id("endpoint_id"),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _time("created_at", nullable=False),
        _time("next_at"),
        _time("delivered_at"),
        sa.Column("answer", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'delivered', 'dead')", name=op.f("ck_endpoint_calls_known_status")
        ),
        _to("endpoint_calls", "workspace_id", "workspaces"),
        _to("endpoint_calls", "endpoint_id", "webhook_endpoints"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint_calls")),
        sa.UniqueConstraint("endpoint_id", "event_id", name=op.f("uq_endpoint_calls_endpoint_id_event_id")),
        schema="gateway",
    )
    name = op.f("ix_endpoint_calls_endpoint_id_id")
    op.create_index(name, "endpoint_calls", ["endpoint_id", "id"], schema="gateway")
    op.create_index(op.f("ix_endpoint_calls_created_at"), "endpoint_calls", ["created_at"], schema="gateway")
    op.create_index(
        "ix_endpoint_calls_due",
        "endpoint_calls",
        ["next_at"],
        schema="gateway",
        postgresql_where=sa.text("status = 'pending'"),
    )


def downgrade() -> None:
    """Drop the tables; the secrets are lost."""
    for table in reversed(TABLES):
        op.drop_table(table, schema="gateway")
