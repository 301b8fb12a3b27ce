"""Calls of the moment share a round trip, and each keeps its own answer."""

import asyncio

import pytest

from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.errors import StreamLostError
from flowloom_servicekit.streams.frame import encode_body
from flowloom_servicekit.streams.reader import StreamReader
from flowloom_servicekit.streams.together import SharedScript
from flowloom_servicekit.streams.writer import StreamWriter

from .conftest import Valkey, free_port

BODY = encode_body({"type": "step.delta.v1", "data": {"text": "x"}})
ECHO = "return {KEYS[1], ARGV[1]}"
FAIL = "if ARGV[1] == 'bad' then return redis.error_reply('no') end return ARGV[1]"


async def test_gives_each_caller_its_own_answer_when_many_call(valkey: Valkey) -> None:
    async with connect_redis(valkey.url) as redis:
        echo = SharedScript(redis, ECHO)
        answers = await asyncio.gather(*(echo([f"key{n}"], [n]) for n in range(300)))
    assert answers == [[f"key{n}", str(n)] for n in range(300)]


async def test_needs_few_round_trips_when_many_call(valkey: Valkey) -> None:
    async with connect_redis(valkey.url) as redis:
        echo = SharedScript(redis, ECHO)
        await echo(["key"], [0])
        before = int((await redis.info("stats"))["total_reads_processed"])
        await asyncio.gather(*(echo(["key"], [n]) for n in range(100)))
        after = int((await redis.info("stats"))["total_reads_processed"])
    assert after - before < 20


async def test_goes_on_when_the_server_forgot_its_scripts(valkey: Valkey) -> None:
    async with connect_redis(valkey.url) as redis:
        echo = SharedScript(redis, ECHO)
        assert await echo(["key"], [1]) == ["key", "1"]
        await redis.script_flush()
        assert await asyncio.gather(echo(["a"], [1]), echo(["b"], [2])) == [["a", "1"], ["b", "2"]]


async def test_fails_only_the_caller_whose_call_failed(valkey: Valkey) -> None:
    async with connect_redis(valkey.url) as redis:
        script = SharedScript(redis, FAIL)
        good, bad, fine = await asyncio.gather(
            script(["k"], ["good"]), script(["k"], ["bad"]), script(["k"], ["fine"]), return_exceptions=True
        )
    assert (good, fine) == ("good", "fine")
    assert isinstance(bad, Exception)


async def test_tells_every_caller_when_redis_is_away() -> None:
    async with connect_redis(f"redis://127.0.0.1:{free_port()}/0") as redis:
        script = SharedScript(redis, ECHO)
        told = await asyncio.gather(*(script(["k"], [n]) for n in range(3)), return_exceptions=True)
    assert [type(one) for one in told] == [StorageUnavailableError] * 3


async def test_serves_the_others_when_a_caller_is_cancelled(valkey: Valkey) -> None:
    async with connect_redis(valkey.url) as redis:
        echo = SharedScript(redis, ECHO)
        gone, stays = asyncio.create_task(echo(["k"], [1])), asyncio.create_task(echo(["k"], [2]))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == ["k", "2"]
        with pytest.raises(asyncio.CancelledError):
            await gone


async def test_keeps_the_streams_apart_when_their_text_travels_together(valkey: Valkey) -> None:
    async with connect_redis(valkey.url) as redis:
        writer, streams = StreamWriter(redis), [f"run:{new_id()}" for _ in range(4)]
        for stream in streams:
            await writer.append_milestone(stream, 1, BODY)
        appended = await asyncio.gather(
            *(writer.append_deltas(stream, "ask", 1, [BODY, BODY]) for stream in streams),
            writer.append_deltas("run:nowhere", "ask", 1, [BODY]),
            return_exceptions=True,
        )
        heads = [await StreamReader(redis).head(stream) for stream in streams]
    assert appended[:4] == [1, 1, 1, 1]
    assert isinstance(appended[4], StreamLostError)
    assert [head.seq for head in heads if head is not None] == [3, 3, 3, 3]


@pytest.mark.parametrize("text", ["\u0661:\u0662", "1:\u00b2", "1:2\n", "-1:2"])
def test_takes_no_cursor_with_other_digits(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        Cursor.parse(text)
