"""The tables of the schema `gateway`."""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

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
    # Both are null for who signs in elsewhere: such an account is never found by an address.
    Column("email_key", Text, unique=True),
    Column("password_hash", Text),
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
    Column("suspended_at", _TIME),
    # The identity provider whose claims made this membership, and alone may end it.
    Column("provider", Text),
    Index(None, "user_id"),
)

# What members of a workspace can be beside the roles that every workspace has; members name their role.
roles: Final = Table(
    "roles",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("permissions", JSON, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    UniqueConstraint("workspace_id", "name"),
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
    Column("device", Text),
    Column("address", Text),
    Column("last_used_at", _TIME, nullable=False),
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
    # A key that takes over from another; while both are alive neither gets a third.
    Column("replaces", _ID),
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
    Column("labels", JSONB, nullable=False),
    UniqueConstraint("workspace_id", "name"),
    Index(None, "workspace_id", "id"),
)

# Written once; only the whole workflow can be deleted.
versions: Final = Table(
    "versions",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("workflow_id", _ID, ForeignKey("gateway.workflows.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", LargeBinary, nullable=False),
    Column("layout", JSON, nullable=False),
    Column("tests", LargeBinary, nullable=False),
    Column("document_hash", Text, nullable=False),
    Column("note", LargeBinary),
    Column("published_by", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("published_at", _TIME, nullable=False),
    UniqueConstraint("workflow_id", "version"),
)

rules: Final = Table(
    "rules",
    metadata,
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), primary_key=True),
    Column("items", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_by", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("updated_at", _TIME, nullable=False),
)

# The ciphertext is bound to workspace and id: copied into another row it cannot be opened.
secrets: Final = Table(
    "secrets",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    Column("last_used_at", _TIME),
    UniqueConstraint("workspace_id", "name"),
)

# Without a reference to the workflow: what was accepted must be settled also when that is deleted.
triggers: Final = Table(
    "triggers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("workflow_id", _ID, nullable=False),
    Column("workflow_name", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("topic", Text),
    Column("version", Integer, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("key_id", Text),
    Column("sealed_secret", LargeBinary),
    Column("created_at", _TIME, nullable=False),
    UniqueConstraint("workflow_id", "trigger", "kind"),
    CheckConstraint("kind IN ('webhook', 'event')", name="known_kind"),
    Index(None, "workspace_id", "kind", "id"),
    Index("ix_triggers_listening", "workspace_id", "topic", postgresql_where=text("active")),
)

# What was accepted and has to start one run; `data` is JSON as text, because jsonb takes no U+0000.
deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, nullable=False),
    Column("trigger_id", _ID, nullable=False),
    Column("run_key", Text, nullable=False),
    Column("dedupe", LargeBinary),
    Column("data", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("received_at", _TIME, nullable=False),
    Column("next_at", _TIME),
    Column("run_id", _ID),
    Column("reason", LargeBinary),
    CheckConstraint("status IN ('pending', 'started', 'dead')", name="known_status"),
    Index(None, "trigger_id", "id"),
    Index("ix_deliveries_due", "next_at", postgresql_where=text("status = 'pending'")),
    Index(
        "ix_deliveries_dedupe",
        "trigger_id",
        "dedupe",
        unique=True,
        postgresql_where=text("dedupe IS NOT NULL"),
    ),
)

# What was decided here and others have to be told.
outbox: Final = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", _TIME, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Index(None, "next_at", "id"),
)

emitted_events: Final = Table(
    "emitted_events",
    metadata,
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("event_id", _ID, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Index(None, "created_at"),
)

# Written once by inserting `workspace_id` and `body`; a trigger links the entry to the one before.
audit_entries: Final = Table(
    "audit_entries",
    metadata,
    Column("workspace_id", _ID, primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _TIME, nullable=False),
    Column("body", Text, nullable=False),
    Column("source", Text),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("action", Text, Computed("body::json ->> 'action'", persisted=True)),
    Column("outcome", Text, Computed("body::json ->> 'outcome'", persisted=True)),
    Column("actor_id", Text, Computed("body::json -> 'actor' ->> 'id'", persisted=True)),
    Column("target_kind", Text, Computed("body::json -> 'target' ->> 'kind'", persisted=True)),
    Column("target_id", Text, Computed("body::json -> 'target' ->> 'id'", persisted=True)),
    Index(None, "workspace_id", "at"),
    Index(
        "ix_audit_entries_source",
        "workspace_id",
        "source",
        unique=True,
        postgresql_where=text("source IS NOT NULL"),
    ),
)
