"""How runs have ended, and the failures that are found among the documents of their workspace."""

from typing import Final

from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0004"
down_revision = "0003"

# Whoever deletes the collection forgets what it was made from as well.
OF_THE_COLLECTION: Final = """
    collection text NOT NULL,
    FOREIGN KEY (workspace_id, collection)
        REFERENCES memory.collections (workspace_id, name) ON DELETE CASCADE
"""
UP: Final = (
    "ALTER TABLE memory.documents ADD workflow_id text",
    f"""
    CREATE TABLE memory.run_outcomes (
        workspace_id text NOT NULL,
        run_id text NOT NULL,
        attempt integer NOT NULL,
        workflow_id text NOT NULL,
        workflow_name text NOT NULL,
        version integer,
        document text,
        forked_from text,
        status text NOT NULL,
        signature text,
        code text,
        step text,
        message text,
        at timestamptz NOT NULL,
        PRIMARY KEY (workspace_id, run_id, attempt),
        {OF_THE_COLLECTION}
    )
    """,
    "CREATE INDEX run_outcomes_by_workflow ON memory.run_outcomes (workspace_id, workflow_id, status, at)",
    "CREATE INDEX run_outcomes_by_origin ON memory.run_outcomes (workspace_id, forked_from)"
    " WHERE forked_from IS NOT NULL",
    "CREATE INDEX run_outcomes_by_age ON memory.run_outcomes (at)",
    f"""
    CREATE TABLE memory.run_failures (
        workspace_id text NOT NULL,
        workflow_id text NOT NULL,
        signature text NOT NULL,
        due_at timestamptz,
        awaits_success boolean NOT NULL DEFAULT true,
        PRIMARY KEY (workspace_id, workflow_id, signature),
        {OF_THE_COLLECTION}
    )
    """,
    "CREATE INDEX run_failures_by_due ON memory.run_failures (due_at) WHERE due_at IS NOT NULL",
)


def upgrade() -> None:
    """Create the tables; documents that are there belong to no workflow."""
    for statement in UP:
        op.execute(statement)
    for table in ("run_outcomes", "run_failures"):
        for statement in policies("memory", table):
            op.execute(statement)


def downgrade() -> None:
    """Refuse: what is known of runs would become documents that everybody may read."""
    raise NotImplementedError("restore a backup from before this migration instead")
