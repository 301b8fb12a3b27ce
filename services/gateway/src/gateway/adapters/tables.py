"""The tables of the schema `gateway`."""

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
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata: Final = MetaData(
    schema="gateway",
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    },
)

_ID: Final = Uuid(as_uuid=False)
_TIME: Final = DateTime(timezone=True)

# One row at most: the set-up of a second owner meets its primary key, whoever comes first.
installations: Final = Table(
    "installations",
    metadata,
    Column("one", SmallInteger, primary_key=True),
    Column("set_up_at", _TIME, nullable=False),
    CheckConstraint("one = 1", name="single"),
)

users: Final = Table(
    "users",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("disabled_at", _TIME),
    Column("created_at", _TIME, nullable=False),
)

workspaces: Final = Table(
    "workspaces",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
)

members: Final = Table(
    "members",
    metadata,
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), primary_key=True),
    Column("user_id", _ID, ForeignKey("gateway.users.id"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    CheckConstraint("role IN ('owner', 'admin', 'editor', 'viewer')", name="known_role"),
    Index(None, "user_id"),
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("user_id", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("ends_at", _TIME, nullable=False),
    Column("revoked_at", _TIME),
    Column("revoked_because", Text),
    Index(None, "user_id"),
)

refresh_tokens: Final = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("session_id", _ID, ForeignKey("gateway.sessions.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME, nullable=False),
    Column("used_at", _TIME),
    Index(None, "session_id"),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("user_id", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME),
    Column("last_used_at", _TIME),
    Column("revoked_at", _TIME),
    Index(None, "workspace_id", "id"),
)

# Texts are bytes and layouts are json, not jsonb: both must come back as they went in, U+0000 included.
workflows: Final = Table(
    "workflows",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", LargeBinary, nullable=False),
    Column("layout", JSON, nullable=False),
    Column("tests", LargeBinary, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("draft_valid", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("published_version", Integer),
    Column("created_by", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    UniqueConstraint("workspace_id", "name"),
    Index(None, "workspace_id", "id"),
)
