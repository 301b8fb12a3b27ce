"""The tables of conversations and what is said in them."""

from typing import Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from gateway.adapters.tables import metadata

_ID: Final = Uuid(as_uuid=False)
_TIME: Final = DateTime(timezone=True)
_STATUSES: Final = "status IN ('queued', 'running', 'done', 'failed', 'stopped')"

conversations: Final = Table(
    "conversations",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("user_id", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("target", JSON, nullable=False),
    Column("memory", JSON, nullable=False),
    Column("while_running", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME, nullable=False),
)
Index("ix_conversations_of_person", conversations.c.workspace_id, conversations.c.user_id, conversations.c.id)

messages: Final = Table(
    "messages",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column(
        "conversation_id", _ID, ForeignKey("gateway.conversations.id", ondelete="CASCADE"), nullable=False
    ),
    Column("parent_id", _ID),
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("status", Text, CheckConstraint(_STATUSES, name="messages_status"), nullable=False),
    Column("attachments", JSON, nullable=False),
    Column("citations", JSON, nullable=False),
    Column("error", JSON),
    Column("model", Text),
    Column("run_id", _ID),
    # Of answers: who asked, whom, and with which key.
    Column("actor", JSON),
    Column("target", JSON),
    Column("key", Text),
    Column("created_at", _TIME, nullable=False),
    Column("touched_at", _TIME, nullable=False),
    Column("ended_at", _TIME),
    UniqueConstraint("conversation_id", "key"),
)
Index("ix_messages_of_conversation", messages.c.conversation_id, messages.c.id)
Index("ix_messages_of_run", messages.c.run_id, postgresql_where=messages.c.run_id.is_not(None))
Index(
    "ix_messages_in_flight",
    messages.c.touched_at,
    postgresql_where=messages.c.status.in_(("queued", "running")),
)
