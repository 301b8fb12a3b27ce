"""Many runs at once: fair shares, two processes that admit, and starts that race with them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from flowloom_contracts.runs import Actor, Run
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.domain.admission import Slots
from orchestrator.testing.world import Stores, World, a_world, workflow

AGENT = workflow("s: {agent: qa, prompt: Hi}")
SMALL = Actor(workspace_id="ws-small")
StoresWith = Callable[[Slots], Stores]


def scheduled(*worlds: World) -> list[str]:
    """Return the ids of the runs that have a driver, in the order in which they got it."""
    found = [name.removesuffix(".1") for world in worlds for name in world.engine.scheduled]
    assert len(found) == len(set(found)), "a run has two drivers"
    return found


async def settled(world: World, runs: Sequence[Run]) -> None:
    """Wait until the relay has done what was pushed."""
    for run in runs:
        await world.relay.settled(run.id)


async def finish(world: World, run: Run) -> None:
    """Carry the run's only step out as an agent does."""
    await world.advance(run)
    claim = await world.claim(run, "s")
    await world.complete(run, "s", claim.exec, text="done")


async def test_lets_ten_runs_through_when_another_workspace_has_flooded_the_queue(
    stores_with: StoresWith,
) -> None:
    async with a_world(stores_with(Slots(at_once=4))) as world:
        flood = [await world.start(AGENT) for _ in range(1_000)]
        few = [await world.start(AGENT, actor=SMALL) for _ in range(10)]
        runs = {run.id: run for run in [*flood, *few]}
        await settled(world, flood[:4])
        for turn in range(24):
            await finish(world, runs[scheduled(world)[turn]])
            await world.admissions.turn()
            await settled(world, [*few, *flood[:40]])
        order = scheduled(world)
        assert len(order) == 28
        assert {run.id for run in few} <= set(order)
        assert [name for name in order if name in {run.id for run in few}] == [run.id for run in few]


async def test_loses_and_doubles_nothing_when_two_processes_admit(stores_with: StoresWith) -> None:
    stores, most = stores_with(Slots(at_once=5)), 5
    async with a_world(stores) as one, a_world(replace(stores), boot_id="boot-2") as other:
        runs = {run.id: run for run in [await one.start(AGENT) for _ in range(40)]}
        ended: set[str] = set()
        while len(ended) < 40:
            await asyncio.gather(one.admissions.turn(), other.admissions.turn())
            await asyncio.gather(settled(one, [*runs.values()]), settled(other, [*runs.values()]))
            in_progress = [name for name in scheduled(one, other) if name not in ended]
            assert 0 < len(in_progress) <= most
            await finish(one, runs[in_progress[0]])
            ended.add(in_progress[0])
        assert not await stores.admission.is_waiting()


async def test_takes_a_few_too_many_at_most_when_starts_come_at_one_instant(
    stores_with: StoresWith,
) -> None:
    async with a_world(stores_with(Slots(at_once=5))) as world:
        runs = await asyncio.gather(*(world.start(AGENT) for _ in range(40)))
        await world.admissions.turn()
        await settled(world, runs)
        connections = 3  # half of the pool of six: so many starts see the same free slot
        assert 5 <= len(scheduled(world)) < 5 + connections
        assert await world.stores.admission.queued("ws-1", limit=100) == 40 - len(scheduled(world))


async def test_keeps_keys_strict_when_starts_come_at_one_instant(stores_with: StoresWith) -> None:
    document = AGENT.replace("steps:", "limits: {concurrency: {max: 2}}\nsteps:")
    stores = stores_with(Slots())
    async with a_world(stores) as one, a_world(replace(stores), boot_id="boot-2") as other:
        runs = await asyncio.gather(*(world.start(document) for world in (one, other) for _ in range(10)))
        await asyncio.gather(one.admissions.turn(), other.admissions.turn())
        await asyncio.gather(one.admissions.turn(), other.admissions.turn())
        await asyncio.gather(settled(one, runs), settled(other, runs))
        assert len(scheduled(one, other)) == 2


async def test_admits_by_itself_while_it_runs(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        admitting = asyncio.create_task(world.admissions.run())
        runs = [await world.start(AGENT) for _ in range(5)]
        for turn, run in enumerate(runs):

            async def is_begun(turn: int = turn) -> bool:
                return len(scheduled(world)) > turn

            await wait_until(is_begun)
            await finish(world, run)
        admitting.cancel()
        await asyncio.gather(admitting, return_exceptions=True)
