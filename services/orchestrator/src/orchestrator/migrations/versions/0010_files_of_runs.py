"""Files of runs, version by version; their contents are among the large values."""

from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = """
create table orchestrator.run_files (
    run_id uuid not null references orchestrator.runs (id) on delete cascade,
    path text not null,
    version integer not null,
    workspace_id text not null,
    key text not null,
    sha256 text not null,
    size bigint not null,
    media_type text not null,
    step text not null,
    at timestamptz not null,
    primary key (run_id, path, version),
    unique (run_id, key)
)
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TABLE)
    for statement in policies("orchestrator", "run_files"):
        op.execute(statement)


def downgrade() -> None:
    """Drop it; contents are removed with their runs."""
    op.execute("drop table orchestrator.run_files")
