"""Adds ended runs to the sums of their workspaces, in one transaction with the queue they come from."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.runs import RunStatus, Usage, WorkflowRef
from flowloom_language.plan import Plan
from flowloom_servicekit.database import Database
from orchestrator.adapters import sql_of_stats as sql
from orchestrator.adapters.rows import json_text
from orchestrator.domain.milestones import agent_of
from orchestrator.domain.tallies import Calls, EndedRun, Sums, sums_of, without_numbers

MAX_PLANS: Final = 64
_ENDS: Final = (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED)

_Row = Row[*tuple[object, ...]]


class PostgresTally:
    """One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    async def tally(self, *, limit: int) -> int:
        """See `StatsStore.tally`."""
        if not (await self._database.rows(sql.IS_DUE, {}))[0]["is_due"]:
            return 0
        async with self._database.transaction() as session:
            if not await session.scalar(sql.LEAD):
                return 0
            rows = (await session.execute(sql.ENDED, {"limit": limit})).all()
            # One that is being tried again meanwhile is counted when it ends the next time.
            ended = [row for row in rows if RunStatus(row.status).is_terminal]
            if ended:
                await self._count(session, ended)
            if rows:
                await session.execute(sql.FORGET, {"ids": [row.id for row in rows]})
            return len(rows)

    async def _count(self, session: AsyncSession, rows: Sequence[_Row]) -> None:
        ids = {"ids": [row.id for row in rows]}
        calls = (await session.execute(sql.CALLS, ids)).all()
        plans = {row.id: await self._plan(session, row) for row in rows if _has_calls(row.id, calls)}
        ended = {row.id: _ended(row) for row in rows}
        by_id = {row.id: row for row in rows}
        made = [_calls(by_id[call.run_id], plans[call.run_id], call) for call in calls]
        sums = sums_of((ended[row.id], _counted_before(row)) for row in rows)
        await _add(session, sums, made)
        last = {
            row.id: max((call.last_at for call in calls if call.run_id == row.id), default=None)
            for row in rows
        }
        await session.execute(
            sql.REMEMBER, {"rows": json_text([_known(i, ended[i], last[i]) for i in ended])}
        )

    async def _plan(self, session: AsyncSession, row: _Row) -> Plan:
        """Return the plan of a run; runs of one document share it."""
        known = self._plans.get(row.plan_hash)
        if known is None:
            known = Plan.model_validate(await session.scalar(sql.PLAN, {"id": row.id}))
            self._plans[row.plan_hash] = known
            if len(self._plans) > MAX_PLANS:
                self._plans.popitem(last=False)
        return known


def _has_calls(run_id: str, calls: Sequence[_Row]) -> bool:
    return any(call.run_id == run_id for call in calls)


def _ended(row: _Row) -> EndedRun:
    return EndedRun(
        workspace_id=row.workspace_id,
        workflow=WorkflowRef(id=row.workflow_id, name=row.workflow_name),
        status=RunStatus(row.status),
        finished_at=row.finished_at,
        duration_ms=max(round((row.finished_at - row.began_at).total_seconds() * 1_000), 0),
        usage=Usage.model_validate(row.usage or {}),
    )


def _counted_before(row: _Row) -> EndedRun | None:
    if row.known_status is None:
        return None
    return EndedRun(
        workspace_id=row.workspace_id,
        workflow=WorkflowRef(id=row.workflow_id, name=row.workflow_name),
        status=RunStatus(row.known_status),
        finished_at=row.known_finished_at,
        duration_ms=row.known_duration_ms,
        usage=Usage(
            tokens=row.known_tokens, usd_micro=row.known_usd_micro, tokens_saved=row.known_tokens_saved
        ),
    )


def _calls(run: _Row, plan: Plan, call: _Row) -> Calls:
    return Calls(
        workspace_id=run.workspace_id,
        day=call.day,
        workflow=WorkflowRef(id=run.workflow_id, name=run.workflow_name),
        step=without_numbers(call.step),
        agent=_agent(plan, call.step),
        model=call.model,
        user_id=run.user_id or "",
        user=run.user_name or "",
        count=call.made,
        usage=Usage(tokens=call.tokens, usd_micro=call.usd_micro),
        duration_ms=call.duration_ms,
    )


def _agent(plan: Plan, path: str) -> str:
    try:
        return agent_of(plan, path) or ""
    except KeyError:
        return ""  # a step that only the answer's check has


def _known(run_id: str, run: EndedRun, calls_until: datetime | None) -> Mapping[str, object]:
    return {
        "run_id": run_id,
        "status": run.status.value,
        "finished_at": run.finished_at,
        "duration_ms": run.duration_ms,
        **run.usage.model_dump(),
        "calls_until": calls_until,
    }


async def _add(session: AsyncSession, sums: Sums, calls: Sequence[Calls]) -> None:
    hours = [
        {
            "workspace_id": workspace_id,
            "hour": hour,
            "workflow_id": workflow_id,
            "workflow_name": added.name,
            **{status.value: added.ends[status] for status in _ENDS},
            "duration_ms": added.duration_ms,
            "tokens": added.tokens,
            "usd_micro": added.usd_micro,
            "tokens_saved": added.tokens_saved,
        }
        for (workspace_id, hour, workflow_id), added in sums.hours.items()
    ]
    classes = [
        {"workspace_id": workspace_id, "hour": hour, "class": number, "runs": runs}
        for (workspace_id, hour, number), runs in sums.classes.items()
        if runs
    ]
    await session.execute(sql.ADD_HOURS, {"rows": json_text(hours)})
    await session.execute(sql.ADD_DURATIONS, {"rows": json_text(classes)})
    await session.execute(sql.ADD_CALLS, {"rows": json_text(_summed(calls))})


def _summed(calls: Sequence[Calls]) -> list[Mapping[str, object]]:
    """Return one row for each group: an insert may not meet the same row twice."""
    found = dict[tuple[object, ...], dict[str, object]]()
    for one in calls:
        key = (one.workspace_id, one.day, one.workflow.id, one.step, one.agent, one.model, one.user_id)
        row = found.setdefault(
            key,
            {
                "workspace_id": one.workspace_id,
                "day": one.day,
                "workflow_id": one.workflow.id,
                "workflow_name": one.workflow.name,
                "step": one.step,
                "agent": one.agent,
                "model": one.model,
                "user_id": one.user_id,
                "user_name": one.user,
            },
        )
        for name, value in (
            ("calls", one.count),
            ("tokens", one.usage.tokens),
            ("usd_micro", one.usage.usd_micro),
            ("duration_ms", one.duration_ms),
        ):
            row[name] = int(str(row.get(name, 0))) + value
    return list(found.values())
