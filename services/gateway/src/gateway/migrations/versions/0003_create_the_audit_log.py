"""Create the audit log: a chain per workspace that is written once and never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CHAIN = """
CREATE FUNCTION gateway.chain_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
    IF NEW.body::json ->> 'workspace_id' IS DISTINCT FROM NEW.workspace_id::text THEN
        RAISE EXCEPTION 'an entry belongs to the workspace it names' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || NEW.workspace_id::text, 0));
    SELECT n, hash INTO last FROM gateway.audit_entries
        WHERE workspace_id = NEW.workspace_id ORDER BY n DESC LIMIT 1;
    NEW.at := (NEW.body::json ->> 'at')::timestamptz;
    NEW.n := coalesce(last.n, 0) + 1;
    NEW.previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    NEW.hash := sha256(NEW.previous || int8send(NEW.n) || convert_to(NEW.body, 'UTF8'));
    RETURN NEW;
END $$
"""
_REFUSE = """
CREATE FUNCTION gateway.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log never changes' USING ERRCODE = 'restrict_violation'; END $$
"""
_LINK_EVERY_ENTRY = """
CREATE TRIGGER audit_entries_are_chained BEFORE INSERT ON gateway.audit_entries
FOR EACH ROW EXECUTE FUNCTION gateway.chain_audit_entry()
"""
_KEEP_EVERY_ENTRY = """
CREATE TRIGGER audit_entries_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON gateway.audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION gateway.refuse_audit_change()
"""


def upgrade() -> None:
    """Create the table with its triggers."""
    op.create_table(
        "audit_entries",
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        _from_body("action", "body::json ->> 'action'"),
        _from_body("outcome", "body::json ->> 'outcome'"),
        _from_body("actor_id", "body::json -> 'actor' ->> 'id'"),
        _from_body("target_kind", "body::json -> 'target' ->> 'kind'"),
        _from_body("target_id", "body::json -> 'target' ->> 'id'"),
        sa.PrimaryKeyConstraint("workspace_id", "n", name=op.f("pk_audit_entries")),
        schema="gateway",
    )
    op.create_index(
        op.f("ix_audit_entries_workspace_id_at"), "audit_entries", ["workspace_id", "at"], schema="gateway"
    )
    op.create_index(
        "ix_audit_entries_source",
        "audit_entries",
        ["workspace_id", "source"],
        unique=True,
        schema="gateway",
        postgresql_where=sa.text("source IS NOT NULL"),
    )
    for statement in (_CHAIN, _REFUSE, _LINK_EVERY_ENTRY, _KEEP_EVERY_ENTRY):
        op.execute(statement)


def _from_body(name: str, expression: str) -> sa.Column[str]:
    """Return a column that can only say what the hashed text says."""
    return sa.Column(name, sa.Text(), sa.Computed(expression, persisted=True), nullable=True)


def downgrade() -> None:
    """Drop the log."""
    op.drop_table("audit_entries", schema="gateway")
    op.execute("DROP FUNCTION gateway.chain_audit_entry()")
    op.execute("DROP FUNCTION gateway.refuse_audit_change()")
