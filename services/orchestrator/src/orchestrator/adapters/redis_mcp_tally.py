"""Counts calls of MCP servers in Redis, for all processes together."""

import hashlib
from typing import Final

from redis.asyncio import Redis

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.redis_client import redis_failures

WINDOW_S: Final = 60
SENDING_S: Final = 86_400
"""Longer than anybody tells an orchestrator about one and the same sending."""


class RedisMcpTally:
    """See `McpTally`. A minute begins with the clock's, for every server."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock

    async def admit(self, workspace_id: str, server: str, *, calls_per_minute: int) -> float | None:
        """See `McpTally.admit`."""
        now = self._clock.now().timestamp()
        key = f"mcp:rate:{workspace_id}:{server}:{int(now // WINDOW_S)}"
        with redis_failures():
            await self._redis.set(key, 0, ex=2 * WINDOW_S, nx=True)
            count = await self._redis.incrby(key, 1)
        return None if int(count) <= calls_per_minute else WINDOW_S - now % WINDOW_S

    async def first(self, sending: str) -> bool:
        """See `McpTally.first`."""
        key = f"mcp:sent:{hashlib.sha256(sending.encode()).hexdigest()}"
        with redis_failures():
            return bool(await self._redis.set(key, 1, ex=SENDING_S, nx=True))
