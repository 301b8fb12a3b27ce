"""The queue of accepted runs, their slots and their concurrency keys."""

from collections.abc import Sequence

from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# One narrow row for each run that has not ended. Without a reference to runs: a commit would pay for it, and
# the trigger below removes the row with the run's end.
ADMISSIONS = """
create table orchestrator.admissions (
    run_id uuid primary key,
    arrived bigint generated always as identity,
    workspace_id text not null,
    state text not null,
    paused boolean not null default false,
    priority integer not null default 0,
    waited_for boolean not null default false,
    key text,
    key_max integer,
    on_full text,
    schedule jsonb not null default '{}'
)
"""

# Keys of which a run has come or gone since a pass looked at them.
KEY_CHECKS = """
create table orchestrator.key_checks (
    id bigint generated always as identity primary key,
    workspace_id text not null,
    key text not null
)
"""

INDEXES = (
    "create index admissions_queued on orchestrator.admissions (workspace_id, priority desc, run_id)"
    " where state = 'queued' and not paused",
    "create index admissions_running on orchestrator.admissions (workspace_id) where state = 'running'",
    "create index admissions_blocked on orchestrator.admissions (key, priority desc, run_id)"
    " where state = 'blocked' and not paused",
    "create index admissions_waited_for on orchestrator.admissions (run_id)"
    " where state = 'queued' and waited_for and not paused",
    "create index admissions_waiting on orchestrator.admissions (workspace_id)"
    " where state in ('queued', 'blocked')",
    "create index admissions_of_key on orchestrator.admissions (key, arrived) where key is not null",
    "create index admissions_counted on orchestrator.admissions (key)"
    " where key is not null and state <> 'blocked'",
)

# A function, because each statement inside it sees what was committed before the lock was given.
KEY_HAS_ROOM = """
create function orchestrator.key_has_room(wanted text, most integer) returns boolean
language plpgsql volatile as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(wanted, 7301005));
    return (select count(*) < most from orchestrator.admissions where key = wanted);
end $$
"""

# A run whose steps all wait for a time that is far away: it holds no slot meanwhile.
IS_ASLEEP = """
create function orchestrator.is_asleep(run uuid, status text, wake_at timestamptz) returns boolean
language sql stable as $$
    select status = 'running' and wake_at > now() + interval '30 s' and not exists (
        select 1 from orchestrator.steps s
        where s.run_id = run and (s.status = 'queued' or (s.status = 'running' and s.worker is not null))
    )
$$
"""

# Places follow the status of their run in the same transaction, whoever changes it.
FOLLOW = """
create function orchestrator.follow_run() returns trigger language plpgsql as $$
declare
    place orchestrator.admissions;
begin
    if new.status in ('succeeded', 'failed', 'cancelled') then
        delete from orchestrator.admissions where run_id = new.id returning * into place;
        if place.key is not null then
            insert into orchestrator.key_checks (workspace_id, key) values (place.workspace_id, place.key);
        end if;
        return null;
    end if;
    -- Not locked: the run is, and a pass locks runs before places. Each update looks at the present state.
    select * into place from orchestrator.admissions where run_id = new.id;
    if not found then
        -- Nobody gave it a place: it is being driven already.
        insert into orchestrator.admissions (run_id, workspace_id, state)
        values (new.id, new.workspace_id, 'running');
    elsif new.status in ('waiting', 'paused')
        or (new.wake_at is not null and orchestrator.is_asleep(new.id, new.status, new.wake_at))
    then
        update orchestrator.admissions set paused = (new.status = 'paused'),
            state = case state when 'running' then 'parked' else state end
        where run_id = new.id and (state = 'running' or paused <> (new.status = 'paused'));
    elsif place.state in ('queued', 'blocked') and new.status = 'queued' then
        update orchestrator.admissions set paused = false where run_id = new.id;
        -- The reaper looks after it when it has a driver.
        update orchestrator.runs set seen_at = 'infinity' where id = new.id;
        if place.key is not null then
            insert into orchestrator.key_checks (workspace_id, key) values (place.workspace_id, place.key);
        end if;
    elsif place.state <> 'running' then
        update orchestrator.admissions set paused = false, state = 'running' where run_id = new.id;
        if place.state in ('queued', 'blocked') and new.status = 'cancelling' then
            -- It never had a driver, and its `on_failure` needs one.
            insert into orchestrator.outbox (run_id, workspace_id, kind, payload)
            values (new.id, new.workspace_id, 'schedule', place.schedule);
            update orchestrator.runs set seen_at = now() where id = new.id;
        end if;
    end if;
    return null;
end $$
"""

TRIGGER = """
create trigger admissions_follow after update of status, wake_at on orchestrator.runs for each row
when (old.status is distinct from new.status or old.wake_at is not null or new.wake_at is not null)
execute function orchestrator.follow_run()
"""

# Runs that were there before have their drivers.
ADOPT = """
insert into orchestrator.admissions (run_id, workspace_id, state)
select id, workspace_id, case when status in ('waiting', 'paused') then 'parked' else 'running' end
from orchestrator.runs where status not in ('succeeded', 'failed', 'cancelled')
"""


def upgrade() -> None:
    """Create the tables and let them follow the runs."""
    for statement in (ADMISSIONS, KEY_CHECKS, *INDEXES, KEY_HAS_ROOM, IS_ASLEEP, FOLLOW, TRIGGER, ADOPT):
        op.execute(statement)
    for table in ("admissions", "key_checks"):
        # Rows live as long as runs; dead ones must not pile up between vacuums.
        op.execute(f"alter table orchestrator.{table} set (autovacuum_vacuum_scale_factor = 0.02)")


def downgrade() -> None:
    """Drop the tables and what follows the runs."""
    op.execute("drop trigger admissions_follow on orchestrator.runs")
    for function in ("follow_run()", "is_asleep(uuid, text, timestamptz)", "key_has_room(text, integer)"):
        op.execute(f"drop function orchestrator.{function}")
    for table in ("admissions", "key_checks"):
        op.execute(f"drop table orchestrator.{table}")
