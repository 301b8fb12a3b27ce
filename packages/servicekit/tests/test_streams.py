"""The rules of live streams, over the fake and over a real Valkey."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from flowloom_servicekit.ids import new_id
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamLostError, StreamMovedError, StreamTrimmedError
from flowloom_servicekit.streams.frame import Frame, encode_body
from flowloom_servicekit.streams.hub import StreamHub
from flowloom_servicekit.streams.reader import StreamReader
from flowloom_servicekit.streams.subscription import MAX_FRAMES, Resync, Subscription
from flowloom_servicekit.streams.writer import Milestone, StreamWriter
from flowloom_servicekit.testing.streams import InMemoryStreams
from flowloom_servicekit.testing.waiting import wait_until


@dataclass
class Streams:
    """The three parts of one implementation, and a stream nobody else uses."""

    writer: StreamWriter
    reader: StreamReader
    hub: StreamHub
    name: str

    async def milestones(self, first: int, last: int) -> list[int | None]:
        wanted = [Milestone(n, body("run.started.v1", str(n))) for n in range(first, last + 1)]
        return await self.writer.append_milestones(self.name, wanted)

    async def texts(self, after: Cursor = START) -> list[str]:
        page = await self.reader.read(self.name, after)
        assert page is not None
        return [text_of(frame) for frame in page.frames]


def body(type: str, text: str) -> str:
    return encode_body({"type": type, "run_id": "r", "data": {"text": text}})


def text_of(frame: Frame) -> str:
    return frame.text.split('"text":"')[1].split('"')[0]


@pytest.fixture(params=["fake", "valkey"])
async def streams(request: pytest.FixtureRequest) -> AsyncIterator[Streams]:
    name = f"run:{new_id()}"
    if request.param == "fake":
        fake = InMemoryStreams()
        yield Streams(fake, fake, fake, name)  # type: ignore[arg-type]  # the fake offers the same methods
        return
    url = request.getfixturevalue("valkey").url
    redis = connect_redis(url)
    async with StreamHub(url) as hub:
        yield Streams(StreamWriter(redis), StreamReader(redis), hub, name)
    await redis.aclose()


async def collect(subscription: Subscription, count: int) -> list[Frame]:
    frames: list[Frame] = []
    async with asyncio.timeout(5):
        while len(frames) < count:
            batch = await subscription.next()
            assert not isinstance(batch, Resync), batch
            frames += batch
    return frames


async def resync(subscription: Subscription) -> str:
    async with asyncio.timeout(5):
        async for batch in subscription:
            if isinstance(batch, Resync):
                return batch.reason
    raise AssertionError("the subscription ended without a reason")


async def test_numbers_milestones_densely_and_drops_what_it_has_seen(streams: Streams) -> None:
    assert await streams.milestones(1, 3) == [1, 2, 3]
    assert await streams.milestones(2, 4) == [None, None, 4]
    assert await streams.texts() == ["1", "2", "3", "4"]
    assert await streams.reader.head(streams.name) == Cursor(1, 4)


async def test_a_frame_is_the_envelope_with_its_place(streams: Streams) -> None:
    await streams.milestones(1, 1)
    page = await streams.reader.read(streams.name)
    assert page is not None
    frame = page.frames[0]
    assert frame.text == (
        f'{{"stream":"{streams.name}","epoch":1,"seq":1,"type":"run.started.v1","run_id":"r","data":{{"text":"1"}}}}'
    )
    assert (frame.cursor, frame.type) == (Cursor(1, 1), "run.started.v1")


async def test_refuses_a_milestone_when_one_before_it_is_missing(streams: Streams) -> None:
    await streams.milestones(1, 2)
    with pytest.raises(StreamLostError):
        await streams.milestones(4, 4)
    assert await streams.milestones(3, 3) == [3]


async def test_refuses_to_start_in_the_middle(streams: Streams) -> None:
    with pytest.raises(StreamLostError):
        await streams.milestones(5, 5)
    assert await streams.reader.read(streams.name) is None


async def test_text_of_a_lower_exec_is_refused(streams: Streams) -> None:
    await streams.milestones(1, 1)
    append = streams.writer.append_deltas
    assert await append(streams.name, "ask", 7, [body("step.delta.v1", "new")]) == 1
    assert await append(streams.name, "ask", 6, [body("step.delta.v1", "old")]) is None
    assert await append(streams.name, "other", 6, [body("step.delta.v1", "else")]) == 1
    assert await streams.texts() == ["1", "new", "else"]


async def test_a_turn_that_comes_again_changes_nothing(streams: Streams) -> None:
    await streams.milestones(1, 1)
    append = streams.writer.append_deltas
    for turn, text in ((1, "a"), (1, "a"), (2, "b"), (1, "a"), (2, "b")):
        assert await append(streams.name, "ask", 7, [body("step.delta.v1", text)], turn=turn) == 1
    assert await append(streams.name, "ask", 8, [body("step.delta.v1", "new")], turn=1) == 1
    assert await append(streams.name, "other", 7, [body("step.delta.v1", "else")], turn=1) == 1
    assert await streams.texts() == ["1", "a", "b", "new", "else"]


async def test_a_milestone_fences_earlier_text(streams: Streams) -> None:
    await streams.milestones(1, 1)
    await streams.writer.append_deltas(streams.name, "ask", 7, [body("step.delta.v1", "a")])
    ended = body("step.finished.v1", "end")
    assert await streams.writer.append_milestone(streams.name, 2, ended, fence=("ask", 8)) == 3
    assert await streams.writer.append_deltas(streams.name, "ask", 7, [body("step.delta.v1", "b")]) is None
    assert await streams.texts() == ["1", "a", "end"]


async def test_text_does_not_create_a_stream(streams: Streams) -> None:
    with pytest.raises(StreamLostError):
        await streams.writer.append_deltas(streams.name, "ask", 1, [body("step.delta.v1", "a")])
    assert await streams.reader.head(streams.name) is None


async def test_several_texts_go_in_one_call_in_order(streams: Streams) -> None:
    await streams.milestones(1, 1)
    bodies = [body("step.delta.v1", f"t{i}") for i in range(50)]
    await streams.writer.append_deltas(streams.name, "ask", 1, bodies)
    assert await streams.texts() == ["1", *(f"t{i}" for i in range(50))]


async def test_a_sealed_stream_takes_milestones_only(streams: Streams) -> None:
    await streams.milestones(1, 2)
    assert await streams.writer.seal(streams.name) == Cursor(1, 2)
    assert await streams.writer.append_deltas(streams.name, "ask", 1, [body("step.delta.v1", "a")]) is None
    assert await streams.milestones(2, 3) == [None, 3]
    page = await streams.reader.read(streams.name)
    assert page is not None and not page.sealed
    assert await streams.writer.append_deltas(streams.name, "ask", 1, [body("step.delta.v1", "a")]) == 1


async def test_a_rebuilt_stream_has_a_new_epoch_and_the_same_milestones(streams: Streams) -> None:
    await streams.milestones(1, 3)
    await streams.writer.append_deltas(streams.name, "ask", 1, [body("step.delta.v1", "a")])
    every = [Milestone(n, body("run.started.v1", str(n))) for n in range(1, 451)]
    assert await streams.writer.rebuild(streams.name, 2, every)
    assert not await streams.writer.rebuild(streams.name, 2, every)
    assert await streams.texts() == [str(n) for n in range(1, 451)]
    assert await streams.reader.head(streams.name) == Cursor(2, 450)
    assert await streams.writer.append_deltas(streams.name, "ask", 1, [body("step.delta.v1", "a")]) == 2
    with pytest.raises(StreamMovedError) as moved:
        await streams.reader.read(streams.name, Cursor(1, 2))
    assert moved.value.head == Cursor(2, 451)


async def test_a_milestone_with_a_later_epoch_asks_for_a_rebuild(streams: Streams) -> None:
    await streams.milestones(1, 1)
    with pytest.raises(StreamLostError):
        await streams.writer.append_milestone(streams.name, 2, body("x.v1", "2"), epoch_hint=2)


async def test_pages_by_cursor(streams: Streams) -> None:
    await streams.milestones(1, 7)
    page = await streams.reader.read(streams.name, Cursor(1, 2), limit=3)
    assert page is not None
    assert [frame.cursor.seq for frame in page.frames] == [3, 4, 5]
    assert not page.is_last
    rest = await streams.reader.read(streams.name, page.frames[-1].cursor)
    assert rest is not None and rest.is_last and len(rest.frames) == 2
    with pytest.raises(StreamMovedError):
        await streams.reader.read(streams.name, Cursor(1, 8))


async def test_a_subscription_catches_up_then_follows(streams: Streams) -> None:
    await streams.milestones(1, 5)
    async with streams.hub.subscribe(streams.name, Cursor(1, 2)) as subscription:
        assert [text_of(f) for f in await collect(subscription, 3)] == ["3", "4", "5"]
        await streams.milestones(6, 8)
        assert [text_of(f) for f in await collect(subscription, 3)] == ["6", "7", "8"]


async def test_a_subscription_waits_for_a_stream_that_is_expected(streams: Streams) -> None:
    async with streams.hub.subscribe(streams.name, expected=True) as subscription:
        first = asyncio.create_task(collect(subscription, 2))
        await asyncio.sleep(0)
        await streams.milestones(1, 2)
        assert [text_of(f) for f in await first] == ["1", "2"]


async def test_a_subscription_to_nothing_says_so(streams: Streams) -> None:
    assert await resync(streams.hub.subscribe(streams.name)) == "gone"


async def test_viewers_share_a_frame_and_its_forms(streams: Streams) -> None:
    await streams.milestones(1, 1)
    a = streams.hub.subscribe(streams.name)
    b = streams.hub.subscribe(streams.name, Cursor(1, 1))
    await collect(a, 1)
    following = [asyncio.create_task(collect(a, 1)), asyncio.create_task(collect(b, 1))]
    await asyncio.sleep(0)
    await streams.milestones(2, 2)
    (x,), (y,) = await asyncio.gather(*following)
    assert x.text == y.text
    assert x.form("upper", lambda frame: frame.text.upper()) is x.form("upper", lambda frame: "never built")
    a.close()
    b.close()


async def test_a_new_epoch_sends_viewers_to_the_snapshot(streams: Streams) -> None:
    await streams.milestones(1, 3)
    live = streams.hub.subscribe(streams.name)
    await collect(live, 3)
    waiting = asyncio.create_task(resync(live))
    await asyncio.sleep(0)
    every = [Milestone(n, body("run.started.v1", str(n))) for n in range(1, 3)]
    await streams.writer.rebuild(streams.name, 2, every)
    assert await resync(streams.hub.subscribe(streams.name, Cursor(1, 3))) == "moved"
    assert await waiting == "moved"


async def test_what_is_archived_leaves_and_readers_are_told_where_it_ends(streams: Streams) -> None:
    await streams.milestones(1, 5)
    live = streams.hub.subscribe(streams.name)
    await collect(live, 5)
    assert await streams.writer.trim(streams.name, Cursor(1, 3))
    assert await streams.writer.trim(streams.name, Cursor(1, 2))
    assert not await streams.writer.trim(streams.name, Cursor(2, 5))
    assert not await streams.writer.trim(streams.name, Cursor(1, 6))
    assert await streams.reader.lengths([streams.name, "run:nowhere"]) == [2, 0]
    for after in (START, Cursor(1, 2)):
        with pytest.raises(StreamTrimmedError) as trimmed:
            await streams.reader.read(streams.name, after)
        assert (trimmed.value.last, trimmed.value.head) == (Cursor(1, 3), Cursor(1, 5))
        assert await resync(streams.hub.subscribe(streams.name, after)) == "gone"
    assert await streams.texts(Cursor(1, 3)) == ["4", "5"]
    await streams.milestones(6, 6)
    assert [text_of(frame) for frame in await collect(live, 1)] == ["6"]
    live.close()


async def test_a_new_epoch_is_whole_again(streams: Streams) -> None:
    await streams.milestones(1, 5)
    await streams.writer.trim(streams.name, Cursor(1, 3))
    every = [Milestone(n, body("run.started.v1", str(n))) for n in range(1, 6)]
    await streams.writer.rebuild(streams.name, 2, every)
    assert await streams.texts() == ["1", "2", "3", "4", "5"]


async def test_a_viewer_that_does_not_read_is_told_and_others_are_not_hurt(streams: Streams) -> None:
    await streams.milestones(1, 1)
    slow = streams.hub.subscribe(streams.name, Cursor(1, 1))
    quick = streams.hub.subscribe(streams.name, Cursor(1, 1))
    reading = [asyncio.create_task(subscription.next()) for subscription in (slow, quick)]
    # Whoever still pages through what is there is not live, and nothing can overflow.
    await wait_until(lambda: slow.inbox is not None and quick.inbox is not None, 5)
    await streams.writer.append_deltas(streams.name, "ask", 1, [body("step.delta.v1", "first")])
    assert len(await asyncio.gather(*reading)) == 2
    wanted = MAX_FRAMES + 500
    got = asyncio.create_task(collect(quick, wanted))
    for start in range(0, wanted, 100):
        texts = [body("step.delta.v1", str(n)) for n in range(start, start + 100)]
        await streams.writer.append_deltas(streams.name, "ask", 1, texts)
        await asyncio.sleep(0)
    assert [text_of(f) for f in await got] == [str(n) for n in range(wanted)]
    assert await resync(slow) == "overflow"
    quick.close()


async def test_tells_states_that_replace_each_other(streams: Streams) -> None:
    first = await streams.writer.tell(streams.name, body("person.changed.v1", "a"), digest="a")
    assert await streams.writer.tell(streams.name, body("person.changed.v1", "a"), digest="a") == first
    second = await streams.writer.tell(streams.name, body("person.changed.v1", "b"), digest="b")
    assert first.precedes(second) and first.seq == 1
    assert await streams.texts(first) == ["b"]
    async with streams.hub.subscribe(streams.name, second) as viewer:
        again = asyncio.create_task(viewer.next())
        await streams.writer.tell(streams.name, body("person.changed.v1", "a"), digest="a")
        batch = await asyncio.wait_for(again, 5)
    assert not isinstance(batch, Resync)
    (frame,) = batch
    assert (text_of(frame), frame.cursor) == ("a", Cursor(first.epoch, 3))


async def test_forgets_states_that_nobody_will_ask_for(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("streams.writer", "testing.streams"):
        monkeypatch.setattr(f"flowloom_servicekit.{module}.TOLD_KEPT", 3)
    first = await streams.writer.tell(streams.name, body("person.changed.v1", "0"), digest="0")
    for number in range(1, 6):
        last = await streams.writer.tell(
            streams.name, body("person.changed.v1", str(number)), digest=str(number)
        )
    with pytest.raises(StreamTrimmedError):
        await streams.reader.read(streams.name, first)
    assert await streams.texts(Cursor(first.epoch, 3)) == ["3", "4", "5"]
    assert last.seq == 6
