"""Figures and usage: what is computed from the runs and what is kept in sums say the same."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from flowloom_contracts.runs import Actor, RunStatus, StepError, WorkflowRef
from flowloom_contracts.stats import OverviewQuery, RunFigures, UsageQuery
from flowloom_modelkit.prices import CallCosts
from flowloom_modelkit.settings import ModelPrice
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.testing.clock import FakeClock
from orchestrator.domain.durations import class_of, middle_of, percentile
from orchestrator.testing.stats import whole_day
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow
from orchestrator.usecases.read_stats import overview, report_usage

HELLO = workflow("s: {llm: default, prompt: Hi}", rest='outputs: {said: "${steps.s.output}"}')
FAILS = workflow('s: {stop: {status: failed, message: "no"}}')
ASKS = workflow("s: {approval: {title: Well}}")
AGENT = workflow("s: {agent: research, prompt: Hi}")
TWO = workflow(
    "s: {llm: default, prompt: Hi}", 't: {agent: qa, prompt: "${steps.s.output}", retry: {max: 0}}'
)
ANNA = Actor(workspace_id=ACTOR.workspace_id, user_id="u-1", email="anna@example.org")
COSTS = CallCosts({"small": ModelPrice(input=1, output=1)}, default_model="small")


async def _seen(world: World, window: str = "7d") -> RunFigures:
    await world.stores.stats.tally(limit=100)
    query = OverviewQuery.model_validate({"actor": ACTOR, "window": window})
    return await overview(query, stats=world.stores.stats, clock=world.clock)


async def test_counts_how_runs_ended_and_what_they_cost(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel("hello"), costs=COSTS) as world:
        for source in (HELLO, HELLO, FAILS):
            await world.advance(await world.start(source))
        seen = await _seen(world)
        assert (seen.runs.value, seen.failures.value, seen.success_rate.value) == (3, 1, pytest.approx(2 / 3))
        assert (seen.runs.before, seen.runs.change, seen.success_rate.before) == (0, None, None)
        assert seen.tokens.value and seen.usd.value
        assert seen.usd.value == pytest.approx(seen.tokens.value / 1e6)
        assert sum(point.succeeded for point in seen.series) == 2
        assert (len(seen.series), seen.series[-1].tokens) == (7, seen.tokens.value)
        assert [(one.workflow.name, one.runs, one.failed) for one in seen.workflows] == [("test", 3, 1)]
        assert [(one.model, one.calls, one.tokens) for one in seen.models] == [
            ("small", 2, seen.tokens.value)
        ]
        assert [run.error.code for run in seen.recent_failures if run.error] == ["stopped"]
        assert seen.p50_ms.value is not None
        assert seen.p95_ms.value is not None
        assert seen.p50_ms.value <= seen.p95_ms.value


async def test_shows_what_happens_now(stores: Stores) -> None:
    async with a_world(stores) as world:
        waiting, working = await world.start(ASKS), await world.start(AGENT)
        await world.advance(waiting)
        await world.advance(working)
        seen = await _seen(world, "24h")
        assert (seen.in_progress.running, seen.in_progress.waiting, seen.approvals_waiting) == (1, 1, 1)
        assert [run.id for run in seen.running_now] == [working.id]
        assert (seen.runs.value, len(seen.series), seen.unit) == (0, 24, "hour")


async def test_counts_a_run_once_when_it_is_tried_again(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel("hello"), costs=COSTS) as world:
        run = await world.start(TWO)
        await world.advance(run)
        claim = await world.claim(run, "t")
        await world.complete(run, "t", claim.exec, error=StepError(code="refused", message="unlucky"))
        await world.advance(run)
        assert (await world.get(run)).status is RunStatus.FAILED
        first = await _seen(world)
        assert (first.runs.value, first.failures.value) == (1, 1)
        await world.retry(run)
        await world.advance(run)
        claim = await world.claim(run, "t", attempt=2)
        await world.complete(run, "t", claim.exec, text="better")
        await world.advance(run)
        second = await _seen(world)
        assert (second.runs.value, second.failures.value) == (1, 0)
        assert second.models == first.models
        assert second.recent_failures == []


async def test_tells_usage_by_what_it_was_for(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel("hello"), costs=COSTS) as world:
        for number, actor in enumerate((ACTOR, ANNA)):
            of = WorkflowRef(id=f"wf-{number}", name=f"flow-{number}")
            await world.advance(await world.start(HELLO, actor=actor, workflow=of))
        await world.stores.stats.tally(limit=100)
        today = datetime.now(UTC).date()
        query = UsageQuery(actor=ACTOR, since=today, until=today, group_by=["user", "model", "day"])
        report = await report_usage(query, stats=stores.stats)
        assert {(row.user, row.model, row.day, row.calls) for row in report.items} == {
            ("anna@example.org", "small", today, 1),
            ("", "small", today, 1),
        }
        assert (report.runs, report.is_complete) == (2, True)
        assert sum(row.tokens for row in report.items) == report.tokens
        assert all(row.workflow is None and row.step is None for row in report.items)
        changes = {"group_by": ["workflow", "step", "agent"], "workflow_id": "wf-1", "limit": 1}
        one = await report_usage(query.model_copy(update=changes), stats=stores.stats)
        assert [(row.workflow, row.step, row.agent) for row in one.items] == [
            (WorkflowRef(id="wf-1", name="flow-1"), "s", "")
        ]
        cut = await report_usage(query.model_copy(update={"limit": 1}), stats=stores.stats)
        assert (len(cut.items), cut.is_complete) == (1, False)
        stranger = Actor(workspace_id="other")
        nothing = await report_usage(query.model_copy(update={"actor": stranger}), stats=stores.stats)
        assert (nothing.items, nothing.runs) == ([], 0)


async def test_compares_with_the_same_part_of_the_window_before(stores: Stores) -> None:
    clock = FakeClock(datetime(2026, 3, 10, 12, 30, tzinfo=UTC))
    async with a_world(stores, clock=clock) as world:
        await world.advance(await world.start(HELLO))
        clock.advance(timedelta(days=1).total_seconds())
        for _ in range(2):
            await world.advance(await world.start(HELLO))
        seen = await _seen(world, "24h")
        assert (seen.runs.value, seen.runs.before, seen.runs.change) == (2, 1, 1.0)
        later = whole_day(ACTOR.workspace_id, clock.now())
        assert (await stores.stats.totals(later)).succeeded == 2


async def test_counts_every_run_once_when_two_processes_count(stores: Stores) -> None:
    async with a_world(stores) as world:
        for _ in range(5):
            await world.advance(await world.start(HELLO))
        await asyncio.gather(*(stores.stats.tally(limit=2) for _ in range(8)))
        assert (await _seen(world)).runs.value == 5


@pytest.mark.parametrize("milliseconds", [1, 2, 17, 999, 60_000, 86_400_000])
def test_keeps_durations_within_five_per_cent(milliseconds: int) -> None:
    assert middle_of(class_of(milliseconds)) == pytest.approx(milliseconds, rel=0.05)


def test_finds_percentiles_among_classes() -> None:
    counts = {class_of(100): 90, class_of(10_000): 10}
    assert percentile(counts, 0.5) == pytest.approx(100, rel=0.05)
    assert percentile(counts, 0.95) == pytest.approx(10_000, rel=0.05)
    assert percentile({}, 0.5) is None
