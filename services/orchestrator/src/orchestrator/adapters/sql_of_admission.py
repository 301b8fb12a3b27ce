"""The statements that give places in the queue, and those that admit from it."""

from typing import Final

from sqlalchemy import text

from flowloom_servicekit.database import Statement

# Part of the statement that creates a run. A run with a key is never admitted here: only a pass, of which
# there is one at a time, can count strictly. Neither is a run that would overtake somebody in the queue.
PLACE: Final = """
place as materialized (
    select case
        when cast(:concurrency_key as text) is not null then
            case when cast(:on_full as text) <> 'reject'
                or orchestrator.key_has_room(
                    cast(:concurrency_key as text), cast(:concurrency_max as integer)
                )
            then 'blocked' else 'rejected' end
        when cast(:is_waited_for as boolean) then 'running'
        when exists (
            select 1 from orchestrator.admissions where state = 'queued' and not paused
        ) then 'queued'
        when (select count(*) from (
            select 1 from orchestrator.admissions where state = 'running' limit cast(:at_once as integer)
        ) as taken) >= cast(:at_once as integer) then 'queued'
        when (select count(*) from (
            select 1 from orchestrator.admissions
            where state = 'running' and workspace_id = cast(:workspace_id as text)
            limit cast(:per_workspace as integer)
        ) as taken) >= cast(:per_workspace as integer) then 'queued'
        else 'running'
    end as state
)
"""

PLACED: Final = """
placed as (
    insert into orchestrator.admissions (
        run_id, workspace_id, state, priority, waited_for, key, key_max, on_full, schedule
    )
    select head.id, head.workspace_id, place.state, cast(:priority as integer),
        cast(:is_waited_for as boolean), cast(:concurrency_key as text), cast(:concurrency_max as integer),
        cast(:on_full as text), cast(:schedule as jsonb)
    from head, place
),
key_check as (
    insert into orchestrator.key_checks (workspace_id, key)
    select head.workspace_id, cast(:concurrency_key as text)
    from head where cast(:concurrency_key as text) is not null
),
scheduled as (
    insert into orchestrator.outbox (run_id, workspace_id, kind, payload)
    select head.id, head.workspace_id, 'schedule', cast(:schedule as jsonb)
    from head, place where place.state = 'running'
    returning id
)
"""

TRY_LOCK: Final = text("select pg_try_advisory_xact_lock(:lock)")

# Looks at the keys of which a run has come or gone. Each check is a row of its own and is only removed by a
# pass that can see the change it stands for, so no wake-up is lost between two transactions.
CHECK_KEYS: Final = text("""
with looked as (
    delete from orchestrator.key_checks
    where id in (select id from orchestrator.key_checks order by id limit :limit)
    returning workspace_id, key
),
keys as (select distinct workspace_id, key from looked),
held as (
    select k.key, first.key_max - (
        select count(*) from orchestrator.admissions a where a.key = k.key and a.state <> 'blocked'
    ) as room
    from keys k cross join lateral (
        select a.key_max from orchestrator.admissions a
        where a.key = k.key and a.state = 'blocked' and not a.paused
        order by a.priority desc, a.run_id limit 1
    ) as first
),
next as (
    select n.run_id from held h cross join lateral (
        select a.run_id from orchestrator.admissions a
        where a.key = h.key and a.state = 'blocked' and not a.paused
        order by a.priority desc, a.run_id limit greatest(h.room, 0)
    ) as n
),
let_in as (
    update orchestrator.admissions a set state = 'queued'
    from next where a.run_id = next.run_id and a.state = 'blocked' and not a.paused
),
newest as (
    select k.workspace_id, k.key, n.key_max from keys k cross join lateral (
        select a.key_max, a.on_full from orchestrator.admissions a
        where a.key = k.key order by a.arrived desc limit 1
    ) as n
    where n.on_full = 'cancel_oldest'
),
replaced as (
    select n.workspace_id, n.key, o.run_id from newest n cross join lateral (
        select a.run_id from orchestrator.admissions a
        where a.key = n.key order by a.arrived desc offset n.key_max limit :limit
    ) as o
),
again as (
    insert into orchestrator.key_checks (workspace_id, key) select distinct workspace_id, key from replaced
)
select cast(run_id as text) as run_id, workspace_id from replaced order by run_id
""")

# Steps through the index from workspace to workspace and reads only as many runs of each as can be admitted:
# the work does not grow with the queue. Rows of runs are locked before those of the queue, as commits do.
# Runs that another one waits for need no free slot: the one above may hold the last.
ADMIT: Final = text("""
with recursive workspaces as (
    (
        select workspace_id from orchestrator.admissions where state = 'queued' and not paused
        order by workspace_id limit 1
    )
    union all
    select (
        select a.workspace_id from orchestrator.admissions a
        where a.state = 'queued' and not a.paused and a.workspace_id > w.workspace_id
        order by a.workspace_id limit 1
    )
    from workspaces w where w.workspace_id is not null
),
in_progress as materialized (
    select workspace_id, count(*) as n from orchestrator.admissions
    where state = 'running' group by workspace_id
),
free as materialized (
    select least(:limit, greatest(:at_once - coalesce((select sum(n) from in_progress), 0), 0))::integer as n
),
candidates as (
    select c.run_id, coalesce(p.n, 0) + c.place as turn
    from workspaces w
    left join in_progress p on p.workspace_id = w.workspace_id
    cross join free
    cross join lateral (
        select a.run_id, row_number() over (order by a.priority desc, a.run_id) as place
        from orchestrator.admissions a
        where a.workspace_id = w.workspace_id and a.state = 'queued' and not a.paused
        order by a.priority desc, a.run_id
        limit greatest(least(free.n, :per_workspace - coalesce(p.n, 0)), 0)
    ) as c
    where w.workspace_id is not null
),
chosen as materialized (
    (select run_id from candidates order by turn, run_id limit (select n from free))
    union
    (
        select run_id from orchestrator.admissions
        where state = 'queued' and waited_for and not paused limit :limit
    )
),
locked as materialized (
    select r.id from orchestrator.runs r
    where r.id in (select run_id from chosen) and r.status = 'queued'
    for no key update of r skip locked
),
admitted as (
    update orchestrator.admissions a set state = 'running'
    from locked where a.run_id = locked.id and a.state = 'queued' and not a.paused
    returning a.run_id, a.workspace_id, a.schedule
),
seen as (
    update orchestrator.runs r set seen_at = now()
    from admitted where r.id = admitted.run_id
    returning r.id, r.epoch
),
scheduled as (
    insert into orchestrator.outbox (run_id, workspace_id, kind, payload)
    select run_id, workspace_id, 'schedule', schedule from admitted order by run_id
    returning id, run_id, payload
)
select cast(s.run_id as text) as run_id, s.id, s.payload, seen.epoch
from scheduled s join seen on seen.id = s.run_id order by s.id
""")

IS_WAITING: Final = Statement("""
select exists (select 1 from orchestrator.admissions where state in ('queued', 'blocked') and not paused)
    or exists (select 1 from orchestrator.key_checks) as waiting
""")

QUEUED: Final = Statement("""
select count(*) as n from (
    select 1 from orchestrator.admissions
    where workspace_id = :workspace_id and state in ('queued', 'blocked')
    limit cast(:limit as integer)
) as found
""")

# How many of the runs above a new one have its key.
HELD_ABOVE: Final = Statement("""
with recursive above as (
    select r.id, r.parent_id from orchestrator.runs r where r.id = cast(:parent_id as uuid)
    union all
    select r.id, r.parent_id from orchestrator.runs r join above on r.id = above.parent_id
)
select count(*) as n from orchestrator.admissions a join above on above.id = a.run_id where a.key = :key
""")
