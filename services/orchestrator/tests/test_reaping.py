"""The reaper over both kinds of stores: what does not move gets another driver."""

from collections.abc import Sequence
from datetime import timedelta

from flowloom_contracts.runs import RunStatus
from orchestrator.ports.reaper import Overdue, ReaperStore
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases.reap import reap

AGENT = workflow("s: {agent: research, prompt: Hi}")
PATIENCE = timedelta(seconds=16)
"""A little more than the time after which a step without a lease is lost."""


class Given:
    """A store that finds what the test says and leaves the rest to a real one."""

    def __init__(self, store: ReaperStore, *overdue: Overdue) -> None:
        self._store = store
        self._overdue = overdue
        self.nudge = store.nudge
        self.tidy = store.tidy
        self.orphans = store.orphans

    async def overdue(self, now: object) -> Sequence[Overdue]:
        """Return what was given."""
        return self._overdue


async def _reap(world: World, *overdue: Overdue) -> None:
    await reap(store=Given(world.stores.reaper, *overdue), gate=world.gate, clock=world.clock)
    for item in overdue:
        await world.relay.settled(item.run_id)


async def test_a_queued_run_that_does_not_move_gets_another_driver_on_its_place(stores: Stores) -> None:
    """Its first `advance` never came back, so that it still says `queued`."""
    async with a_world(stores) as world:
        run = await world.start(AGENT)
        for _ in range(3):
            await _reap(world, Overdue(run.id, "still"))
        assert list(world.engine.scheduled) == [f"{run.id}.1", f"{run.id}.1.1"]
        assert await world.status(run) is RunStatus.QUEUED
        assert (await world.advance(run))["start"]
        assert await world.status(run) is RunStatus.RUNNING


async def test_a_step_that_is_lost_again_gets_its_run_another_driver(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s")
        for _ in range(2):
            await _reap(world, Overdue(run.id, "lost", "s", 1))
        assert world.engine.signals == [(f"{run.id}.1", "signal")]
        assert list(world.engine.scheduled) == [f"{run.id}.1", f"{run.id}.1.1"]


async def test_a_step_is_lost_for_the_second_time_as_soon_as_for_the_first(postgres_stores: Stores) -> None:
    async with a_world(postgres_stores) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s")
        found = await postgres_stores.reaper.overdue(world.clock.now() + timedelta(minutes=1))
        assert [(item.step, item.reason) for item in found] == [("s", "lost")]
        await _reap(world, *found)
        assert await postgres_stores.reaper.overdue(world.clock.now() + PATIENCE) == found
        await _reap(world, *found)
        assert await postgres_stores.reaper.overdue(world.clock.now() + PATIENCE) == []


async def test_a_run_that_cannot_be_judged_keeps_no_other_one_waiting(stores: Stores) -> None:
    async with a_world(stores) as world:
        broken, good = await world.start(AGENT), await world.start(AGENT)
        store = Given(world.stores.reaper, Overdue(broken.id, "still"), Overdue(good.id, "still"))

        async def nudge(run_id: str) -> int:
            if run_id == broken.id:
                raise KeyError("a fault of ours")
            return 1

        store.nudge = nudge
        await reap(store=store, gate=world.gate, clock=world.clock)
        await world.relay.settled(good.id)
        assert world.engine.signals == [(f"{good.id}.1", "signal")]
