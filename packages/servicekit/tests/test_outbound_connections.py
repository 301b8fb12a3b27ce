"""Connections of the client over time: kept, ended, slow on either side, and with things nobody asked for."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.connection import Connection
from flowloom_servicekit.outbound.errors import (
    AddressRefusedError,
    AnswerTooLargeError,
    OutboundTimeoutError,
    UpstreamUnreachableError,
)
from flowloom_servicekit.outbound.request import Limits, OutboundRequest, OutboundResponse
from flowloom_servicekit.outbound.targets import IpAddress, Origin
from flowloom_servicekit.testing.outside import FakeInternet, FakeServer, Reply, answer, fake_server
from flowloom_servicekit.testing.waiting import wait_until

SITE = "http://site.example"


@asynccontextmanager
async def site(
    *replies: Reply, keep_alive_s: float = 3.0
) -> AsyncIterator[tuple[OutboundClient, FakeServer]]:
    async with fake_server(*replies) as server:
        internet = FakeInternet(elsewhere=server)
        async with OutboundClient(resolver=internet, dialler=internet, keep_alive_s=keep_alive_s) as client:
            yield client, server


async def get(client: OutboundClient, **more: object) -> OutboundResponse:
    return await client.request(OutboundRequest("GET", SITE, **more))


class Settled:
    """A condition: a number has not changed for a while."""

    def __init__(self, seconds: float) -> None:
        self.value, self._seconds, self._seen, self._since = 0, seconds, -1, 0.0

    def __call__(self) -> bool:
        now = asyncio.get_running_loop().time()
        if self.value != self._seen:
            self._seen, self._since = self.value, now
        return self.value > 0 and now - self._since > self._seconds


def flood(sent: Settled, pieces: int) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {pieces * 100_000}\r\n\r\n".encode())
        for _ in range(pieces):
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent.value += 100_000

    return reply


async def test_holds_back_a_server_that_sends_faster_than_the_caller_reads() -> None:
    sent, limits = Settled(0.3), Limits(body_bytes=60_000_000, idle_s=0.1)
    request = OutboundRequest("GET", SITE, limits=limits)
    async with site(flood(sent, 500)) as (client, _), client.stream(request) as stream:
        first = await stream.read()
        await wait_until(sent)  # longer than the server may be silent: it is the caller who is slow
        assert sent.value < 40_000_000
        assert len(first) + sum([len(piece) async for piece in stream]) == 50_000_000


async def test_goes_on_reading_a_kept_connection_that_was_held_back() -> None:
    sent = Settled(0.1)
    async with site(flood(sent, 5), answer(200, b"next")) as (client, server):
        async with client.stream(OutboundRequest("GET", SITE)) as stream:
            await wait_until(lambda: stream.is_whole or sent())
        assert (await get(client)).body == b"next"
        assert server.connections in (1, 2)


async def test_closes_kept_connections_one_after_the_other() -> None:
    async with site(answer(), keep_alive_s=0.1) as (client, server):
        await get(client)
        await client.request(OutboundRequest("GET", "http://other.example"))
        assert server.connections == 2
        await wait_until(lambda: server.ended == 2)


async def test_opens_a_connection_when_the_kept_one_was_closed_meanwhile() -> None:
    async def then_close(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, b"a"))
        await writer.drain()
        raise ConnectionResetError

    async with site(then_close, answer(200, b"b")) as (client, server):
        request = OutboundRequest("POST", SITE, body=b"pay")  # which must not be sent twice
        assert (await client.request(request)).body == b"a"
        await wait_until(lambda: server.ended == 1)
        assert (await client.request(request)).body == b"b"
        assert len(server.requests) == 2


async def test_throws_away_a_connection_on_which_something_came_unasked() -> None:
    is_read = asyncio.Event()

    async def twice(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, b"a"))
        await is_read.wait()
        writer.write(answer(200, b"for the next one"))
        await asyncio.Event().wait()

    async with site(twice, answer(200, b"b")) as (client, server):
        assert (await get(client)).body == b"a"
        is_read.set()
        await asyncio.wait_for(server.hung_up.wait(), 5)
        assert (await get(client)).body == b"b"


async def test_judges_silence_after_the_first_byte_by_its_own_limit() -> None:
    async def stall(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await asyncio.Event().wait()

    async with site(stall) as (client, _):
        with pytest.raises(OutboundTimeoutError, match=r"silent for 0\.1 s"):
            await asyncio.wait_for(get(client, limits=Limits(first_byte_s=60, idle_s=0.1)), 5)


async def test_refuses_an_announced_size_before_it_is_sent() -> None:
    async def announce(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 20000000\r\n\r\n")
        await asyncio.Event().wait()

    async with site(announce) as (client, server):
        with pytest.raises(AnswerTooLargeError):
            await asyncio.wait_for(get(client), 5)
        await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_ignores_padding_after_compressed_data() -> None:
    packed = gzip.compress(b"text") + bytes(100)
    async with site(answer(200, packed, "content-encoding: gzip\r\n")) as (client, _):
        assert (await get(client)).body == b"text"


class Stuck(FakeInternet):
    """Names have no addresses, or connections never come about."""

    async def addresses(self, host: str) -> list[str]:
        if host == "unknown.example":
            raise OSError("no such name")
        return await super().addresses(host)

    async def dial(self, connection: Connection, origin: Origin, address: IpAddress) -> None:
        await asyncio.Event().wait()


async def test_tells_an_unknown_name_from_a_connection_that_does_not_come_about() -> None:
    internet = Stuck(names={"two.example": [["1.1.1.1", "1.0.0.1"]]})
    limits = Limits(connect_s=0.1)
    async with OutboundClient(resolver=internet, dialler=internet) as client:
        with pytest.raises(UpstreamUnreachableError, match="cannot be resolved"):
            await client.request(OutboundRequest("GET", "http://unknown.example"))
        for url in (SITE, "http://two.example"):
            with pytest.raises(OutboundTimeoutError, match=r"no connection within 0\.1 s"):
                await client.request(OutboundRequest("GET", url, limits=limits))


async def test_calls_nobody_after_it_was_closed() -> None:
    async with site(answer()) as (client, server):
        await client.aclose()
        with pytest.raises(UpstreamUnreachableError, match="closed"):
            await get(client)
        assert server.connections == 0


def test_checks_an_address_without_calling_it() -> None:
    client = OutboundClient()
    client.check("https://example.com/hook")
    with pytest.raises(AddressRefusedError):
        client.check("https://10.0.0.1/hook")
