"""Steps at any depth, generations of drivers, and where runs come from."""

from collections.abc import Sequence

from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

RUNS = """
alter table orchestrator.runs
    add column generation integer not null default 0,
    add column priority integer not null default 0,
    add column parent_id uuid,
    add column origin jsonb not null default '{}'
"""

STEPS = """
alter table orchestrator.steps
    add column generation integer not null default 0,
    add column place integer[] not null default '{}',
    add column live boolean not null default true
"""

# Runs that are older have only steps of the run itself, in the order of their plan.
PLACES = """
update orchestrator.steps s set place = array[0, (planned.ord - 1)::integer]
from orchestrator.runs r, jsonb_array_elements(r.plan -> 'steps') with ordinality as planned(step, ord)
where r.id = s.run_id and planned.step ->> 'path' = s.path
"""

INDEXES = (
    "create index runs_of_parent on orchestrator.runs (parent_id) where parent_id is not null",
    "create index runs_finished on orchestrator.runs (finished_at) where finished_at is not null",
)


def upgrade() -> None:
    """Add the columns."""
    for statement in (RUNS, STEPS, PLACES, *INDEXES):
        op.execute(statement)


def downgrade() -> None:
    """Drop the columns."""
    for name in ("runs_of_parent", "runs_finished"):
        op.execute(f"drop index orchestrator.{name}")
    for table, columns in (
        ("runs", ("generation", "priority", "parent_id", "origin")),
        ("steps", ("generation", "place", "live")),
    ):
        for column in columns:
            op.execute(f"alter table orchestrator.{table} drop column {column}")
