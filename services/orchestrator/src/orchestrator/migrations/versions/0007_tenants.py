"""Row-level security: whoever acts for a workspace sees no row of another."""

from typing import Final

from alembic import op

from flowloom_servicekit.tenancy import locked, policies

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES: Final = (
    "runs",
    "steps",
    "run_events",
    "outbox",
    "journal",
    "idempotency_keys",
    "stream_archive",
    "approvals",
    "budgets",
    "user_events",
    "event_receipts",
    "schedules",
    "admissions",
    "key_checks",
    "run_hours",
    "run_durations",
    "call_days",
    "workspace_policies",
)
FOR_THE_PLATFORM: Final = ("budget_holds", "run_values", "value_chunks", "ended_runs", "tallied_runs")
"""They say whose they are by what they refer to; they are read once that is known."""

# The service signs in as a role that owns nothing, but has to begin and end months of events. Nobody reads
# a month by its own name: it has no policy.
CREATE_MONTH: Final = """
create function orchestrator.create_month(name text, lower_bound uuid, upper_bound uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
    if name !~ '^run_events_[0-9]{4}_[0-9]{2}$' then
        raise exception '% is not a month of events', name;
    end if;
    if pg_catalog.to_regclass('orchestrator.' || name) is null then
        execute pg_catalog.format(
            'create table orchestrator.%I partition of orchestrator.run_events for values from (%L) to (%L)',
            name, lower_bound, upper_bound
        );
        execute pg_catalog.format('alter table orchestrator.%I enable row level security', name);
    end if;
end $$
"""
DROP_MONTH: Final = """
create function orchestrator.drop_month(name text) returns void
language plpgsql security definer set search_path = '' as $$
begin
    if name !~ '^run_events_[0-9]{4}_[0-9]{2}$' then
        raise exception '% is not a month of events', name;
    end if;
    execute pg_catalog.format('drop table orchestrator.%I', name);
end $$
"""
LOCK_MONTHS: Final = """
do $$ declare month regclass; begin
    for month in select inhrelid from pg_inherits where inhparent = 'orchestrator.run_events'::regclass loop
        execute format('alter table %s enable row level security', month);
    end loop;
end $$
"""


def upgrade() -> None:
    """Switch the policies on."""
    for table in TABLES:
        for statement in policies("orchestrator", table):
            op.execute(statement)
    for table in FOR_THE_PLATFORM:
        for statement in locked("orchestrator", table, "false"):
            op.execute(statement)
    for statement in (CREATE_MONTH, DROP_MONTH, LOCK_MONTHS):
        op.execute(statement)
    for function in ("create_month(text, uuid, uuid)", "drop_month(text)"):
        op.execute(f"revoke execute on function orchestrator.{function} from public")
        op.execute(f"grant execute on function orchestrator.{function} to flowloom_orchestrator_platform")


def downgrade() -> None:
    """Switch them off."""
    op.execute("drop function orchestrator.create_month(text, uuid, uuid)")
    op.execute("drop function orchestrator.drop_month(text)")
    for table in (*TABLES, *FOR_THE_PLATFORM):
        op.execute(f"drop policy platform on orchestrator.{table}")
        op.execute(f"drop policy own_workspace on orchestrator.{table}")
        op.execute(f"alter table orchestrator.{table} disable row level security")
