"""Streams that grow long while their run goes on: archived in pieces, read across archive and Redis."""

from collections.abc import AsyncIterator

import pytest

from flowloom_contracts.events import RunEvent
from flowloom_contracts.runs import Run, RunEventsQuery
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamTrimmedError
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.streams import InMemoryStreams
from orchestrator.adapters.redis_streams import RedisStreams
from orchestrator.ports.streams import Streams
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow
from orchestrator.usecases.archive_run import SEGMENT, LongStreams

AGENT = workflow("s: {agent: research, prompt: Hi}")
TEXTS = 3 * SEGMENT + 500


@pytest.fixture(params=["fake", "valkey"])
async def streams(request: pytest.FixtureRequest) -> AsyncIterator[Streams]:
    if request.param == "fake":
        yield InMemoryStreams()
        return
    redis = connect_redis(request.getfixturevalue("valkey_url"))
    yield RedisStreams(redis)
    await redis.aclose()


def shortening(world: World, *, kept: int = 1_000) -> LongStreams:
    return LongStreams(
        streams=world.streams,
        archive=world.stores.archive,
        outbox=world.stores.outbox,
        clock=FakeClock(),
        long=SEGMENT,
        kept=kept,
    )


async def talking(world: World, *, texts: int = TEXTS) -> Run:
    """Start a run whose only step has said a lot."""
    run = await world.start(AGENT)
    await world.advance(run)
    await world.claim(run, "s")
    await world.relay.settled(run.id)
    await say(world, run, texts)
    return run


async def say(world: World, run: Run, texts: int, *, first: int = 0) -> None:
    bodies = [
        f'{{"type":"step.delta.v1","at":"2026-01-01T12:00:00Z","run_id":"{run.id}","step":"s","attempt":1,'
        f'"data":{{"exec":1,"channel":"answer","offset":{first + place},"text":"x"}}}}'
        for place in range(texts)
    ]
    for start in range(0, texts, 500):
        await world.streams.append_deltas(f"run:{run.id}", "s", 1, bodies[start : start + 500])


async def whole_history(world: World, run: Run, *, limit: int = 1_500) -> list[RunEvent]:
    found, after = list[RunEvent](), "0"
    while True:
        query = RunEventsQuery(actor=ACTOR, run_id=run.id, after=after, limit=limit)
        page = await world.history.events(query)
        found += page.items
        if page.next_cursor is None:
            return found
        after = page.next_cursor


def is_dense(events: list[RunEvent]) -> bool:
    return [getattr(event, "seq", None) for event in events] == [*range(1, len(events) + 1)]


async def test_archives_the_beginning_and_reads_across_it(stores: Stores, streams: Streams) -> None:
    async with a_world(stores, streams=streams) as world:
        run = await talking(world)
        whole = await whole_history(world, run)
        assert len(whole) > TEXTS
        await shortening(world).turn()
        assert (await world.streams.lengths([f"run:{run.id}"]))[0] == len(whole) - 2 * SEGMENT
        with pytest.raises(StreamTrimmedError) as trimmed:
            await world.streams.read(f"run:{run.id}", START)
        assert trimmed.value.last == Cursor(1, 2 * SEGMENT)
        assert await whole_history(world, run) == whole
        assert (await world.snapshot(run)).texts["s"].channels["answer"] == "x" * TEXTS


async def test_goes_on_meanwhile_and_ends_in_one_archive(stores: Stores, streams: Streams) -> None:
    async with a_world(stores, streams=streams) as world:
        run = await talking(world)
        await shortening(world).turn()
        await say(world, run, 3_000, first=TEXTS)
        await shortening(world).turn()
        await shortening(world).turn()
        await world.complete(run, "s", 1, text="done")
        await world.advance(run)
        await world.relay.settled(run.id)
        history = await whole_history(world, run)
        assert is_dense(history)
        assert history[-1].type == "run.finished.v1"
        archived = await world.stores.archive.read(run.id, START, len(history) + 1)
        assert archived is not None
        assert (len(archived.frames), archived.is_last) == (len(history), True)


async def test_two_processes_archive_the_same_pieces(stores: Stores, streams: Streams) -> None:
    async with a_world(stores, streams=streams) as world, a_world(stores, streams=streams) as other:
        run = await talking(world)
        await shortening(world, kept=4_000).turn()
        await shortening(other).turn()
        await shortening(world).turn()
        assert is_dense(await whole_history(other, run))


async def test_leaves_short_streams_alone(stores: Stores, streams: Streams) -> None:
    async with a_world(stores, streams=streams) as world:
        run = await talking(world, texts=SEGMENT - 100)
        await shortening(world).turn()
        assert (await world.streams.lengths([f"run:{run.id}"]))[0] == len(await whole_history(world, run))


async def test_a_stream_that_is_lost_then_begins_anew(stores: Stores, streams: Streams) -> None:
    async with a_world(stores, streams=streams) as world:
        run = await talking(world)
        await shortening(world).turn()
        await world.relay.restore(run.id)
        history = await whole_history(world, run)
        assert (history[0].epoch, is_dense(history)) == (2, True)
        await world.complete(run, "s", 1, text="done")
        await world.advance(run)
        await world.relay.settled(run.id)
        assert {event.epoch for event in await whole_history(world, run)} == {2}
