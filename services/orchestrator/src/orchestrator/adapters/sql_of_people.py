"""What the commit of a run writes of people and budgets: parts of its own statement."""

from typing import Final

WRITE: Final = """
new_approvals as (
    insert into orchestrator.approvals (id, run_id, workspace_id, step, status, asked, item)
    select a.id, head.id, head.workspace_id, a.step, a.status, a.asked, a.item
    from head, jsonb_to_recordset(cast(:approvals as jsonb)) as a(
        id uuid, step text, status text, asked text[], item jsonb
    )
    on conflict (id) do update set
        status = excluded.status, asked = excluded.asked, item = excluded.item
),
new_ledgers as (
    update orchestrator.budgets b set
        is_reached = false,
        is_warned = b.is_warned and not l.raised,
        model = coalesce(l.model, b.model),
        tokens_limit = case
            when not l.raised or not b.is_reached or b.tokens_limit is null then b.tokens_limit
            when l.tokens is null and l.usd_micro is null then b.tokens_limit + b.tokens_written
            else coalesce(l.tokens, b.tokens_limit) end,
        usd_limit = case
            when not l.raised or not b.is_reached or b.usd_limit is null then b.usd_limit
            when l.tokens is null and l.usd_micro is null then b.usd_limit + b.usd_written
            else coalesce(l.usd_micro, b.usd_limit) end,
        worked_ms = case when b.owner = any(l.overtime) then 0 else b.worked_ms end
    from head, jsonb_to_recordset(cast(:ledgers as jsonb)) as l(
        owners text[], raised boolean, tokens bigint, usd_micro bigint, model text,
        overtime text[]
    )
    where b.owner = any(l.owners) and (b.is_reached or b.owner = any(l.overtime))
),
new_work as (
    insert into orchestrator.budgets (owner, run_id, workspace_id, scope, action, worked_ms)
    select w.owner, head.id, head.workspace_id, split_part(w.owner, ':', 1), 'ask', w.worked_ms
    from head, jsonb_to_recordset(cast(:worked as jsonb)) as w(owner text, worked_ms bigint)
    on conflict (owner) do update set worked_ms = excluded.worked_ms
),
reopened as (
    delete from orchestrator.journal j
    using head, unnest(cast(:reopened as text[])) as p(step)
    where j.run_id = head.id and j.step = p.step and j.ended_at is null and j.effect = 'once'
),
"""
