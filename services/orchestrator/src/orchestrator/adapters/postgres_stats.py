"""Reads the sums over runs and their calls; every statement here names the workspace."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from sqlalchemy import Row, TextClause, text

from flowloom_contracts.runs import Actor, RunStatus, WorkflowRef
from flowloom_contracts.stats import (
    InProgress,
    ModelFigures,
    Point,
    RunSummary,
    UsageGroup,
    UsageRow,
    WorkflowFigures,
)
from orchestrator.adapters import sql_of_stats as sql
from orchestrator.adapters.postgres_tally import PostgresTally
from orchestrator.adapters.sql_of_sight import sight
from orchestrator.ports.stats import Period, Totals, UsageCut

COLUMNS: Final[dict[UsageGroup, str]] = {
    "day": "day",
    "workflow": "workflow_id",
    "step": "step",
    "agent": "agent",
    "model": "model",
    "user": "user_id",
}


class PostgresStats(PostgresTally):
    """See `StatsStore`."""

    async def totals(self, period: Period, workflow_id: str | None = None) -> Totals:
        """See `StatsStore.totals`."""
        row = (await self._read(sql.TOTALS, _of(period) | {"workflow_id": workflow_id}))[0]
        names = ("succeeded", "failed", "cancelled", "duration_ms", "tokens", "usd_micro", "tokens_saved")
        return Totals(**{name: int(getattr(row, name)) for name in names})

    async def durations(self, period: Period) -> Mapping[int, int]:
        """See `StatsStore.durations`."""
        rows = await self._read(sql.DURATIONS, _of(period))
        return {int(row.number): int(row.runs) for row in rows}

    async def series(self, period: Period, unit: Literal["hour", "day"]) -> Sequence[Point]:
        """See `StatsStore.series`."""
        return [
            Point(
                at=row.at,
                succeeded=row.succeeded,
                failed=row.failed,
                cancelled=row.cancelled,
                tokens=int(row.tokens),
                usd=float(row.usd_micro) / 1e6,
            )
            for row in await self._read(sql.SERIES, _of(period) | {"unit": unit})
        ]

    async def workflows(
        self, period: Period, *, closed: Sequence[str] = (), limit: int
    ) -> Sequence[WorkflowFigures]:
        """See `StatsStore.workflows`."""
        parameters = _of(period) | {"closed": list(closed), "limit": limit}
        return [_workflow(row) for row in await self._read(sql.WORKFLOWS, parameters)]

    async def models(self, period: Period, *, limit: int) -> Sequence[ModelFigures]:
        """See `StatsStore.models`."""
        return [
            ModelFigures(
                model=row.model,
                calls=int(row.calls),
                tokens=int(row.tokens),
                usd=float(row.usd_micro) / 1e6,
            )
            for row in await self._read(sql.MODELS, _of(period) | {"limit": limit})
        ]

    async def in_progress(self, workspace_id: str) -> InProgress:
        """See `StatsStore.in_progress`."""
        row = (await self._read(sql.IN_PROGRESS, {"workspace_id": workspace_id}))[0]
        return InProgress(running=row.running, queued=row.queued, waiting=row.waiting)

    async def running(self, actor: Actor, *, limit: int) -> Sequence[RunSummary]:
        """See `StatsStore.running`."""
        return await self._runs(sql.RUNNING, actor, limit)

    async def failed(self, actor: Actor, *, limit: int) -> Sequence[RunSummary]:
        """See `StatsStore.failed`."""
        return await self._runs(sql.FAILED, actor, limit)

    async def approvals_waiting(self, workspace_id: str) -> int:
        """See `StatsStore.approvals_waiting`."""
        return int(str((await self._read(sql.APPROVALS_WAITING, {"workspace_id": workspace_id}))[0][0]))

    async def usage(self, cut: UsageCut) -> Sequence[UsageRow]:
        """See `StatsStore.usage`."""
        parameters = {
            "workspace_id": cut.workspace_id,
            "since": cut.since,
            "until": cut.until,
            "workflow_id": cut.workflow_id,
            "closed": list(cut.closed),
            "limit": cut.limit + 1,
        }
        return [_usage(row, cut) for row in await self._read(_usage_statement(cut), parameters)]

    async def _runs(self, statement: TextClause, actor: Actor, limit: int) -> Sequence[RunSummary]:
        parameters = {"workspace_id": actor.workspace_id, "limit": limit, **sight(actor)}
        rows = await self._read(statement, parameters)
        return [
            RunSummary(
                id=row.id,
                workflow=WorkflowRef(id=row.workflow_id, name=row.workflow_name),
                status=RunStatus(row.status),
                error=row.error,
                created_at=row.created_at,
                started_at=row.started_at,
                finished_at=row.finished_at,
            )
            for row in rows
        ]

    async def _read(
        self, statement: TextClause, parameters: Mapping[str, object]
    ) -> Sequence[Row[*tuple[object, ...]]]:
        async with self._database.transaction(str(parameters["workspace_id"])) as session:
            return (await session.execute(statement, parameters)).all()


def _of(period: Period) -> dict[str, object]:
    return {"workspace_id": period.workspace_id, "since": period.since, "until": period.until}


def _workflow(row: Row[*tuple[object, ...]]) -> WorkflowFigures:
    runs = int(row.succeeded + row.failed + row.cancelled)
    return WorkflowFigures(
        workflow=WorkflowRef(id=row.workflow_id, name=row.workflow_name),
        runs=runs,
        failed=row.failed,
        average_ms=float(row.duration_ms) / runs if runs else None,
        tokens=int(row.tokens),
        usd=float(row.usd_micro) / 1e6,
    )


def _usage_statement(cut: UsageCut) -> TextClause:
    """Return the report's statement; its columns are those of the table above, never a caller's text."""
    columns = ", ".join(COLUMNS[group] for group in cut.group_by)
    return text(f"""
        select {columns}, max(workflow_name) as workflow_name, max(user_name) as user_name,
            sum(calls) as calls, sum(tokens) as tokens, sum(usd_micro) as usd_micro,
            sum(duration_ms) as duration_ms
        from orchestrator.call_days
        where workspace_id = :workspace_id and day between :since and :until
            and (cast(:workflow_id as text) is null or workflow_id = :workflow_id)
            and not (workflow_id = any(cast(:closed as text[])))
        group by {columns} order by sum(usd_micro) desc, sum(tokens) desc, {columns} limit :limit
    """)  # noqa: S608 - names of our own columns; every value is a parameter


def _usage(row: Row[*tuple[object, ...]], cut: UsageCut) -> UsageRow:
    groups = set(cut.group_by)
    return UsageRow(
        day=row.day if "day" in groups else None,
        workflow=WorkflowRef(id=row.workflow_id, name=row.workflow_name) if "workflow" in groups else None,
        step=row.step if "step" in groups else None,
        agent=row.agent if "agent" in groups else None,
        model=row.model if "model" in groups else None,
        user_id=row.user_id if "user" in groups else None,
        user=row.user_name if "user" in groups else None,
        calls=int(row.calls),
        tokens=int(row.tokens),
        usd=float(row.usd_micro) / 1e6,
        seconds=float(row.duration_ms) / 1_000,
    )
