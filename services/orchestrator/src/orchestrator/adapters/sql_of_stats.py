"""The statements that keep sums over ended runs, and those that read them; each names the workspace."""

from typing import Final

from sqlalchemy import text

from flowloom_servicekit.database import Statement
from orchestrator.adapters.sql_of_sight import SEEN

# One process counts at a time: the sums of one hour are never added to by two.
LEAD: Final = text("select pg_try_advisory_xact_lock(7301006)")

ENDED: Final = text("""
with due as (
    select run_id from orchestrator.ended_runs where due_at <= now() order by due_at limit :limit for update
)
select cast(r.id as text) as id, r.workspace_id, r.workflow_id, r.workflow_name, r.status, r.finished_at,
    coalesce(r.started_at, r.created_at) as began_at, r.state -> 'usage' as usage, r.plan_hash,
    r.origin -> 'actor' ->> 'user_id' as user_id, r.origin -> 'actor' ->> 'email' as user_name,
    t.status as known_status, t.finished_at as known_finished_at, t.duration_ms as known_duration_ms,
    t.tokens as known_tokens, t.usd_micro as known_usd_micro, t.tokens_saved as known_tokens_saved
from due join orchestrator.runs r on r.id = due.run_id
left join orchestrator.tallied_runs t on t.run_id = r.id
""")

# A look of one round trip: most find nothing, and a transaction takes five.
IS_DUE: Final = Statement(
    "select exists (select 1 from orchestrator.ended_runs where due_at <= now()) as is_due"
)

PLAN: Final = text("select plan from orchestrator.runs where id = cast(:id as uuid)")

CALLS: Final = text("""
select cast(j.run_id as text) as run_id, j.step,
    case when j.name = 'model' then coalesce(j.response ->> 'model', 'default') else '' end as model,
    cast(j.ended_at at time zone 'UTC' as date) as day, count(*) as made,
    coalesce(sum(cast(j.usage ->> 'tokens' as bigint)), 0) as tokens,
    coalesce(sum(cast(j.usage ->> 'usd_micro' as bigint)), 0) as usd_micro,
    coalesce(sum(j.duration_ms), 0) as duration_ms, max(j.ended_at) as last_at
from orchestrator.journal j left join orchestrator.tallied_runs t on t.run_id = j.run_id
where j.run_id = any(cast(:ids as uuid[])) and j.ended_at is not null
    and (t.calls_until is null or j.ended_at > t.calls_until)
group by 1, 2, 3, 4
""")

FORGET: Final = text("delete from orchestrator.ended_runs where run_id = any(cast(:ids as uuid[]))")

REMEMBER: Final = text("""
insert into orchestrator.tallied_runs as known (
    run_id, status, finished_at, duration_ms, tokens, usd_micro, tokens_saved, calls_until
)
select r.run_id, r.status, r.finished_at, r.duration_ms, r.tokens, r.usd_micro, r.tokens_saved, r.calls_until
from jsonb_to_recordset(cast(:rows as jsonb)) as r(
    run_id uuid, status text, finished_at timestamptz, duration_ms bigint, tokens bigint, usd_micro bigint,
    tokens_saved bigint, calls_until timestamptz
)
on conflict (run_id) do update set
    status = excluded.status, finished_at = excluded.finished_at, duration_ms = excluded.duration_ms,
    tokens = excluded.tokens, usd_micro = excluded.usd_micro, tokens_saved = excluded.tokens_saved,
    calls_until = coalesce(excluded.calls_until, known.calls_until)
""")

ADD_HOURS: Final = text("""
insert into orchestrator.run_hours as known
select r.* from jsonb_to_recordset(cast(:rows as jsonb)) as r(
    workspace_id text, hour timestamptz, workflow_id text, workflow_name text, succeeded int, failed int,
    cancelled int, duration_ms bigint, tokens bigint, usd_micro bigint, tokens_saved bigint
)
on conflict (workspace_id, hour, workflow_id) do update set
    workflow_name = excluded.workflow_name, succeeded = known.succeeded + excluded.succeeded,
    failed = known.failed + excluded.failed, cancelled = known.cancelled + excluded.cancelled,
    duration_ms = known.duration_ms + excluded.duration_ms, tokens = known.tokens + excluded.tokens,
    usd_micro = known.usd_micro + excluded.usd_micro,
    tokens_saved = known.tokens_saved + excluded.tokens_saved
""")

ADD_DURATIONS: Final = text("""
insert into orchestrator.run_durations as known
select r.* from jsonb_to_recordset(cast(:rows as jsonb)) as r(
    workspace_id text, hour timestamptz, class smallint, runs int
)
on conflict (workspace_id, hour, class) do update set runs = known.runs + excluded.runs
""")

ADD_CALLS: Final = text("""
insert into orchestrator.call_days as known
select r.* from jsonb_to_recordset(cast(:rows as jsonb)) as r(
    workspace_id text, day date, workflow_id text, workflow_name text, step text, agent text, model text,
    user_id text, user_name text, calls int, tokens bigint, usd_micro bigint, duration_ms bigint
)
on conflict (workspace_id, day, workflow_id, step, agent, model, user_id) do update set
    workflow_name = excluded.workflow_name, user_name = excluded.user_name,
    calls = known.calls + excluded.calls, tokens = known.tokens + excluded.tokens,
    usd_micro = known.usd_micro + excluded.usd_micro, duration_ms = known.duration_ms + excluded.duration_ms
""")

_SUMS: Final = """
coalesce(sum(succeeded), 0) as succeeded, coalesce(sum(failed), 0) as failed,
coalesce(sum(cancelled), 0) as cancelled, coalesce(sum(duration_ms), 0) as duration_ms,
coalesce(sum(tokens), 0) as tokens, coalesce(sum(usd_micro), 0) as usd_micro,
coalesce(sum(tokens_saved), 0) as tokens_saved
"""

_HOURS: Final = "workspace_id = :workspace_id and hour >= :since and hour < :until"

TOTALS: Final = text(f"""
select {_SUMS} from orchestrator.run_hours
where {_HOURS} and (cast(:workflow_id as text) is null or workflow_id = :workflow_id)
""")  # noqa: S608 - our own fragments; every value is a parameter

DURATIONS: Final = text(f"""
select class as number, sum(runs) as runs from orchestrator.run_durations where {_HOURS} group by class
having sum(runs) > 0
""")  # noqa: S608 - our own fragments; every value is a parameter

SERIES: Final = text(f"""
select date_trunc(cast(:unit as text), hour, 'UTC') as at, {_SUMS} from orchestrator.run_hours
where {_HOURS} group by 1 order by 1
""")  # noqa: S608 - our own fragments; every value is a parameter

WORKFLOWS: Final = text(f"""
select workflow_id, max(workflow_name) as workflow_name, {_SUMS} from orchestrator.run_hours
where {_HOURS} and not (workflow_id = any(cast(:closed as text[]))) group by workflow_id
order by sum(succeeded + failed + cancelled) desc, workflow_id limit :limit
""")  # noqa: S608 - our own fragments; every value is a parameter

MODELS: Final = text("""
select model, sum(calls) as calls, sum(tokens) as tokens, sum(usd_micro) as usd_micro
from orchestrator.call_days
where workspace_id = :workspace_id and day >= cast(cast(:since as timestamptz) at time zone 'UTC' as date)
    and day < cast(cast(:until as timestamptz) at time zone 'UTC' as date) + case
        when cast(:until as timestamptz) = date_trunc('day', cast(:until as timestamptz), 'UTC') then 0 else 1
    end and model <> ''
group by model order by sum(tokens) desc, model limit :limit
""")

IN_PROGRESS: Final = text("""
select count(*) filter (where state = 'running') as running,
    count(*) filter (where state in ('queued', 'blocked') and not paused) as queued,
    count(*) filter (where state = 'parked' or (state <> 'running' and paused)) as waiting
from orchestrator.admissions where workspace_id = :workspace_id
""")

_SUMMARY: Final = """
cast(r.id as text) as id, r.workflow_id, r.workflow_name, r.status, r.state -> 'error' as error, r.created_at,
r.started_at, r.finished_at
"""

RUNNING: Final = text(f"""
select {_SUMMARY} from orchestrator.admissions a join orchestrator.runs r on r.id = a.run_id
where a.workspace_id = :workspace_id and a.state = 'running' and {SEEN}
order by a.run_id desc limit :limit
""")  # noqa: S608 - our own fragments; every value is a parameter

FAILED: Final = text(f"""
select {_SUMMARY} from orchestrator.runs r where r.workspace_id = :workspace_id and r.status = 'failed'
    and {SEEN}
order by r.id desc limit :limit
""")  # noqa: S608 - our own fragments; every value is a parameter

APPROVALS_WAITING: Final = text("""
select count(*) from orchestrator.approvals where workspace_id = :workspace_id and status = 'open'
""")
