"""Calls that are told while the commit that ends their step still goes on: nothing comes after the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from flowloom_contracts.agents import BeginCall, EndCall
from flowloom_contracts.runs import Usage
from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases.keep_calls import begin_call, end_call

AGENT = workflow("s: {agent: research, prompt: Hi}")
END_RUN = text("update orchestrator.runs set revision = revision + 1, status = 'cancelled'")
END_STEP = text("update orchestrator.steps set status = 'cancelled'")
WAITING = text("select count(*) from pg_locks where not granted")


async def _claimed(world: World) -> BeginCall:
    run = await world.start(AGENT)
    await world.advance(run)
    assert (await world.claim(run, "s")).exec == 1
    return BeginCall(
        run_id=run.id, step="s", attempt=1, exec=1, call=0, name="model", request_hash="r", effect="none"
    )


async def _begun(world: World, call: BeginCall) -> str:
    begun = await begin_call(call, journal=world.stores.journal, relay=world.relay, clock=world.clock)
    return begun.outcome


async def _ended(world: World, call: BeginCall) -> str:
    place = call.model_dump(include={"run_id", "step", "attempt", "exec", "call", "request_hash"})
    told = EndCall(**place, response="answer", usage=Usage(tokens=7))
    ended = await end_call(told, journal=world.stores.journal, relay=world.relay, clock=world.clock)
    return ended.outcome


@asynccontextmanager
async def _a_commit_that_ends(database: Database) -> AsyncIterator[None]:
    """Hold the commit that ends the run and its step until whoever comes meanwhile waits for it."""
    async with database.transaction() as session:
        await session.execute(END_RUN)
        await session.execute(END_STEP)
        yield

        async def somebody_waits() -> bool:
            async with database.transaction() as looking:
                return bool(await looking.scalar(WAITING))

        await wait_until(somebody_waits)


async def test_the_end_of_a_call_that_waited_for_the_end_of_its_step_is_not_told(
    postgres_stores: Stores, database: Database
) -> None:
    async with a_world(postgres_stores) as world:
        call = await _claimed(world)
        assert await _begun(world, call) == "go"
        told = len(await postgres_stores.outbox.milestones(call.run_id))
        async with _a_commit_that_ends(database):
            ending = asyncio.create_task(_ended(world, call))
        assert await ending == "superseded"
        assert len(await postgres_stores.outbox.milestones(call.run_id)) == told


async def test_a_replayed_call_that_waited_for_the_end_of_its_step_is_not_told(
    postgres_stores: Stores, database: Database
) -> None:
    async with a_world(postgres_stores) as world:
        call = await _claimed(world)
        await _begun(world, call)
        assert await _ended(world, call) == "kept"
        told = len(await postgres_stores.outbox.milestones(call.run_id))
        async with _a_commit_that_ends(database):
            beginning = asyncio.create_task(_begun(world, call))
        assert await beginning == "superseded"
        assert len(await postgres_stores.outbox.milestones(call.run_id)) == told
