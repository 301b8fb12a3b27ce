"""The tables of notifications and of the addresses of other systems."""

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from gateway.adapters.tables import metadata

_ID: Final = Uuid(as_uuid=False)
_TIME: Final = DateTime(timezone=True)

notifications: Final = Table(
    "notifications",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("user_id", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("shown", JSON, nullable=False),
    Column("in_app", Boolean, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("read_at", _TIME),
    Column("email", Text),
    Column("mail_at", _TIME),
    Column("mail_attempts", Integer, nullable=False),
    UniqueConstraint("user_id", "source"),
    Index(None, "workspace_id", "user_id", "id"),
    Index("ix_notifications_mail", "mail_at", postgresql_where=text("mail_at IS NOT NULL")),
    Index(
        "ix_notifications_unread",
        "workspace_id",
        "user_id",
        postgresql_where=text("in_app AND read_at IS NULL"),
    ),
    Index(None, "created_at"),
)

notification_choices: Final = Table(
    "notification_choices",
    metadata,
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), primary_key=True),
    Column("user_id", _ID, ForeignKey("gateway.users.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("in_app", Boolean, nullable=False),
    Column("mail", Boolean, nullable=False),
)

webhook_endpoints: Final = Table(
    "webhook_endpoints",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("failing_since", _TIME),
    Column("disabled_reason", Text),
    Column("subscriber_id", _ID, ForeignKey("gateway.users.id")),
    Index(None, "workspace_id", "id"),
)

endpoint_calls: Final = Table(
    "endpoint_calls",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column(
        "endpoint_id",
        _ID,
        ForeignKey("gateway.webhook_endpoints.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("event_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("next_at", _TIME),
    Column("delivered_at", _TIME),
    Column("answer", Integer),
    Column("error", Text),
    UniqueConstraint("endpoint_id", "event_id"),
    CheckConstraint("status IN ('pending', 'delivered', 'dead')", name="known_status"),
    Index(None, "endpoint_id", "id"),
    Index("ix_endpoint_calls_due", "next_at", postgresql_where=text("status = 'pending'")),
    Index(None, "created_at"),
)
