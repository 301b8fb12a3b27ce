"""The tables of what people set beside workflows and runs."""

from typing import Final

from sqlalchemy import (
    JSON,
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
)

from gateway.adapters.tables import metadata, workflows

Index("ix_workflows_edited", workflows.c.workspace_id, workflows.c.updated_at)

_ID: Final = Uuid(as_uuid=False)
_TIME: Final = DateTime(timezone=True)

workspace_settings: Final = Table(
    "workspace_settings",
    metadata,
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), primary_key=True),
    Column("settings", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_by", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("updated_at", _TIME, nullable=False),
)

# The key is bound to workspace and id, as secrets are.
models: Final = Table(
    "models",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("key_id", Text),
    Column("sealed", LargeBinary),
    Column("revision", Integer, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

agents: Final = Table(
    "agents",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("definition", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_by", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("updated_at", _TIME, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

mcp_servers: Final = Table(
    "mcp_servers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("tools", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)
