"""Sums over ended runs and their calls, the queue of what is not in them yet, and policies of workspaces."""

from collections.abc import Sequence

from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Written by a trigger in the transaction that ends a run, emptied by whoever counts.
ENDED_RUNS = """
create table orchestrator.ended_runs (
    run_id uuid primary key references orchestrator.runs (id) on delete cascade,
    due_at timestamptz not null
)
"""

# What was counted of a run: one that is tried again and ends another time is counted anew.
TALLIED_RUNS = """
create table orchestrator.tallied_runs (
    run_id uuid primary key references orchestrator.runs (id) on delete cascade,
    status text not null,
    finished_at timestamptz not null,
    duration_ms bigint not null,
    tokens bigint not null,
    usd_micro bigint not null,
    tokens_saved bigint not null,
    calls_until timestamptz
)
"""

# Without references to runs: sums outlive them.
RUN_HOURS = """
create table orchestrator.run_hours (
    workspace_id text not null,
    hour timestamptz not null,
    workflow_id text not null,
    workflow_name text not null,
    succeeded integer not null,
    failed integer not null,
    cancelled integer not null,
    duration_ms bigint not null,
    tokens bigint not null,
    usd_micro bigint not null,
    tokens_saved bigint not null,
    primary key (workspace_id, hour, workflow_id)
)
"""

RUN_DURATIONS = """
create table orchestrator.run_durations (
    workspace_id text not null,
    hour timestamptz not null,
    class smallint not null,
    runs integer not null,
    primary key (workspace_id, hour, class)
)
"""

CALL_DAYS = """
create table orchestrator.call_days (
    workspace_id text not null,
    day date not null,
    workflow_id text not null,
    workflow_name text not null,
    step text not null,
    agent text not null,
    model text not null,
    user_id text not null,
    user_name text not null,
    calls integer not null,
    tokens bigint not null,
    usd_micro bigint not null,
    duration_ms bigint not null,
    primary key (workspace_id, day, workflow_id, step, agent, model, user_id)
)
"""

WORKSPACE_POLICIES = """
create table orchestrator.workspace_policies (
    workspace_id text primary key,
    revision integer not null,
    policy jsonb not null
)
"""

# A cancelled run waits a moment: its last calls may still be settled.
ENDED = """
create function orchestrator.note_ended_run() returns trigger language plpgsql as $$
begin
    insert into orchestrator.ended_runs (run_id, due_at)
    values (new.id, now() + case new.status when 'cancelled' then interval '5 s' else interval '0' end)
    on conflict (run_id) do update set due_at = excluded.due_at;
    return null;
end $$
"""

TRIGGER = """
create trigger ended_runs_noted after update of status on orchestrator.runs for each row
when (new.status in ('succeeded', 'failed', 'cancelled') and old.status is distinct from new.status)
execute function orchestrator.note_ended_run()
"""

# Runs that ended before are counted too.
ADOPT = """
insert into orchestrator.ended_runs (run_id, due_at)
select id, now() from orchestrator.runs
where status in ('succeeded', 'failed', 'cancelled') and finished_at is not null
"""

INDEXES = (
    "create index ended_runs_due on orchestrator.ended_runs (due_at)",
    "create index runs_failed on orchestrator.runs (workspace_id, id desc) where status = 'failed'",
)
TABLES = ("ended_runs", "tallied_runs", "run_hours", "run_durations", "call_days", "workspace_policies")


def upgrade() -> None:
    """Create the tables and let the queue follow the runs."""
    for statement in (ENDED_RUNS, TALLIED_RUNS, RUN_HOURS, RUN_DURATIONS, CALL_DAYS, *INDEXES):
        op.execute(statement)
    for statement in (WORKSPACE_POLICIES, ENDED, TRIGGER, ADOPT):
        op.execute(statement)
    # Its rows live for a second.
    op.execute("alter table orchestrator.ended_runs set (autovacuum_vacuum_scale_factor = 0.02)")


def downgrade() -> None:
    """Drop the tables and what follows the runs."""
    op.execute("drop trigger ended_runs_noted on orchestrator.runs")
    op.execute("drop function orchestrator.note_ended_run()")
    op.execute("drop index orchestrator.runs_failed")
    for table in TABLES:
        op.execute(f"drop table orchestrator.{table}")
