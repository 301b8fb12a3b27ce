"""The figures of the dashboard and the reports of usage, from sums that are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal

from flowloom_contracts.stats import HOURS, Figure, OverviewQuery, Point, RunFigures, UsageQuery, UsageReport
from flowloom_servicekit.clock import Clock
from orchestrator.domain.durations import percentile
from orchestrator.ports.stats import Period, StatsStore, Totals, UsageCut

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
NEWEST: Final = 10
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class _Seen:
    totals: Totals
    durations: Mapping[int, int]

    @property
    def judged(self) -> int:
        return self.totals.succeeded + self.totals.failed


async def overview(query: OverviewQuery, *, stats: StatsStore, clock: Clock) -> RunFigures:
    """Return what a workspace did in a window, beside the same part of the window before."""
    workspace_id, now = query.actor.workspace_id, clock.now().astimezone(UTC)
    length = timedelta(hours=HOURS[query.window])
    unit: Literal["hour", "day"] = "hour" if query.window == "24h" else "day"
    hour = now.replace(minute=0, second=0, microsecond=0) + HOUR
    until = hour if unit == "hour" else _next_day(now)
    present = Period(workspace_id, until - length, until)
    past = Period(workspace_id, present.since - length, hour - length)
    seen, before = await _seen(present, stats), await _seen(past, stats)

    def figure(of: Callable[[_Seen], float | None]) -> Figure:
        return _figure(of(seen), of(before))

    return RunFigures(
        window=query.window,
        since=present.since,
        until=until,
        unit=unit,
        runs=figure(lambda one: one.judged + one.totals.cancelled),
        failures=figure(lambda one: one.totals.failed),
        success_rate=figure(lambda one: one.totals.succeeded / one.judged if one.judged else None),
        p50_ms=figure(lambda one: percentile(one.durations, 0.5)),
        p95_ms=figure(lambda one: percentile(one.durations, 0.95)),
        tokens=figure(lambda one: one.totals.tokens),
        usd=figure(lambda one: one.totals.usd_micro / 1e6),
        tokens_saved=figure(lambda one: one.totals.tokens_saved),
        approvals_waiting=await stats.approvals_waiting(workspace_id),
        in_progress=await stats.in_progress(workspace_id),
        running_now=list(await stats.running(query.actor, limit=NEWEST)),
        recent_failures=list(await stats.failed(query.actor, limit=NEWEST)),
        series=_filled(present, unit, {point.at: point for point in await stats.series(present, unit)}),
        workflows=list(await stats.workflows(present, closed=query.actor.closed, limit=MOST)),
        models=list(await stats.models(present, limit=MOST)),
    )


async def report_usage(query: UsageQuery, *, stats: StatsStore) -> UsageReport:
    """Return what was used from the first to the last day of a query."""
    cut = UsageCut(
        workspace_id=query.actor.workspace_id,
        since=query.since,
        until=query.until,
        group_by=tuple(query.group_by),
        workflow_id=query.workflow_id,
        limit=query.limit,
        closed=tuple(query.actor.closed),
    )
    items = await stats.usage(cut)
    since = datetime.combine(query.since, time(), UTC)
    until = datetime.combine(query.until, time(), UTC) + DAY
    totals = await stats.totals(Period(cut.workspace_id, since, until), query.workflow_id)
    return UsageReport(
        since=query.since,
        until=query.until,
        group_by=query.group_by,
        items=list(items[: query.limit]),
        is_complete=len(items) <= query.limit,
        runs=totals.succeeded + totals.failed + totals.cancelled,
        tokens=totals.tokens,
        usd=totals.usd_micro / 1e6,
        seconds=totals.duration_ms / 1_000,
        tokens_saved=totals.tokens_saved,
    )


async def _seen(period: Period, stats: StatsStore) -> _Seen:
    return _Seen(await stats.totals(period), await stats.durations(period))


def _next_day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY


def _figure(value: float | None, before: float | None) -> Figure:
    change = (value - before) / before if value is not None and before else None
    return Figure(value=value, before=before, change=change)


def _filled(period: Period, unit: Literal["hour", "day"], known: Mapping[datetime, Point]) -> list[Point]:
    step = HOUR if unit == "hour" else DAY
    moments = [period.since + number * step for number in range((period.until - period.since) // step)]
    return [known.get(moment) or Point(at=moment) for moment in moments]
