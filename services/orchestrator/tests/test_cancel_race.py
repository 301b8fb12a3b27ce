"""A cancel races the completion of the same run, a thousand times, on the real stores (F31)."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable

import pytest

from flowloom_contracts.events import RunMilestone
from flowloom_contracts.runs import Run, RunStatus
from flowloom_servicekit.testing.streams import InMemoryStreams
from orchestrator.domain.errors import RunFinishedError
from orchestrator.testing.world import Stores, World, a_world, workflow

RACES = 1000
AT_ONCE = 10
SEED = 31
HEAD_START = 60
"""Turns of the event loop."""

PLACED_EVERY = 5
"""Each fifth cancel is placed at a stage, so that both ends occur however busy the machine is."""

STARTED, ADVANCED, CLAIMED, COMPLETED, OVER = range(5)

SOURCE = workflow('one: {agent: qa, prompt: "Verify."}')


async def _stages(world: World, run: Run) -> AsyncIterator[int]:
    """Carry out the run's only step as an agent does, whatever comes in between; number the pauses."""
    yield STARTED
    await world.advance(run)
    yield ADVANCED
    claim = await world.claim(run, "one")
    yield CLAIMED
    if claim.exec is not None:
        await world.complete(run, "one", claim.exec, text="done")
    yield COMPLETED
    await world.advance(run)
    yield OVER


async def _complete(world: World, run: Run) -> str:
    return f"stage {[stage async for stage in _stages(world, run)][-1]}"


async def _cancel(world: World, run: Run) -> str:
    try:
        return (await world.cancel(run)).status.value
    except RunFinishedError:
        return "refused"


async def _after(turns: int, work: Awaitable[str]) -> str:
    for _ in range(turns):
        await asyncio.sleep(0)
    return await work


async def _race(ours: World, theirs: World, chance: random.Random) -> RunStatus:
    """One process completes, another one cancels; who begins, and how much earlier, is chance."""
    run = await ours.start(SOURCE)
    _, told = await asyncio.gather(
        _after(chance.randint(0, HEAD_START), _complete(ours, run)),
        _after(chance.randint(0, HEAD_START // 4), _cancel(theirs, run)),
    )
    return await _one_end(ours, run, told)


async def _meet(ours: World, theirs: World, at: int) -> RunStatus:
    """The whole cancel happens at one stage of the completion."""
    run, told = await ours.start(SOURCE), "not asked"
    async for stage in _stages(ours, run):
        if stage == at:
            told = await _cancel(theirs, run)
    return await _one_end(ours, run, told)


async def _one_end(ours: World, run: Run, told: str) -> RunStatus:
    """Check that the answer to the cancel, the stored run and its events tell the same end, once."""
    await ours.advance(run)
    done = await ours.stored(run.id)
    assert done.status.is_terminal
    assert (told == "refused") == (done.status is RunStatus.SUCCEEDED), f"{told}, then {done.status}"
    page = await ours.events(run)
    ends = [event for event in page.items if isinstance(event, RunMilestone) and "finished" in event.type]
    assert [end.data.status for end in ends] == [done.status]
    assert page.items[-1] == ends[0]
    return done.status


@pytest.mark.timeout(240)
async def test_a_run_has_one_end_however_a_cancel_and_its_completion_meet(postgres_stores: Stores) -> None:
    chance, streams = random.Random(SEED), InMemoryStreams()
    async with (
        a_world(postgres_stores, streams=streams) as ours,
        a_world(postgres_stores, streams=streams, boot_id="boot-2") as theirs,
    ):
        limit = asyncio.Semaphore(AT_ONCE)

        async def race(number: int) -> RunStatus:
            async with limit:
                if number % PLACED_EVERY:
                    return await _race(ours, theirs, chance)
                return await _meet(ours, theirs, number // PLACED_EVERY % (OVER + 1))

        ends = await asyncio.gather(*(race(number) for number in range(RACES)))
    placed = ends[::PLACED_EVERY]
    for stage in (STARTED, ADVANCED, CLAIMED):
        assert set(placed[stage :: OVER + 1]) == {RunStatus.CANCELLED}, f"cancelled at stage {stage}"
    assert set(placed[OVER :: OVER + 1]) == {RunStatus.SUCCEEDED}, "cancelled when it was over"
