"""The Redis client on the loop that services run on, when connections are reset under it."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Coroutine

import pytest
import uvloop

from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.redis_client import connect_redis, redis_failures

CONNECTIONS = 8
LIMIT_S = 10
LINGER = struct.pack("ii", 1, 0)


class Resetting:
    """A server that says OK to every command, until it resets all of its connections."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.writers.append(writer)
        while data := await reader.read(65_536):
            writer.write(b"".join(map(_answer, data.split(b"*")[1:])))

    def reset(self) -> None:
        """Break everything, as a host that crashed does."""
        for writer in self.writers:
            handle = writer.get_extra_info("socket")
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            writer.transport.abort()
        self.writers.clear()


def _answer(command: bytes) -> bytes:
    return b"+PONG\r\n" if b"PING" in command else b"+OK\r\n"


async def _soon(ask: Callable[[], Awaitable[str]]) -> list[str]:
    async with asyncio.timeout(LIMIT_S):
        return await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))


async def _noticed(port: int) -> None:
    """Give the loop the turns in which it sees what happened to its sockets before this exchange began."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"*1\r\n$4\r\nPING\r\n")
    assert await reader.readline() == b"+PONG\r\n"
    writer.close()
    await writer.wait_closed()


async def _outcomes_of_commands_after_a_reset(*, noticed: bool) -> list[str]:
    resetting = Resetting()
    server = await asyncio.start_server(resetting.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    redis = connect_redis(f"redis://127.0.0.1:{port}/0")

    async def ask() -> str:
        try:
            with redis_failures():
                await redis.execute_command("SET", "key", "value")
        except StorageUnavailableError:
            return "away"
        return "done"

    await _soon(ask)
    outcomes: list[str] = []
    for _ in range(5):
        resetting.reset()
        await (_noticed(port) if noticed else asyncio.sleep(0))
        outcomes += await _soon(ask)
    await redis.aclose()
    resetting.reset()
    server.close()
    return outcomes


def test_a_reset_connection_is_an_outage_and_no_fault_of_ours() -> None:
    outcomes = uvloop.run(_outcomes_of_commands_after_a_reset(noticed=False))
    assert len(outcomes) == 5 * CONNECTIONS
    assert set(outcomes) <= {"away", "done"}


@pytest.mark.parametrize("run", [uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])
def test_connections_that_were_reset_long_ago_cost_nobody_a_command(
    run: Callable[[Coroutine[None, None, list[str]]], list[str]],
) -> None:
    """A pool that was reset once would else fail one later command for each of its connections."""
    outcomes = run(_outcomes_of_commands_after_a_reset(noticed=True))
    assert outcomes == ["done"] * 5 * CONNECTIONS
