"""The statements that write and read a run, parsed once; each is one round trip and atomic by itself."""

from typing import Final

from sqlalchemy import text

from flowloom_servicekit.database import Statement

FIND_KEY: Final = Statement("""
select cast(run_id as text) as run_id, request_hash from orchestrator.idempotency_keys
where workspace_id = :workspace_id and key = :key
""")

# One statement for head, events and outbox, so that a commit costs one round trip.
_EVENTS: Final = """
new_events as (
    insert into orchestrator.run_events (run_id, n, workspace_id, type, at, step, fence, envelope)
    select head.id, head.n0 + e.ord, head.workspace_id, e.type, e.at, e.step, e.fence, e.body
    from head, jsonb_to_recordset(cast(:events as jsonb))
        as e(ord int, type text, at timestamptz, step text, fence int, body text)
),
new_outbox as (
    insert into orchestrator.outbox (run_id, workspace_id, kind, payload)
    select head.id, head.workspace_id, o.kind, o.payload
    from head, jsonb_to_recordset(cast(:outbox as jsonb)) as o(ord int, kind text, payload jsonb)
    order by o.ord
    returning id
)
"""

_ANSWER: Final = """
select head.n0, head.epoch, array(select id from new_outbox order by id) as outbox_ids from head
"""

# Creates nothing, and answers nothing, when the idempotency key belongs to another run.
CREATE: Final = Statement(f"""
with claimed as (
    insert into orchestrator.idempotency_keys as known (workspace_id, key, run_id, request_hash, created_at)
    select cast(:workspace_id as text), cast(:key as text), cast(:id as uuid), cast(:request_hash as text),
        cast(:now as timestamptz)
    where cast(:key as text) is not null
    on conflict (workspace_id, key) do update
        set run_id = excluded.run_id, request_hash = excluded.request_hash, created_at = excluded.created_at
        where known.created_at < cast(:now as timestamptz) - interval '24 hours'
    returning run_id
),
head as (
    insert into orchestrator.runs (
        id, workspace_id, workflow_id, workflow_name, version, source, document_hash, plan_hash, plan, inputs,
        status, state, created_at, seen_at, n
    )
    select cast(:id as uuid), cast(:workspace_id as text), cast(:workflow_id as text),
        cast(:workflow_name as text), cast(:version as integer), cast(:source as text),
        cast(:document_hash as text), cast(:plan_hash as text), cast(:plan as jsonb), cast(:inputs as jsonb),
        cast(:status as text), cast(:state as jsonb), cast(:now as timestamptz), cast(:now as timestamptz),
        cast(:event_count as bigint)
    where cast(:key as text) is null or exists (select 1 from claimed)
    returning id, workspace_id, epoch, cast(0 as bigint) as n0
),
{_EVENTS}
{_ANSWER}
""")  # noqa: S608 - our own fragments; every value is a parameter

COMMIT: Final = Statement(f"""
with head as (
    update orchestrator.runs set
        revision = revision + 1, n = n + :event_count, status = :status, state = cast(:state as jsonb),
        started_at = :started_at, finished_at = :finished_at, attempt = :attempt, driver = :driver,
        wake_at = :wake_at, seen_at = case when :driver_seen then now() else seen_at end,
        nudges = case when :driver_seen then 0 else nudges end
    where id = cast(:id as uuid) and revision = :revision
    returning id, workspace_id, epoch, n - :event_count as n0
),
new_steps as (
    insert into orchestrator.steps (
        run_id, path, workspace_id, status, attempt, state, exec, execs_of_attempt, inline, dispatch, worker,
        boot_id, lease_until, deadline_at, queued_at
    )
    select head.id, s.path, head.workspace_id, s.status, s.attempt, s.state, s.exec, s.execs_of_attempt,
        s.inline, s.dispatch, s.worker, s.boot_id, s.lease_until, s.deadline_at, s.queued_at
    from head, jsonb_to_recordset(cast(:steps as jsonb)) as s(
        path text, status text, attempt int, state jsonb, exec int, execs_of_attempt int, inline boolean,
        dispatch int, worker text, boot_id text, lease_until timestamptz, deadline_at timestamptz,
        queued_at timestamptz
    )
    on conflict (run_id, path) do update set
        status = excluded.status, attempt = excluded.attempt, state = excluded.state, exec = excluded.exec,
        execs_of_attempt = excluded.execs_of_attempt, inline = excluded.inline, dispatch = excluded.dispatch,
        worker = excluded.worker, boot_id = excluded.boot_id, lease_until = excluded.lease_until,
        deadline_at = excluded.deadline_at, queued_at = excluded.queued_at
),
new_journal as (
    insert into orchestrator.journal (
        run_id, step, attempt, call, branch, workspace_id, exec, name, effect, request_hash, response, usage,
        duration_ms, ended_at
    )
    select head.id, j.step, j.attempt, j.call, j.branch, head.workspace_id, j.exec, j.name, j.effect,
        j.request_hash, j.response, j.usage, j.duration_ms, now()
    from head, jsonb_to_recordset(cast(:journal as jsonb)) as j(
        step text, attempt int, call int, branch int, exec int, name text, effect text, request_hash text,
        response jsonb, usage jsonb, duration_ms int
    )
    on conflict (run_id, step, attempt, call, branch) do nothing
),
{_EVENTS}
{_ANSWER}
""")  # noqa: S608 - our own fragments; every value is a parameter

LOAD: Final = Statement("""
select cast(r.id as text) as id, r.workspace_id, r.workflow_id, r.workflow_name, r.version, r.plan_hash,
    r.inputs, r.state, r.created_at, r.revision, r.driver, r.epoch,
    (select coalesce(jsonb_agg(to_jsonb(s) - 'run_id' - 'workspace_id'), '[]')
        from orchestrator.steps s where s.run_id = r.id) as steps
from orchestrator.runs r where r.id = cast(:id as uuid)
""")

LOAD_PLAN: Final = Statement("select plan from orchestrator.runs where id = cast(:id as uuid)")

RENEW_LEASE: Final = Statement("""
update orchestrator.steps set lease_until = :until
from (select set_config('synchronous_commit', 'off', true)) as relaxed
where run_id = cast(:run_id as uuid) and path = :step and exec = :exec and status = 'running'
returning deadline_at
""")

ADD_EVENT: Final = text(f"""
with head as (
    update orchestrator.runs r set n = n + :event_count
    where r.id = cast(:id as uuid) and exists (
        select 1 from orchestrator.steps s
        where s.run_id = r.id and s.path = :step and s.exec = :exec and s.status = 'running'
    )
    returning r.id, r.workspace_id, r.epoch, r.n - :event_count as n0
),
new_journal as (
    insert into orchestrator.journal as known (
        run_id, step, attempt, call, branch, workspace_id, exec, name, effect, request_hash, response, usage,
        duration_ms, ended_at
    )
    select head.id, j.step, j.attempt, j.call, j.branch, head.workspace_id, j.exec, j.name, j.effect,
        j.request_hash, j.response, j.usage, j.duration_ms, now()
    from head, jsonb_to_recordset(cast(:journal as jsonb)) as j(
        step text, attempt int, call int, branch int, exec int, name text, effect text, request_hash text,
        response jsonb, usage jsonb, duration_ms int
    )
    on conflict (run_id, step, attempt, call, branch) do update
        set response = excluded.response, usage = excluded.usage, duration_ms = excluded.duration_ms,
            ended_at = excluded.ended_at, exec = excluded.exec
        where known.ended_at is null
),
{_EVENTS}
{_ANSWER}
""")  # noqa: S608 - our own fragments; every value is a parameter
