"""Runs, steps, events, outbox, journal and archive."""

from collections.abc import Sequence

from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

RUNS = """
create table orchestrator.runs (
    id uuid primary key,
    workspace_id text not null,
    workflow_id text not null,
    workflow_name text not null,
    version integer,
    source text not null,
    document_hash text not null,
    plan_hash text not null,
    plan jsonb not null,
    inputs jsonb not null,
    status text not null,
    state jsonb not null,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    attempt integer not null default 1,
    revision bigint not null default 1,
    n bigint not null default 0,
    epoch integer not null default 1,
    driver integer not null default 0,
    seen_at timestamptz not null,
    wake_at timestamptz,
    nudges integer not null default 0,
    nudged_at timestamptz,
    archived_at timestamptz
)
"""

STEPS = """
create table orchestrator.steps (
    run_id uuid not null references orchestrator.runs (id) on delete cascade,
    path text not null,
    workspace_id text not null,
    status text not null,
    attempt integer not null,
    state jsonb not null,
    exec integer not null default 0,
    execs_of_attempt integer not null default 0,
    inline boolean not null default false,
    dispatch integer not null default 0,
    worker text,
    boot_id text,
    lease_until timestamptz,
    deadline_at timestamptz,
    queued_at timestamptz,
    primary key (run_id, path)
)
"""

RUN_EVENTS = """
create table orchestrator.run_events (
    run_id uuid not null,
    n bigint not null,
    workspace_id text not null,
    type text not null,
    at timestamptz not null,
    step text,
    fence integer,
    envelope text not null,
    primary key (run_id, n)
) partition by range (run_id)
"""

OUTBOX = """
create table orchestrator.outbox (
    id bigint generated always as identity primary key,
    run_id uuid not null,
    workspace_id text not null,
    kind text not null,
    payload jsonb not null,
    created_at timestamptz not null default now()
)
"""

JOURNAL = """
create table orchestrator.journal (
    run_id uuid not null references orchestrator.runs (id) on delete cascade,
    step text not null,
    attempt integer not null,
    call integer not null,
    branch integer not null,
    workspace_id text not null,
    exec integer not null,
    name text not null,
    effect text not null,
    request_hash text not null,
    response jsonb,
    usage jsonb,
    duration_ms integer,
    begun_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (run_id, step, attempt, call, branch)
)
"""

IDEMPOTENCY = """
create table orchestrator.idempotency_keys (
    workspace_id text not null,
    key text not null,
    run_id uuid not null,
    request_hash text not null,
    created_at timestamptz not null,
    primary key (workspace_id, key)
)
"""

ARCHIVE = """
create table orchestrator.stream_archive (
    run_id uuid not null references orchestrator.runs (id) on delete cascade,
    epoch integer not null,
    first_seq bigint not null,
    last_seq bigint not null,
    workspace_id text not null,
    body bytea not null,
    primary key (run_id, epoch, first_seq)
)
"""

INDEXES = (
    "create index runs_of_workspace on orchestrator.runs (workspace_id, id desc)",
    "create index runs_of_workflow on orchestrator.runs (workspace_id, workflow_id, id desc)",
    "create index runs_alive on orchestrator.runs (seen_at)"
    " where status not in ('succeeded', 'failed', 'cancelled')",
    "create index steps_alive on orchestrator.steps (lease_until) where status in ('queued', 'running')",
    "create index outbox_of_run on orchestrator.outbox (run_id, id)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (RUNS, STEPS, RUN_EVENTS, OUTBOX, JOURNAL, IDEMPOTENCY, ARCHIVE, *INDEXES):
        op.execute(statement)
    # Catches runs of a month that nobody has prepared; maintenance keeps it empty.
    op.execute("create table orchestrator.run_events_other partition of orchestrator.run_events default")
    # Rows of these tables live for seconds; without this the dead ones pile up between vacuums.
    op.execute("alter table orchestrator.outbox set (autovacuum_vacuum_scale_factor = 0.02)")
    op.execute("alter table orchestrator.runs set (fillfactor = 70)")
    op.execute("alter table orchestrator.steps set (fillfactor = 70)")


def downgrade() -> None:
    """Drop the tables."""
    for table in ("stream_archive", "idempotency_keys", "journal", "outbox", "run_events", "steps", "runs"):
        op.execute(f"drop table orchestrator.{table} cascade")
