"""Runs that never wait are carried out where they were accepted; a process that dies loses none of them."""

import asyncio

from flowloom_contracts.runs import RunStatus
from flowloom_modelkit.ports import OnDelta
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.domain.driving import AdvanceAnswer
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.world import Stores, World, a_world, workflow

HELLO = workflow("s: {llm: default, prompt: Hi}", "t: {llm: default, prompt: 'And ${steps.s.output}'}")
ASKS_AN_AGENT = workflow("s: {agent: research, prompt: Hi}")
SLEEPS = workflow("s: {wait: {for: 1h}}")


def carrying(world: World) -> None:
    """Let the relay of a world carry runs out, as a real process does."""

    world.relay.carry_out(world.advance_by_id)


async def test_needs_no_engine_for_a_run_that_never_waits() -> None:
    stores = InMemoryStores()
    async with a_world(Stores.in_memory(stores)) as world:
        carrying(world)
        run = await world.start(HELLO)

        async def ended() -> bool:
            return await world.status(run) is RunStatus.SUCCEEDED

        await wait_until(ended, 5)

        async def is_forgotten() -> bool:
            await world.relay.tidy()
            return stores.outbox == {}

        await wait_until(is_forgotten, 5)
        assert world.engine.scheduled == {}


async def test_gives_what_has_to_wait_to_the_engine_at_once() -> None:
    async with a_world() as world:
        carrying(world)
        asks, sleeps = await world.start(ASKS_AN_AGENT), await world.start(SLEEPS)
        await world.relay.settled(asks.id)
        await world.relay.settled(sleeps.id)
        assert set(world.engine.scheduled) == {f"{asks.id}.1", f"{sleeps.id}.1"}


async def test_gives_a_run_to_the_engine_when_it_cannot_go_on_here() -> None:
    async with a_world() as world:

        async def advance(run_id: str) -> AdvanceAnswer:
            raise StorageUnavailableError("away")

        world.relay.carry_out(advance)
        run = await world.start(HELLO)

        async def scheduled() -> bool:
            return f"{run.id}.1" in world.engine.scheduled

        await wait_until(scheduled, 5)


async def test_another_process_goes_on_with_what_a_dead_one_carried() -> None:
    stores = Stores.in_memory()
    gate = asyncio.Event()
    async with a_world(stores, model=_Waiting(gate)) as dying, a_world(stores, boot_id="boot-2") as world:
        carrying(dying)
        carrying(world)
        run = await dying.start(HELLO)

        async def began() -> bool:
            return (await world.step(run, "s")).status == "running"

        await wait_until(began, 5)
        await dying.relay.stop()
        await world.relay.tidy()

        async def ended() -> bool:
            return await world.status(run) is RunStatus.SUCCEEDED

        await wait_until(ended, 5)


class _Waiting(ScriptedModel):
    """A model that answers when its gate is open."""

    def __init__(self, gate: asyncio.Event) -> None:
        super().__init__("late")
        self._gate = gate

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Wait, then answer."""
        await self._gate.wait()
        return await super().stream(request, on_delta=on_delta, stop=stop)
