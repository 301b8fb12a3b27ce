"""The tables of sign-in beside those of people and sessions: from invitations to API clients."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid

from gateway.adapters.tables import metadata

_ID: Final = Uuid(as_uuid=False)
_TIME: Final = DateTime(timezone=True)

invitations: Final = Table(
    "invitations",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("invited_by", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME, nullable=False),
    Column("accepted_at", _TIME),
    Column("revoked_at", _TIME),
    Index(None, "workspace_id", "id"),
)

password_resets: Final = Table(
    "password_resets",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_id", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME, nullable=False),
    Column("used_at", _TIME),
    Index(None, "user_id"),
)

# `last_step` is the newest 30-second step of which a code was taken: none of it or before counts again.
second_factors: Final = Table(
    "second_factors",
    metadata,
    Column("user_id", _ID, ForeignKey("gateway.users.id"), primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("confirmed_at", _TIME),
    Column("last_step", BigInteger),
)

recovery_codes: Final = Table(
    "recovery_codes",
    metadata,
    Column("user_id", _ID, ForeignKey("gateway.users.id"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("used_at", _TIME),
)

# An account elsewhere is its issuer and subject; addresses and names of it prove nothing.
identities: Final = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user_id", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("provider", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("last_used_at", _TIME, nullable=False),
    Index(None, "user_id"),
)

# What a sign-in elsewhere must bring back; the row is gone with its first use.
sign_in_flows: Final = Table(
    "sign_in_flows",
    metadata,
    Column("state_digest", LargeBinary, primary_key=True),
    Column("browser_digest", LargeBinary, nullable=False),
    Column("provider", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("next_path", Text, nullable=False),
    Column("user_id", _ID, ForeignKey("gateway.users.id")),
    Column("expires_at", _TIME, nullable=False),
    Index(None, "expires_at"),
)

api_clients: Final = Table(
    "api_clients",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("user_id", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME),
    Column("last_used_at", _TIME),
    Column("revoked_at", _TIME),
    Column("old_digest", LargeBinary),
    Column("old_digest_until", _TIME),
    Index(None, "workspace_id", "id"),
)

# A bucket that leaks: `full_until` lies in the future by as much as is in it.
throttles: Final = Table(
    "throttles",
    metadata,
    Column("bucket", LargeBinary, primary_key=True),
    Column("full_until", _TIME, nullable=False),
    Index(None, "full_until"),
)
