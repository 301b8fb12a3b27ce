"""Create the tables of versions, rules, secrets, triggers and their deliveries; let operators be members."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROLES = "role IN ('owner', 'admin', 'editor', 'viewer')"
_ROLES_NOW = "role IN ('owner', 'admin', 'editor', 'operator', 'viewer')"
_REFUSE_CHANGES = """
CREATE FUNCTION gateway.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a version never changes' USING ERRCODE = 'restrict_violation'; END $$
"""
_KEEP_VERSIONS = """
CREATE TRIGGER versions_never_change BEFORE UPDATE ON gateway.versions
FOR EACH ROW EXECUTE FUNCTION gateway.refuse_change()
"""


def upgrade() -> None:
    """Create the tables."""
    _replace_roles(_ROLES_NOW)
    _create_versions()
    op.execute(_REFUSE_CHANGES)
    op.execute(_KEEP_VERSIONS)
    _create_rules()
    _create_secrets()
    _create_triggers()
    _create_deliveries()
    _create_outbox()
    _create_emitted_events()


def _replace_roles(condition: str) -> None:
    op.drop_constraint(op.f("ck_members_known_role"), "members", schema="gateway", type_="check")
    op.create_check_constraint(op.f("ck_members_known_role"), "members", condition, schema="gateway")


def _create_versions() -> None:
    op.create_table(
        "versions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workflow_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("tests", sa.LargeBinary(), nullable=False),
        sa.Column("document_hash", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("published_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by"], ["gateway.users.id"], name=op.f("fk_versions_published_by")
        ),
        sa.ForeignKeyConstraint(
            ["workflow_id"],
            ["gateway.workflows.id"],
            name=op.f("fk_versions_workflow_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_versions_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("workflow_id", "version", name=op.f("uq_versions_workflow_id_version")),
        schema="gateway",
    )


def _create_rules() -> None:
    op.create_table(
        "rules",
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["updated_by"], ["gateway.users.id"], name=op.f("fk_rules_updated_by")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_rules_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_rules")),
        schema="gateway",
    )


def _create_secrets() -> None:
    op.create_table(
        "secrets",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_secrets_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrets")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_secrets_workspace_id_name")),
        schema="gateway",
    )


def _create_triggers() -> None:
    op.create_table(
        "triggers",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workflow_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workflow_name", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('webhook', 'event')", name=op.f("ck_triggers_known_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_triggers_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triggers")),
        sa.UniqueConstraint(
            "workflow_id", "trigger", "kind", name=op.f("uq_triggers_workflow_id_trigger_kind")
        ),
        schema="gateway",
    )
    op.create_index(
        "ix_triggers_listening",
        "triggers",
        ["workspace_id", "topic"],
        unique=False,
        schema="gateway",
        postgresql_where=sa.text("active"),
    )
    op.create_index(
        op.f("ix_triggers_workspace_id_kind_id"),
        "triggers",
        ["workspace_id", "kind", "id"],
        unique=False,
        schema="gateway",
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("trigger_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("dedupe", sa.LargeBinary(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'started', 'dead')", name=op.f("ck_deliveries_known_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        schema="gateway",
    )
    op.create_index(
        "ix_deliveries_dedupe",
        "deliveries",
        ["trigger_id", "dedupe"],
        unique=True,
        schema="gateway",
        postgresql_where=sa.text("dedupe IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["next_at"],
        unique=False,
        schema="gateway",
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        op.f("ix_deliveries_trigger_id_id"),
        "deliveries",
        ["trigger_id", "id"],
        unique=False,
        schema="gateway",
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        schema="gateway",
    )
    op.create_index(op.f("ix_outbox_next_at_id"), "outbox", ["next_at", "id"], unique=False, schema="gateway")


def _create_emitted_events() -> None:
    op.create_table(
        "emitted_events",
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["gateway.workspaces.id"], name=op.f("fk_emitted_events_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_emitted_events")),
        schema="gateway",
    )
    op.create_index(
        op.f("ix_emitted_events_created_at"), "emitted_events", ["created_at"], unique=False, schema="gateway"
    )


def downgrade() -> None:
    """Drop the tables; operators become viewers."""
    op.drop_table("emitted_events", schema="gateway")
    op.drop_table("outbox", schema="gateway")
    op.drop_table("deliveries", schema="gateway")
    op.drop_table("triggers", schema="gateway")
    op.drop_table("secrets", schema="gateway")
    op.drop_table("rules", schema="gateway")
    op.drop_table("versions", schema="gateway")
    op.execute("DROP FUNCTION gateway.refuse_change()")
    op.execute("UPDATE gateway.members SET role = 'viewer' WHERE role = 'operator'")
    _replace_roles(_ROLES)
