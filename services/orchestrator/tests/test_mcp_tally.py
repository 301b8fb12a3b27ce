"""How often MCP servers are called, counted in memory and in a real Valkey."""

from collections.abc import AsyncIterator

import pytest

from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.testing.clock import FakeClock
from orchestrator.adapters.redis_mcp_tally import WINDOW_S, RedisMcpTally
from orchestrator.ports.mcp import McpTally
from orchestrator.testing.mcp import InMemoryTally


@pytest.fixture(params=["memory", pytest.param("valkey", marks=pytest.mark.integration)])
async def tally(request: pytest.FixtureRequest) -> AsyncIterator[McpTally]:
    if request.param == "memory":
        yield InMemoryTally()
        return
    redis = connect_redis(request.getfixturevalue("valkey_url"))
    yield RedisMcpTally(redis, FakeClock())
    await redis.aclose()


async def test_counts_calls_of_each_workspace_and_server(tally: McpTally) -> None:
    mine, other = new_id(), new_id()
    waits = [await tally.admit(mine, "crm", calls_per_minute=2) for _ in range(3)]
    assert waits[:2] == [None, None]
    assert waits[2] is not None and 0 < waits[2] <= WINDOW_S
    assert await tally.admit(mine, "erp", calls_per_minute=2) is None
    assert await tally.admit(other, "crm", calls_per_minute=2) is None


async def test_knows_what_was_sent_before(tally: McpTally) -> None:
    sending = new_id()
    assert [await tally.first(sending), await tally.first(sending), await tally.first(new_id())] == [
        True,
        False,
        True,
    ]


@pytest.mark.integration
async def test_a_new_minute_has_room_again(valkey_url: str) -> None:
    redis, clock, mine = connect_redis(valkey_url), FakeClock(), new_id()
    tally = RedisMcpTally(redis, clock)
    assert await tally.admit(mine, "crm", calls_per_minute=1) is None
    assert await tally.admit(mine, "crm", calls_per_minute=1) is not None
    clock.advance(WINDOW_S)
    assert await tally.admit(mine, "crm", calls_per_minute=1) is None
    await redis.aclose()


async def test_says_that_nobody_counts() -> None:
    redis = connect_redis("redis://127.0.0.1:1/0")
    with pytest.raises(StorageUnavailableError):
        await RedisMcpTally(redis, FakeClock()).admit("w", "crm", calls_per_minute=1)
    await redis.aclose()
