"""Large values, events of users, and schedules."""

from collections.abc import Sequence

from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Without a reference to runs: a value is kept before the commit that mentions it, and swept with its run.
RUN_VALUES = """
create table orchestrator.run_values (
    run_id uuid not null,
    ref text not null,
    size bigint not null,
    created_at timestamptz not null default now(),
    primary key (run_id, ref)
)
"""

VALUE_CHUNKS = """
create table orchestrator.value_chunks (
    run_id uuid not null,
    ref text not null,
    n integer not null,
    body bytea not null,
    primary key (run_id, ref, n)
)
"""

USER_EVENTS = """
create table orchestrator.user_events (
    workspace_id text not null,
    event_id text not null,
    name text not null,
    data jsonb,
    at timestamptz not null,
    received_at timestamptz not null default now(),
    delivered_at timestamptz,
    primary key (workspace_id, event_id)
)
"""

EVENT_RECEIPTS = """
create table orchestrator.event_receipts (
    run_id uuid not null references orchestrator.runs (id) on delete cascade,
    event_id text not null,
    workspace_id text not null,
    primary key (run_id, event_id)
)
"""

SCHEDULES = """
create table orchestrator.schedules (
    id uuid primary key,
    workspace_id text not null,
    workflow_id text not null,
    workflow_name text not null,
    version integer not null,
    trigger_id text not null,
    cron text not null,
    zone text not null,
    misfire text not null,
    paused boolean not null default false,
    next_at timestamptz,
    last_at timestamptz,
    last_run_id text,
    last_error text,
    created_at timestamptz not null,
    unique (workspace_id, workflow_id, trigger_id)
)
"""

INDEXES = (
    "create index user_events_recent on orchestrator.user_events (workspace_id, name, received_at)",
    "create index user_events_new on orchestrator.user_events (received_at) where delivered_at is null",
    "create index user_events_old on orchestrator.user_events (received_at)",
    "create index steps_awaiting_events on orchestrator.steps"
    " (workspace_id, (state -> 'waits_for' ->> 'name'))"
    " where status = 'waiting' and state ? 'waits_for'",
    "create index schedules_due on orchestrator.schedules (next_at) where not paused and next_at is not null",
    "create index run_values_old on orchestrator.run_values (created_at)",
)

TABLES = ("run_values", "value_chunks", "user_events", "event_receipts", "schedules")


def upgrade() -> None:
    """Create the tables."""
    for statement in (RUN_VALUES, VALUE_CHUNKS, USER_EVENTS, EVENT_RECEIPTS, SCHEDULES, *INDEXES):
        op.execute(statement)
    # Bodies are compressed already; to compress them again would only cost time.
    op.execute("alter table orchestrator.value_chunks alter column body set storage external")


def downgrade() -> None:
    """Drop the tables."""
    op.execute("drop index orchestrator.steps_awaiting_events")
    for table in TABLES:
        op.execute(f"drop table orchestrator.{table} cascade")
