"""Figures computed from the runs themselves: what the sums in Postgres have to agree with."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from flowloom_contracts.runs import Actor, RunStatus, Usage
from flowloom_contracts.stats import (
    InProgress,
    ModelFigures,
    Point,
    RunSummary,
    UsageGroup,
    UsageRow,
    WorkflowFigures,
)
from orchestrator.domain.admission import PlaceState
from orchestrator.domain.milestones import agent_of
from orchestrator.domain.records import RunRecord
from orchestrator.domain.tallies import Calls, EndedRun, counts_of, sums_of, without_numbers
from orchestrator.ports.stats import Period, Totals, UsageCut
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.run_filters import is_seen

_Group = dict[UsageGroup, str]


class InMemoryStats:
    """See `StatsStore`; nothing is kept, so nothing has to be tallied."""

    def __init__(self, stores: InMemoryStores) -> None:
        self._stores = stores

    async def tally(self, *, limit: int) -> int:
        """See `StatsStore.tally`."""
        return 0

    async def totals(self, period: Period, workflow_id: str | None = None) -> Totals:
        """See `StatsStore.totals`."""
        runs = [run for run in self._ended(period) if workflow_id in (None, run.workflow.id)]
        ends, used = Counter(run.status for run in runs), _used([run.usage for run in runs])
        return Totals(
            succeeded=ends[RunStatus.SUCCEEDED],
            failed=ends[RunStatus.FAILED],
            cancelled=ends[RunStatus.CANCELLED],
            duration_ms=sum(run.duration_ms for run in runs),
            **used.model_dump(),
        )

    async def durations(self, period: Period) -> Mapping[int, int]:
        """See `StatsStore.durations`."""
        return counts_of(sums_of((run, None) for run in self._ended(period)).classes)

    async def series(self, period: Period, unit: Literal["hour", "day"]) -> Sequence[Point]:
        """See `StatsStore.series`."""
        found = defaultdict[datetime, list[EndedRun]](list)
        for run in self._ended(period):
            at = run.hour if unit == "hour" else run.hour.replace(hour=0)
            found[at].append(run)
        return [_point(at, found[at]) for at in sorted(found)]

    async def workflows(
        self, period: Period, *, closed: Sequence[str] = (), limit: int
    ) -> Sequence[WorkflowFigures]:
        """See `StatsStore.workflows`."""
        found = defaultdict[str, list[EndedRun]](list)
        for run in self._ended(period):
            if run.workflow.id not in closed:
                found[run.workflow.id].append(run)
        most = sorted(found.values(), key=len, reverse=True)[:limit]
        return [
            WorkflowFigures(
                workflow=runs[0].workflow,
                runs=len(runs),
                failed=sum(run.status is RunStatus.FAILED for run in runs),
                average_ms=sum(run.duration_ms for run in runs) / len(runs),
                tokens=_used([run.usage for run in runs]).tokens,
                usd=_used([run.usage for run in runs]).usd_micro / 1e6,
            )
            for runs in most
        ]

    async def models(self, period: Period, *, limit: int) -> Sequence[ModelFigures]:
        """See `StatsStore.models`."""
        last = (period.until - timedelta(microseconds=1)).date()
        cut = UsageCut(period.workspace_id, period.since.date(), last, ("model",), None, limit)
        return [
            ModelFigures(model=row.model, calls=row.calls, tokens=row.tokens, usd=row.usd)
            for row in await self.usage(cut)
            if row.model
        ]

    async def in_progress(self, workspace_id: str) -> InProgress:
        """See `StatsStore.in_progress`."""
        places = self._stores.admission.places.items()
        states = Counter(place.state for run_id, place in places if self._is_of(run_id, workspace_id))
        return InProgress(
            running=states[PlaceState.RUNNING],
            queued=states[PlaceState.QUEUED] + states[PlaceState.BLOCKED],
            waiting=states[PlaceState.PARKED],
        )

    async def running(self, actor: Actor, *, limit: int) -> Sequence[RunSummary]:
        """See `StatsStore.running`."""
        places = self._stores.admission.places
        ids = [run_id for run_id, place in places.items() if place.state == "running"]
        records = (self._stores.rows[run_id].record for run_id in sorted(ids, reverse=True))
        return [_summary(one) for one in records if is_seen(one, actor)][:limit]

    async def failed(self, actor: Actor, *, limit: int) -> Sequence[RunSummary]:
        """See `StatsStore.failed`."""
        records = self._records(actor.workspace_id)
        failed = [one for one in records if one.state.status is RunStatus.FAILED and is_seen(one, actor)]
        return [_summary(one) for one in sorted(failed, key=lambda one: one.id, reverse=True)[:limit]]

    async def approvals_waiting(self, workspace_id: str) -> int:
        """See `StatsStore.approvals_waiting`."""
        return sum(len(record.approvals) for record in self._records(workspace_id))

    async def usage(self, cut: UsageCut) -> Sequence[UsageRow]:
        """See `StatsStore.usage`."""
        groups = defaultdict[tuple[str, ...], list[Calls]](list)
        for one in self._calls(cut.workspace_id):
            is_asked = cut.since <= one.day <= cut.until and cut.workflow_id in (None, one.workflow.id)
            if is_asked and one.workflow.id not in cut.closed:
                groups[tuple(_names(one)[group] for group in cut.group_by)].append(one)
        rows = [_usage(calls, cut) for calls in groups.values()]
        return sorted(rows, key=lambda row: (-row.usd, -row.tokens))[: cut.limit + 1]

    def _records(self, workspace_id: str) -> Iterator[RunRecord]:
        records = (row.record for row in self._stores.rows.values())
        return (record for record in records if record.workspace_id == workspace_id)

    def _is_of(self, run_id: str, workspace_id: str) -> bool:
        return self._stores.rows[run_id].record.workspace_id == workspace_id

    def _ended(self, period: Period) -> Iterator[EndedRun]:
        for record in self._records(period.workspace_id):
            ended = _ended(record)
            if ended is not None and period.since <= ended.hour < period.until:
                yield ended

    def _calls(self, workspace_id: str) -> Iterator[Calls]:
        for (run_id, step, *_), kept in self._stores.calls.items():
            record = self._stores.rows[run_id].record
            ended = _ended(record)
            if record.workspace_id == workspace_id and kept.ended and ended is not None:
                answer = kept.response if isinstance(kept.response, dict) else {}
                actor = record.origin.actor
                yield Calls(
                    workspace_id=workspace_id,
                    day=datetime.now(UTC).date(),  # the journal in Postgres takes the server's clock too
                    workflow=record.workflow,
                    step=without_numbers(step),
                    agent=agent_of(record.plan, step) or "",
                    model=str(answer.get("model") or "default") if kept.call.name == "model" else "",
                    user_id=(actor.user_id if actor else None) or "",
                    user=(actor.email if actor else None) or "",
                    count=1,
                    usage=kept.usage,
                    duration_ms=0,
                )


def _ended(record: RunRecord) -> EndedRun | None:
    state = record.state
    if not state.status.is_terminal or state.finished_at is None:
        return None
    lasted = state.finished_at - (state.started_at or record.created_at)
    return EndedRun(
        workspace_id=record.workspace_id,
        workflow=record.workflow,
        status=state.status,
        finished_at=state.finished_at,
        duration_ms=max(round(lasted.total_seconds() * 1_000), 0),
        usage=state.usage,
    )


def _used(usages: Sequence[Usage]) -> Usage:
    total = Usage()
    for usage in usages:
        total = total.plus(usage)
    return total


def _point(at: datetime, runs: Sequence[EndedRun]) -> Point:
    ends, used = Counter(run.status for run in runs), _used([run.usage for run in runs])
    return Point(
        at=at,
        succeeded=ends[RunStatus.SUCCEEDED],
        failed=ends[RunStatus.FAILED],
        cancelled=ends[RunStatus.CANCELLED],
        tokens=used.tokens,
        usd=used.usd_micro / 1e6,
    )


def _summary(record: RunRecord) -> RunSummary:
    return RunSummary(
        id=record.id,
        workflow=record.workflow,
        status=record.state.status,
        error=record.state.error,
        created_at=record.created_at,
        started_at=record.state.started_at,
        finished_at=record.state.finished_at,
    )


def _names(calls: Calls) -> _Group:
    return {
        "day": calls.day.isoformat(),
        "workflow": calls.workflow.id,
        "step": calls.step,
        "agent": calls.agent,
        "model": calls.model,
        "user": calls.user_id,
    }


def _usage(calls: Sequence[Calls], cut: UsageCut) -> UsageRow:
    first, used = calls[0], _used([one.usage for one in calls])
    groups = set(cut.group_by)
    return UsageRow(
        day=first.day if "day" in groups else None,
        workflow=first.workflow if "workflow" in groups else None,
        step=first.step if "step" in groups else None,
        agent=first.agent if "agent" in groups else None,
        model=first.model if "model" in groups else None,
        user_id=first.user_id if "user" in groups else None,
        user=first.user if "user" in groups else None,
        calls=len(calls),
        tokens=used.tokens,
        usd=used.usd_micro / 1e6,
        seconds=0,
    )


def whole_day(workspace_id: str, now: datetime) -> Period:
    """Return the day of a moment, for tests."""
    since = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Period(workspace_id, since, since + timedelta(days=1))
