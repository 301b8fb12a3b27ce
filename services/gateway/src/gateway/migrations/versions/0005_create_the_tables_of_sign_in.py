"""Create the tables of invitations, resets, second factors, identity providers, clients and throttles."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    """Widen the tables of people, then create the new ones."""
    _widen()
    _create_invitations()
    _create_resets()
    _create_second_factors()
    _create_identities()
    _create_flows()
    _create_clients()
    _create_throttles()


def _widen() -> None:
    op.alter_column("users", "email_key", nullable=True, schema="gateway")
    op.alter_column("users", "password_hash", nullable=True, schema="gateway")
    op.add_column("members", sa.Column("suspended_at", _TIME, nullable=True), schema="gateway")
    op.add_column("members", sa.Column("provider", sa.Text(), nullable=True), schema="gateway")
    op.add_column("sessions", sa.Column("device", sa.Text(), nullable=True), schema="gateway")
    op.add_column("sessions", sa.Column("address", sa.Text(), nullable=True), schema="gateway")
    op.add_column("sessions", sa.Column("last_used_at", _TIME, nullable=True), schema="gateway")
    op.execute("UPDATE gateway.sessions SET last_used_at = created_at")
    op.alter_column("sessions", "last_used_at", nullable=False, schema="gateway")
    op.add_column("api_keys", sa.Column("replaces", _ID, nullable=True), schema="gateway")


def _create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", _ID, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("accepted_at", _TIME, nullable=True),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["invited_by"], ["gateway.users.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_invitations_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitations_digest")),
        schema="gateway",
    )
    _index("invitations", "workspace_id", "id")


def _create_resets() -> None:
    op.create_table(
        "password_resets",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], name=op.f("fk_password_resets_user_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_password_resets")),
        schema="gateway",
    )
    _index("password_resets", "user_id")


def _create_second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("confirmed_at", _TIME, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], name=op.f("fk_second_factors_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
        schema="gateway",
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], name=op.f("fk_recovery_codes_user_id")),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_recovery_codes")),
        schema="gateway",
    )


def _create_identities() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("last_used_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], name=op.f("fk_identities_user_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
        schema="gateway",
    )
    _index("identities", "user_id")


def _create_flows() -> None:
    op.create_table(
        "sign_in_flows",
        sa.Column("state_digest", sa.LargeBinary(), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.Column("user_id", _ID, nullable=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], name=op.f("fk_sign_in_flows_user_id")),
        sa.PrimaryKeyConstraint("state_digest", name=op.f("pk_sign_in_flows")),
        schema="gateway",
    )
    _index("sign_in_flows", "expires_at")


def _create_clients() -> None:
    op.create_table(
        "api_clients",
        sa.Column("id", _ID, nullable=False),
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=True),
        sa.Column("last_used_at", _TIME, nullable=True),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], name=op.f("fk_api_clients_user_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_api_clients_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_clients")),
        schema="gateway",
    )
    _index("api_clients", "workspace_id", "id")


def _create_throttles() -> None:
    op.create_table(
        "throttles",
        sa.Column("bucket", sa.LargeBinary(), nullable=False),
        sa.Column("full_until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_throttles")),
        schema="gateway",
    )
    _index("throttles", "full_until")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), schema="gateway")


def downgrade() -> None:
    """Drop the tables and columns; who has no password or address cannot be kept."""
    for table in (
        "throttles",
        "api_clients",
        "sign_in_flows",
        "identities",
        "recovery_codes",
        "second_factors",
        "password_resets",
        "invitations",
    ):
        op.drop_table(table, schema="gateway")
    op.drop_column("api_keys", "replaces", schema="gateway")
    for column in ("last_used_at", "address", "device"):
        op.drop_column("sessions", column, schema="gateway")
    for column in ("provider", "suspended_at"):
        op.drop_column("members", column, schema="gateway")
    op.alter_column("users", "password_hash", nullable=False, schema="gateway")
    op.alter_column("users", "email_key", nullable=False, schema="gateway")
