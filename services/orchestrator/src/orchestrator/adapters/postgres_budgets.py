"""The ledgers of budgets in Postgres: locked, judged and written inside the transaction of a call."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.agents import BeginCall, EndCall, Reservation
from flowloom_contracts.events import BudgetData
from orchestrator.domain.budgets import (
    Cap,
    Granted,
    Judged,
    Ledger,
    PriceOf,
    Reached,
    judge_call,
    warnings_of,
)

_TARGETED: Final = ("workflow", "member", "api_key")

# In one order everywhere, so that two calls never wait for each other.
LOCK: Final = text("""
select owner, tokens, usd_micro, tokens_written, usd_written, tokens_limit, usd_limit, model, is_warned
from orchestrator.budgets where owner = any(:owners) order by owner for update
""")

HELD: Final = text("""
select h.owner, sum(h.tokens) as tokens, sum(h.usd_micro) as usd_micro
from orchestrator.budget_holds h
join orchestrator.steps s on s.run_id = h.run_id and s.path = h.step and s.exec = h.exec
    and s.status = 'running'
where h.owner = any(:owners) and not (h.run_id = cast(:run_id as uuid) and h.step = :step)
group by h.owner
""")

# A rule or a daily cap may be newer than what counts against it: such a ledger begins with what was paid.
# What was paid already of what a budget counts.
PAID: Final = """
select sum(cast(j.usage ->> 'tokens' as bigint)) as tokens,
    sum(cast(j.usage ->> 'usd_micro' as bigint)) as usd_micro
from orchestrator.runs r join orchestrator.journal j on j.run_id = r.id and j.ended_at is not null
where :looks_back and r.workspace_id = {workspace_id} and (r.id = {run_id} or not :per_run)
    and (:per_run or j.ended_at >= cast(:since as timestamptz))
    and (:per_run or r.finished_at is null or r.finished_at >= cast(:since as timestamptz))
    and (cast(:workflow as text) is null or r.workflow_id = cast(:workflow as text))
    and (cast(:member as text) is null or r.origin -> 'actor' ->> 'user_id' = cast(:member as text))
    and (cast(:api_key as text) is null or r.origin -> 'actor' ->> 'key_id' = cast(:api_key as text))
"""

OPEN: Final = text(f"""
insert into orchestrator.budgets (
    owner, run_id, workspace_id, scope, rule, action, tokens, usd_micro, tokens_written, usd_written,
    tokens_limit, usd_limit
)
select :owner, case when :per_run then s.run_id end, s.workspace_id, :scope, :rule, :action,
    coalesce(paid.tokens, 0), coalesce(paid.usd_micro, 0),
    cast(:tokens as bigint), cast(:usd_micro as bigint), cast(:tokens as bigint), cast(:usd_micro as bigint)
from orchestrator.steps s
left join lateral ({PAID.format(workspace_id="s.workspace_id", run_id="s.run_id")}) paid on true
where s.run_id = cast(:run_id as uuid) and s.path = :step
on conflict (owner) do nothing
""")  # noqa: S608 - our own fragments; every value is a parameter

REWRITE: Final = text("""
update orchestrator.budgets set
    tokens_written = cast(:tokens as bigint), usd_written = cast(:usd_micro as bigint),
    tokens_limit = cast(:tokens as bigint), usd_limit = cast(:usd_micro as bigint), action = :action,
    is_warned = false, model = case when starts_with(owner, 'budget:') then null else model end
where owner = :owner
""")

HOLD: Final = text("""
insert into orchestrator.budget_holds (run_id, step, owner, exec, call, tokens, usd_micro)
select cast(:run_id as uuid), :step, o.owner, :exec, :call, :tokens, :usd_micro
from unnest(cast(:owners as text[])) as o(owner)
on conflict (run_id, step, owner) do update set
    exec = excluded.exec, call = excluded.call, tokens = excluded.tokens, usd_micro = excluded.usd_micro
""")

SWITCH: Final = text("update orchestrator.budgets set model = :model where owner = any(:owners)")
REACH: Final = text("update orchestrator.budgets set is_reached = true where owner = :owner")

SETTLE: Final = text("""
with gone as (
    delete from orchestrator.budget_holds
    where run_id = cast(:run_id as uuid) and step = :step and exec = :exec and call = :call
    returning owner
),
locked as (
    select owner from orchestrator.budgets where owner in (select owner from gone) order by owner for update
)
update orchestrator.budgets b set tokens = b.tokens + :tokens, usd_micro = b.usd_micro + :usd_micro
from locked where b.owner = locked.owner
returning b.owner, b.scope, b.rule, b.action, b.tokens, b.usd_micro, b.tokens_limit, b.usd_limit, b.model,
    b.is_warned
""")

WARNED: Final = text("update orchestrator.budgets set is_warned = true where owner = any(:owners)")


async def reserve(session: AsyncSession, call: BeginCall, caps: Sequence[Cap], *, price: PriceOf) -> Judged:
    """Judge a call under the locks of its ledgers and write what follows."""
    place = {"run_id": call.run_id, "step": call.step}
    ledgers = await _locked(session, caps, place)
    wanted = call.reserve or Reservation()
    judged = judge_call(wanted, caps, ledgers, price=price)
    if isinstance(judged, Reached):
        await session.execute(REACH, {"owner": judged.cap.owner})
    if not isinstance(judged, Granted):
        return judged
    if judged.switched:
        owners = [cap.owner for cap in judged.switched]
        await session.execute(SWITCH, {"owners": owners, "model": judged.model})
    hold = place | {
        "owners": [cap.owner for cap in caps],
        "exec": call.exec,
        "call": call.call,
        "tokens": judged.tokens,
        "usd_micro": judged.usd_micro,
    }
    await session.execute(HOLD, hold)
    return judged


async def _locked(session: AsyncSession, caps: Sequence[Cap], place: dict[str, str]) -> dict[str, Ledger]:
    owners = {"owners": [cap.owner for cap in caps]}
    rows = {row.owner: row for row in await session.execute(LOCK, owners)}
    missing = [cap for cap in caps if cap.owner not in rows]
    for cap in missing:
        scope = {"scope": cap.scope, "rule": cap.rule}
        await session.execute(OPEN, place | _written(cap) | scope | counted_by(cap))
    for cap in caps:
        row = rows.get(cap.owner)
        if row is not None and (row.tokens_written, row.usd_written) != (cap.tokens, cap.usd_micro):
            await session.execute(REWRITE, _written(cap))
            missing.append(cap)
    if missing:
        rows = {row.owner: row for row in await session.execute(LOCK, owners)}
    held = {row.owner: row for row in await session.execute(HELD, owners | place)}
    return {
        owner: Ledger(
            tokens=row.tokens,
            usd_micro=row.usd_micro,
            held_tokens=int(held[owner].tokens) if owner in held else 0,
            held_usd_micro=int(held[owner].usd_micro) if owner in held else 0,
            tokens_limit=row.tokens_limit,
            usd_limit=row.usd_limit,
            model=row.model,
            is_warned=row.is_warned,
        )
        for owner, row in rows.items()
    }


def counted_by(cap: Cap) -> dict[str, object]:
    """Return the parameters of `PAID`."""
    targets = {scope: cap.target if cap.scope == scope else None for scope in _TARGETED}
    looks_back = cap.scope not in ("step", "run")
    return {"looks_back": looks_back, "per_run": cap.per_run, "since": cap.since, **targets}


def _written(cap: Cap) -> dict[str, object]:
    return {
        "owner": cap.owner,
        "tokens": cap.tokens,
        "usd_micro": cap.usd_micro,
        "action": cap.on_reach,
    }


async def settle(session: AsyncSession, call: EndCall) -> list[BudgetData]:
    """Count what a call has used instead of what it held; return the budgets that are nearly used up now."""
    spent = {
        "run_id": call.run_id,
        "step": call.step,
        "exec": call.exec,
        "call": call.call,
        "tokens": call.usage.tokens,
        "usd_micro": call.usage.usd_micro,
    }
    told = dict[str, BudgetData]()
    for row in await session.execute(SETTLE, spent):
        cap = Cap(
            owner=row.owner,
            scope=row.scope,
            tokens=row.tokens_limit,
            usd_micro=row.usd_limit,
            action=row.action,
            rule=row.rule,
        )
        ledger = Ledger(
            tokens=row.tokens,
            usd_micro=row.usd_micro,
            tokens_limit=row.tokens_limit,
            usd_limit=row.usd_limit,
            model=row.model,
            is_warned=row.is_warned,
        )
        near = warnings_of(cap, ledger)
        if near is not None:
            told[row.owner] = near
    if told:
        await session.execute(WARNED, {"owners": list(told)})
    return list(told.values())
