"""Which texts steps of runs have kept, who corrected them and which steps have found them."""

from typing import Final

from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0005"
down_revision = "0004"

UP: Final = (
    """
    CREATE TABLE memory.memories (
        document_id uuid PRIMARY KEY REFERENCES memory.documents (id) ON DELETE CASCADE,
        workspace_id text NOT NULL,
        run_id text NOT NULL,
        step text NOT NULL,
        workflow_id text,
        agent text,
        corrected_by text,
        corrected_at timestamptz,
        used bigint NOT NULL DEFAULT 0,
        uses jsonb NOT NULL DEFAULT '[]'
    )
    """,
    "CREATE INDEX memories_by_workspace ON memory.memories (workspace_id, document_id DESC)",
    "CREATE INDEX memories_by_run ON memory.memories (workspace_id, run_id)",
    # Until now a text said in its metadata which step has kept it; what people sent has a source.
    """
    INSERT INTO memory.memories (document_id, workspace_id, run_id, step)
    SELECT d.id, d.workspace_id, d.metadata ->> 'run_id', d.metadata ->> 'step'
    FROM memory.documents AS d
    WHERE d.workflow_id IS NULL AND d.source = '{}'
      AND jsonb_typeof(d.metadata -> 'run_id') = 'string' AND jsonb_typeof(d.metadata -> 'step') = 'string'
      AND NOT EXISTS (SELECT FROM memory.document_parts AS p WHERE p.document_id = d.id)
    """,
)


def upgrade() -> None:
    """Create the table; texts that are there become memories of agents that are not known any more."""
    for statement in UP:
        op.execute(statement)
    for statement in policies("memory", "memories"):
        op.execute(statement)


def downgrade() -> None:
    """Drop what is known of the texts; they themselves stay."""
    op.execute("DROP TABLE memory.memories")
