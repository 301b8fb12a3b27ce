"""The statements that write and read a run, parsed once; each is one round trip and atomic by itself."""

from typing import Final

from sqlalchemy import text

from flowloom_servicekit.database import Statement
from orchestrator.adapters import sql_of_people
from orchestrator.adapters.sql_of_admission import PLACE, PLACED

FIND_KEY: Final = Statement("""
select cast(run_id as text) as run_id, request_hash from orchestrator.idempotency_keys
where workspace_id = :workspace_id and key = :key
    and created_at >= cast(:now as timestamptz) - interval '24 hours'
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

_PLACED_ANSWER: Final = """
select head.n0, head.epoch,
    array(select id from new_outbox order by id) || array(select id from scheduled) as outbox_ids
from head
"""

# Creates nothing, and answers nothing, when the idempotency key belongs to another run or the concurrency key
# has no room. A run that does not find a slot has no row that starts its driver: its place in the queue has.
_CREATE: Final = f"""
with {PLACE},
claimed as (
    insert into orchestrator.idempotency_keys as known (workspace_id, key, run_id, request_hash, created_at)
    select cast(:workspace_id as text), cast(:key as text), cast(:id as uuid), cast(:request_hash as text),
        cast(:now as timestamptz)
    where cast(:key as text) is not null and exists (select 1 from place where state <> 'rejected')
    on conflict (workspace_id, key) do update
        set run_id = excluded.run_id, request_hash = excluded.request_hash, created_at = excluded.created_at
        where known.created_at < cast(:now as timestamptz) - interval '24 hours'
    returning run_id
),
head as (
    insert into orchestrator.runs (
        id, workspace_id, workflow_id, workflow_name, version, source, document_hash, plan_hash, plan, inputs,
        status, state, created_at, seen_at, n, priority, parent_id, origin
    )
    select cast(:id as uuid), cast(:workspace_id as text), cast(:workflow_id as text),
        cast(:workflow_name as text), cast(:version as integer), cast(:source as text),
        cast(:document_hash as text), cast(:plan_hash as text), cast(:plan as jsonb), cast(:inputs as jsonb),
        cast(:status as text), cast(:state as jsonb), cast(:now as timestamptz),
        case when place.state = 'running' then cast(:now as timestamptz) else 'infinity' end,
        cast(:event_count as bigint), cast(:priority as integer), cast(:parent_id as uuid),
        cast(:origin as jsonb)
    from place
    where place.state <> 'rejected' and (cast(:key as text) is null or exists (select 1 from claimed))
    returning id, workspace_id, epoch, cast(0 as bigint) as n0
),
"""  # noqa: S608 - our own fragments; every value is a parameter

CREATE: Final = Statement(f"{_CREATE}{_EVENTS},{PLACED}{_PLACED_ANSWER}")

# Only for a fork of a run that has files: the other starts do not pay for them.
CREATE_WITH_FILES: Final = Statement(f"""
{_CREATE}
new_files as (
    insert into orchestrator.run_files (
        run_id, path, version, workspace_id, key, sha256, size, media_type, step, at
    )
    select head.id, f.path, f.version, head.workspace_id, f.key, f.sha256, f.size, f.media_type, f.step, f.at
    from head join orchestrator.run_files f
        on f.run_id = cast(:files_of as uuid) and f.workspace_id = head.workspace_id
    where exists (
        select 1 from unnest(cast(:files_steps as text[])) as s(root)
        where f.step = s.root or starts_with(f.step, s.root || '[') or starts_with(f.step, s.root || '.')
    )
),
{_EVENTS},
{PLACED}
{_PLACED_ANSWER}
""")  # noqa: S608 - our own fragments; every value is a parameter

_COMMIT: Final = """
with head as (
    update orchestrator.runs set
        revision = revision + 1, n = n + :event_count, status = :status, state = cast(:state as jsonb),
        started_at = :started_at, finished_at = :finished_at, attempt = :attempt, driver = :driver,
        generation = :generation, archived_at = case when :is_over then archived_at end, wake_at = :wake_at,
        seen_at = case when :driver_seen then now() else seen_at end,
        nudges = case when :driver_seen then 0 else nudges end
    where id = cast(:id as uuid) and revision = :revision
    returning id, workspace_id, epoch, n - :event_count as n0
),
new_steps as (
    insert into orchestrator.steps (
        run_id, path, workspace_id, status, attempt, state, exec, execs_of_attempt, inline, dispatch, worker,
        boot_id, lease_until, deadline_at, queued_at, generation, place, live
    )
    select head.id, s.path, head.workspace_id, s.status, s.attempt, s.state, s.exec, s.execs_of_attempt,
        s.inline, s.dispatch, s.worker, s.boot_id, s.lease_until, s.deadline_at, s.queued_at, s.generation,
        s.place, s.live
    from head, jsonb_to_recordset(cast(:steps as jsonb)) as s(
        path text, status text, attempt int, state jsonb, exec int, execs_of_attempt int, inline boolean,
        dispatch int, worker text, boot_id text, lease_until timestamptz, deadline_at timestamptz,
        queued_at timestamptz, generation int, place int[], live boolean
    )
    on conflict (run_id, path) do update set
        status = excluded.status, attempt = excluded.attempt, state = excluded.state, exec = excluded.exec,
        execs_of_attempt = excluded.execs_of_attempt, inline = excluded.inline, dispatch = excluded.dispatch,
        worker = excluded.worker, boot_id = excluded.boot_id, lease_until = excluded.lease_until,
        deadline_at = excluded.deadline_at, queued_at = excluded.queued_at,
        generation = excluded.generation, place = excluded.place, live = excluded.live
),
left_steps as (
    update orchestrator.steps s set live = false from head
    where s.run_id = head.id and s.path = any(cast(:left as text[]))
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
"""

COMMIT: Final = Statement(f"{_COMMIT}{_EVENTS}{_ANSWER}")

# Only where people, budgets or users' events have a part in it: the other commits do not pay for them.
COMMIT_WIDE: Final = Statement(f"""
{_COMMIT}
{sql_of_people.WRITE}
new_receipts as (
    insert into orchestrator.event_receipts (run_id, event_id, workspace_id)
    select head.id, e.event_id, head.workspace_id from head, unnest(cast(:receipts as text[])) as e(event_id)
),
{_EVENTS}
{_ANSWER}
""")  # noqa: S608 - our own fragments; every value is a parameter

# A run that is tried again takes a place in the queue, as a new one does.
COMMIT_QUEUED: Final = Statement(f"""
{_COMMIT}
{sql_of_people.WRITE}
{_EVENTS},
{PLACE},
{PLACED}
{_PLACED_ANSWER}
""")

LOAD: Final = Statement("""
select cast(r.id as text) as id, r.workspace_id, r.workflow_id, r.workflow_name, r.version, r.plan_hash,
    r.inputs, r.state, r.created_at, r.revision, r.driver, r.epoch, r.generation, r.wake_at, r.priority,
    r.origin,
    (select coalesce(jsonb_object_agg(b.owner, b.worked_ms), '{}')
        from orchestrator.budgets b where b.run_id = r.id and b.worked_ms > 0) as worked,
    (select coalesce(jsonb_agg(a.item), '[]')
        from orchestrator.approvals a where a.run_id = r.id and a.status = 'open') as approvals,
    (select coalesce(
            jsonb_agg(to_jsonb(s) - 'run_id' - 'workspace_id' - 'place' - 'live' order by s.place), '[]'
        )
        from orchestrator.steps s where s.run_id = r.id and s.live) as steps
from orchestrator.runs r where r.id = cast(:id as uuid)
""")

LOAD_PLAN: Final = Statement("select plan from orchestrator.runs where id = cast(:id as uuid)")

RENEW_LEASE: Final = Statement("""
update orchestrator.steps set lease_until = :until
from (select set_config('synchronous_commit', 'off', true)) as relaxed
where run_id = cast(:run_id as uuid) and path = :step and exec = :exec and status = 'running'
returning deadline_at
""")

_ADD: Final = """
with head as (
    update orchestrator.runs r set n = n + :event_count
    where r.id = cast(:id as uuid) and exists (
        select 1 from orchestrator.steps s
        where s.run_id = r.id and s.path = :step and s.exec = :exec and s.status = 'running'
    ) {also}
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
    returning 1
),
"""
ADD_EVENT: Final = text(f"{_ADD.format(also='')}{_EVENTS}{_ANSWER}")

# The end of a call that holds no part of a budget and is told for the first time, in one round trip. Of two
# that are told at once, the second waits for the run, finds the call ended and divides by nothing, which
# undoes all of it. Who has waited for a commit sees the run as it is after it, but the steps as they were
# before: with another revision nothing is added, and whoever asks locks the run first and looks again.
_IS_FIRST: Final = """
    and r.revision = (select before.revision from orchestrator.runs before where before.id = r.id)
    and not exists (
        select from orchestrator.journal j
        where j.run_id = r.id and j.step = :step and j.attempt = :attempt and j.call = :call
            and j.ended_at is not null
    ) and not exists (
        select from orchestrator.budget_holds h
        where h.run_id = r.id and h.step = :step and h.exec = :exec and h.call = :call
    )
"""
END_CALL: Final = Statement(f"""
{_ADD.format(also=_IS_FIRST)}
{_EVENTS}
select head.n0 / (select count(*) from new_journal) as n0, head.epoch,
    array(select id from new_outbox order by id) as outbox_ids
from head
""")  # noqa: S608 - our own fragments; every value is a parameter
