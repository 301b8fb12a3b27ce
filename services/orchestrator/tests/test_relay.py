"""The relay when something outside is away: nothing is lost, nothing overtakes, streams come back."""

import pytest

from flowloom_contracts.runs import RunStatus
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.streams.cursor import START
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.streams import InMemoryStreams
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.world import Stores, World, a_world, workflow

AGENT = workflow("s: {agent: research, prompt: Hi}")
HELLO = workflow("s: {llm: default, prompt: Hi}")


async def _types(world: World, run_id: str) -> list[str]:
    page = await world.streams.read(f"run:{run_id}", START, 500)
    return [] if page is None else [frame.type for frame in page.frames]


async def test_does_later_what_the_engine_did_not_take() -> None:
    stores = InMemoryStores()
    async with a_world(Stores.in_memory(stores)) as world:
        world.engine.failure = StorageUnavailableError("away")
        run = await world.start(AGENT)
        await world.relay.settled(run.id)
        assert world.engine.scheduled == {}
        assert len(stores.outbox) == 2
        world.engine.failure = None
        await world.relay.tidy()
        await world.relay.tidy()
        assert list(world.engine.scheduled) == [f"{run.id}.1"]
        await world.relay.tidy()
        assert stores.outbox == {}


async def test_keeps_the_order_when_a_commit_comes_after_a_failure() -> None:
    async with a_world() as world:
        world.engine.failure = StorageUnavailableError("away")
        run = await world.start(AGENT)
        await world.relay.settled(run.id)
        await world.advance(run)
        await world.relay.settled(run.id)
        assert await _types(world, run.id) == ["run.accepted.v1"]
        world.engine.failure = None
        await world.relay.tidy()
        await world.relay.tidy()
        assert await _types(world, run.id) == ["run.accepted.v1", "run.started.v1", "step.queued.v1"]


async def test_fills_a_gap_that_a_dead_process_left() -> None:
    stores, streams = Stores.in_memory(), InMemoryStreams()
    async with a_world(stores, streams=streams) as dead, a_world(stores, streams=streams) as world:
        run = await dead.start(AGENT)
        await dead.relay.settled(run.id)
        dead.relay.push = lambda committed: None  # type: ignore[method-assign]  # it died after the commit
        await dead.advance(run)
        claim = await world.claim(run, "s")
        await world.relay.settled(run.id)
        assert claim.exec == 1
        assert (await _types(world, run.id))[-2:] == ["step.queued.v1", "step.started.v1"]
        assert (await world.events(run)).items[-1].epoch == 1


async def test_gives_a_lost_stream_a_new_epoch() -> None:
    streams = InMemoryStreams()
    async with a_world(streams=streams) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.relay.settled(run.id)
        streams.lose(f"run:{run.id}")
        claim = await world.claim(run, "s")
        items = (await world.events(run, after="1:2")).items
        assert [(event.epoch, event.seq) for event in items] == [(2, 1), (2, 2), (2, 3), (2, 4)]
        assert await streams.append_deltas(f"run:{run.id}", "s", claim.exec or 0, ["{}"]) == 2


async def test_restores_a_lost_stream_for_a_reader() -> None:
    streams = InMemoryStreams()
    async with a_world(streams=streams) as world:
        run = await world.start(AGENT)
        await world.relay.settled(run.id)
        streams.lose(f"run:{run.id}")
        assert [event.epoch for event in (await world.events(run)).items] == [2]


async def test_renews_every_live_stream_when_redis_has_restarted() -> None:
    streams = InMemoryStreams()
    async with a_world(streams=streams) as world:
        alive, ended = await world.start(AGENT), await world.start(HELLO)
        await world.advance(ended)
        for run in (alive, ended):
            await world.relay.settled(run.id)
        for _ in range(3):
            await world.relay.tidy()
        streams.restart()
        for _ in range(3):
            await world.relay.tidy()
        assert (await world.events(alive)).items[0].epoch == 2
        assert (await world.events(ended)).items[0].epoch == 1


async def test_starts_a_run_that_was_left_behind_while_redis_is_away() -> None:
    stores, streams, clock = Stores.in_memory(), InMemoryStreams(), FakeClock()
    async with a_world(stores, streams=streams, clock=clock) as dead:
        dead.relay.push = lambda committed: None  # type: ignore[method-assign]  # it died after the commit
        run = await dead.start(AGENT)
    streams.is_away = True
    clock.advance(2)
    async with a_world(stores, streams=streams, clock=clock) as world:
        with pytest.raises(StorageUnavailableError):
            await world.relay.tidy()
        assert list(world.engine.scheduled) == [f"{run.id}.1"]


async def test_notices_a_restart_of_redis_also_when_there_is_always_something_done() -> None:
    clock, streams = FakeClock(), InMemoryStreams()
    async with a_world(streams=streams, clock=clock) as world:
        watched = await world.start(AGENT)
        await world.relay.settled(watched.id)
        await world.relay.tidy()
        clock.advance(2)
        await world.relay.tidy()
        streams.restart()
        for _ in range(8):
            another = await world.start(AGENT)
            await world.relay.settled(another.id)
            clock.advance(0.25)
            await world.relay.tidy()
        assert (await world.events(watched)).items[0].epoch == 2


async def test_a_new_process_notices_a_restart_of_redis_that_nobody_saw() -> None:
    stores, streams = Stores.in_memory(), InMemoryStreams()
    async with a_world(stores, streams=streams) as dead:
        run = await dead.start(AGENT)
        await dead.relay.settled(run.id)
        await dead.relay.tidy()
    streams.restart()
    async with a_world(stores, streams=streams, boot_id="boot-2") as world:
        await world.relay.tidy()
        assert (await world.events(run)).items[0].epoch == 2
    async with a_world(stores, streams=streams, boot_id="boot-3") as world:
        await world.relay.tidy()
        assert (await world.events(run)).items[0].epoch == 2


async def test_archives_no_text_that_a_restart_has_cut() -> None:
    stores, streams = Stores.in_memory(), InMemoryStreams()
    async with a_world(stores, streams=streams) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        claim = await world.claim(run, "s")
        await world.relay.settled(run.id)
        await world.relay.tidy()
        await streams.append_deltas(f"run:{run.id}", "s", claim.exec or 0, ["{}"])
        streams.restart()
        await world.complete(run, "s", claim.exec, text="all of it")
        await world.advance(run)
        events = (await world.events(run)).items
        assert {event.epoch for event in events} == {2}
        assert "step.delta.v1" not in [event.type for event in events]


async def test_gives_a_stream_that_has_missed_text_a_new_epoch() -> None:
    async with a_world() as world:
        run = await world.start(AGENT)
        await world.advance(run)
        claim = await world.claim(run, "s")
        await world.relay.settled(run.id)
        await world.complete(run, "s", claim.exec, text="all of it", text_lost=True)
        await world.relay.settled(run.id)
        events = (await world.events(run)).items
        assert {event.epoch for event in events} == {2}
        assert [event.type for event in events][-1] in ("step.finished.v1", "run.finished.v1")


async def test_archives_a_stream_that_was_lost_before_its_end() -> None:
    streams = InMemoryStreams()
    async with a_world(streams=streams) as world:
        run = await world.start(HELLO)
        await world.relay.settled(run.id)
        streams.lose(f"run:{run.id}")
        await world.advance(run)
        assert (await world.events(run)).items[-1].type == "run.finished.v1"
        assert await world.status(run) is RunStatus.SUCCEEDED


async def test_a_snapshot_holds_the_text_of_what_is_running() -> None:
    clock = FakeClock()
    streams = InMemoryStreams()
    async with a_world(streams=streams, clock=clock) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s")
        await world.relay.settled(run.id)
        for offset, text in ((0, "Hel"), (3, "lo")):
            body = (
                f'{{"type":"step.delta.v1","at":"2026-01-01T12:00:00Z","run_id":"{run.id}","step":"s","attempt":1,'
                f'"data":{{"exec":1,"channel":"answer","offset":{offset},"text":"{text}"}}}}'
            )
            await streams.append_deltas(f"run:{run.id}", "s", 1, [body])
        snapshot = await world.snapshot(run)
        assert snapshot.texts["s"].channels == {"answer": "Hello"}
        assert snapshot.cursor == "1:6"
        assert [step.path for step in snapshot.steps] == ["s"]
        await world.complete(run, "s", 1, text="Hello")
        await world.advance(run)
        await world.relay.settled(run.id)
        ended = await world.snapshot(run)
        assert (ended.texts, ended.run.status) == ({}, RunStatus.SUCCEEDED)
        assert ended.cursor == f"1:{len((await world.events(run)).items)}"
