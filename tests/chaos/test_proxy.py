"""The proxy does to bytes what it is told, and nothing when the weather is fair."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from flowloom_servicekit.testing.waiting import wait_until
from tests.chaos.doubling import DoublingLink, split
from tests.chaos.proxy import ChaosProxy, Link, Weather

LOOPBACK = ("127.0.0.1", 0)


class Echo:
    """A server that sends back what it gets and remembers it."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.open += 1
        try:
            while data := await reader.read(65_536):
                self.got += data
                writer.write(data)
        except ConnectionError:
            return
        finally:
            self.open -= 1
            writer.close()


@pytest.fixture
def echo() -> Echo:
    return Echo()


async def _through(echo: Echo, link: type[Link] | None = None) -> tuple[ChaosProxy, asyncio.Server]:
    server = await asyncio.start_server(echo.serve, *LOOPBACK)
    proxy = await ChaosProxy(LOOPBACK, server.sockets[0].getsockname()[:2], link=link).start()
    return proxy, server


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[ChaosProxy]:
    made, server = await _through(echo)
    yield made
    await made.stop()
    server.close()
    await wait_until(lambda: echo.open == 0)


async def _ask(proxy: ChaosProxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*proxy.listen)


async def _timed(reader: asyncio.StreamReader, size: int) -> float:
    began = asyncio.get_running_loop().time()
    await asyncio.wait_for(reader.readexactly(size), 5)
    return asyncio.get_running_loop().time() - began


async def test_passes_everything_on_in_fair_weather(proxy: ChaosProxy, echo: Echo) -> None:
    reader, writer = await _ask(proxy)
    sent = bytes(range(256)) * 20_000
    writer.write(sent)
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(-1), 10) == sent
    writer.close()
    await wait_until(lambda: not proxy.links)


async def test_delays_with_jitter_and_keeps_the_order(proxy: ChaosProxy) -> None:
    proxy.change(Weather(delay_s=0.1, jitter_s=0.1, directions=("up",)))
    reader, writer = await _ask(proxy)
    for number in range(20):
        writer.write(b"%02d" % number)
        await writer.drain()
        await asyncio.sleep(0)
    took = await _timed(reader, 2)
    rest = await asyncio.wait_for(reader.readexactly(38), 5)
    assert took >= 0.1
    assert rest == b"".join(b"%02d" % number for number in range(1, 20))
    writer.close()


async def test_is_as_slow_as_told(proxy: ChaosProxy) -> None:
    proxy.change(Weather(bytes_per_s=100_000, directions=("up",)))
    reader, writer = await _ask(proxy)
    writer.write(b"x" * 40_000)
    assert await _timed(reader, 40_000) >= 0.35
    writer.close()


async def test_holds_everything_back_while_cut_and_loses_nothing(proxy: ChaosProxy, echo: Echo) -> None:
    reader, writer = await _ask(proxy)
    writer.write(b"before")
    await _timed(reader, 6)
    proxy.change(Weather(cut=True))
    writer.write(b"during")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.1)
    assert bytes(echo.got) == b"before"
    proxy.change(Weather())
    assert await asyncio.wait_for(reader.readexactly(6), 5) == b"during"
    writer.close()


async def test_an_end_that_goes_behind_a_cut_is_seen_when_the_cut_is_over(
    proxy: ChaosProxy, echo: Echo
) -> None:
    _, writer = await _ask(proxy)
    await wait_until(lambda: echo.open == 1)
    proxy.change(Weather(cut=True))
    writer.close()
    await writer.wait_closed()
    with pytest.raises(TimeoutError):
        await wait_until(lambda: echo.open == 0, 0.1)
    proxy.change(Weather())
    await wait_until(lambda: echo.open == 0)


async def test_swallows_for_good_while_both_ends_stay_connected(proxy: ChaosProxy, echo: Echo) -> None:
    reader, writer = await _ask(proxy)
    proxy.change(Weather(swallow=True, directions=("down",)))
    writer.write(b"lost")
    await wait_until(lambda: bytes(echo.got) == b"lost")
    proxy.change(Weather())
    writer.write(b"seen")
    assert await asyncio.wait_for(reader.readexactly(4), 5) == b"seen"
    writer.close()


async def test_strikes_only_those_it_is_told(proxy: ChaosProxy) -> None:
    struck, spared = await _ask(proxy), await _ask(proxy)
    victim = struck[1].get_extra_info("sockname")[1]
    proxy.change(Weather(cut=True), only=lambda port: port == victim)
    for _, writer in (struck, spared):
        writer.write(b"hello")
    assert await asyncio.wait_for(spared[0].readexactly(5), 5) == b"hello"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(struck[0].read(1), 0.1)
    for _, writer in (struck, spared):
        writer.close()


async def test_resets_what_is_connected_and_refuses_what_comes(proxy: ChaosProxy) -> None:
    reader, writer = await _ask(proxy)
    writer.write(b"hello")
    await _timed(reader, 5)
    proxy.change(Weather(refuse=True))
    assert proxy.reset() == 1
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(1), 5)
    again, other = await _ask(proxy)
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(again.readexactly(1), 5)
    for ended in (writer, other):
        ended.close()


async def test_damages_single_bits(proxy: ChaosProxy) -> None:
    proxy.change(Weather(corrupt=1, directions=("up",)))
    reader, writer = await _ask(proxy)
    writer.write(bytes(1000))
    got = await asyncio.wait_for(reader.readexactly(1000), 5)
    assert 1 <= sum(bin(byte).count("1") for byte in got) <= 3
    writer.close()


def test_splits_values_of_both_versions_of_the_protocol() -> None:
    values = [
        b"+OK\r\n",
        b"$5\r\nhe\r\no\r\n",
        b"$-1\r\n",
        b"*2\r\n$1\r\na\r\n*1\r\n:3\r\n",
        b"%1\r\n+k\r\n_\r\n",
        b"*-1\r\n",
    ]
    whole = b"".join(values)
    for cut in range(len(whole)):
        first, rest = split(whole[:cut])
        assert first + split(rest + whole[cut:])[0] == values


class Store:
    """A server of Redis's protocol that counts commands and answers each with its number."""

    def __init__(self) -> None:
        self.commands: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        rest = b""
        while data := await reader.read(65_536):
            found, rest = split(rest + data)
            for command in found:
                self.commands.append(command)
                writer.write(b":%d\r\n" % len(self.commands))
        writer.close()


async def test_sends_each_write_twice_and_answers_once() -> None:
    store = Store()
    server = await asyncio.start_server(store.serve, *LOOPBACK)
    proxy = await ChaosProxy(LOOPBACK, server.sockets[0].getsockname()[:2], link=DoublingLink).start()
    reader, writer = await _ask(proxy)
    write, read = b"*2\r\n$7\r\nEVALSHA\r\n$1\r\nx\r\n", b"*1\r\n$4\r\nPING\r\n"
    writer.write(write + read + write)
    assert await asyncio.wait_for(reader.readexactly(12), 5) == b":1\r\n:3\r\n:4\r\n"
    await wait_until(lambda: len(store.commands) == 5)
    assert store.commands == [write, write, read, write, write]
    writer.close()
    await wait_until(lambda: not proxy.links)
    await proxy.stop()
    server.close()
