"""What looks after runs: orphans are closed, old runs removed, months dropped, stuck runs found."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from flowloom_contracts.runs import Run, RunStatus
from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.domain.partitions import partition_of, partitions_before
from orchestrator.domain.records import OutboxKind
from orchestrator.testing.world import Stores, World, a_world, workflow

PARENT = workflow("c: {workflow: inner}")
CHILD = workflow("s: {agent: qa, prompt: Hi}")


async def _with_child(world: World) -> tuple[Run, Run]:
    world.documents.sources["inner"] = CHILD
    run = await world.start(PARENT)
    await world.advance(run)

    async def is_there() -> bool:
        return (await world.step(run, "c")).child_run_id is not None

    await wait_until(is_there)
    return run, await world.stored((await world.step(run, "c")).child_run_id or "")


def _deaf(world: World, kind: OutboxKind) -> None:
    """Let the relay do nothing for a kind of item, as if what was told had been lost."""

    async def nothing(run_id: str, item: object) -> None:
        return None

    world.relay.also(kind, nothing)


async def test_cancels_a_run_whose_parent_is_over(stores: Stores) -> None:
    async with a_world(stores, clock=FakeClock(datetime.now(UTC))) as world:
        run, child = await _with_child(world)
        _deaf(world, OutboxKind.CHILD_CANCEL)
        await world.cancel(run)
        await world.relay.settled(run.id)
        world.clock.advance(60)  # type: ignore[attr-defined]  # a fake clock
        await world.reconciler.close_orphans()
        assert await world.status(child) is RunStatus.CANCELLED
        assert list(await stores.reaper.orphans(world.clock.now() + timedelta(minutes=5))) == []


async def test_tells_a_parent_of_a_run_that_has_ended(stores: Stores) -> None:
    async with a_world(stores, clock=FakeClock(datetime.now(UTC))) as world:
        run, child = await _with_child(world)
        _deaf(world, OutboxKind.CHILD_END)
        await world.cancel(child)
        world.clock.advance(60)  # type: ignore[attr-defined]  # a fake clock
        await world.reconciler.close_orphans()
        assert (await world.advance(run))["finished"]
        assert await world.status(run) is RunStatus.FAILED


async def test_removes_runs_that_ended_long_ago_and_no_others(stores: Stores) -> None:
    async with a_world(stores, clock=FakeClock(datetime.now(UTC))) as world:
        old, going = await world.start(CHILD), await world.start(CHILD)
        await world.cancel(old)
        await world.relay.settled(old.id)
        world.clock.advance(29 * 86_400)  # type: ignore[attr-defined]  # a fake clock
        assert await world.reconciler.remove_old() == 0
        world.clock.advance(2 * 86_400)  # type: ignore[attr-defined]  # a fake clock
        assert await world.reconciler.remove_old() == 1
        with pytest.raises(RunNotFoundError):
            await world.get(old)
        assert await world.status(going) is RunStatus.QUEUED


async def test_drops_a_month_when_no_run_of_it_is_left(postgres_stores: Stores, database: Database) -> None:
    old = datetime(2020, 3, 5, tzinfo=UTC)
    await postgres_stores.reaper.tidy(old)
    months = "select count(*) from pg_inherits where inhparent = cast('orchestrator.run_events' as regclass)"
    async with database.transaction() as session:
        before = int(await session.scalar(text(months)) or 0)
    assert await postgres_stores.retention.drop_months(datetime(2020, 4, 2, tzinfo=UTC)) == 2
    async with database.transaction() as session:
        assert int(await session.scalar(text(months)) or 0) == before - 2


def test_knows_which_months_are_over() -> None:
    names = ["run_events_2026_01", "run_events_other", "run_events_2025_12", "run_events_2026_02"]
    assert list(partitions_before(datetime(2026, 2, 1, tzinfo=UTC), names)) == [
        "run_events_2025_12",
        "run_events_2026_01",
    ]
    assert partition_of("run_events_2026_02").table == "run_events_2026_02"
    with pytest.raises(ValueError, match="no month"):
        partition_of("run_events_other")


async def test_finds_stuck_runs_and_leaves_waiting_ones_alone(postgres_stores: Stores) -> None:
    async with a_world(postgres_stores) as world:
        asked = await world.start(workflow("a: {approval: {title: May I}}"))
        asleep = await world.start(workflow("w: {wait: {for: 1h}}"))
        parent, _ = await _with_child(world)
        stuck = await world.start(
            workflow("l: {loop: {over: [1, 2]}, do: {w: {wait: {for: 20s}}}}", "x: {wait: {for: 20s}}")
        )
        for run in (asked, asleep, stuck):
            await world.advance(run)
        await world.advance(parent)
        assert await world.status(asked) is RunStatus.WAITING
        late = world.clock.now() + timedelta(seconds=60)
        found = {item.run_id: item.reason for item in await postgres_stores.reaper.overdue(late)}
        assert found.get(stuck.id) == "still"
        assert not {asked.id, asleep.id, parent.id} & found.keys()
