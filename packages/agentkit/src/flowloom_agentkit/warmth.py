"""Tells the other agents that a run has begun, so that their crews are ready when it reaches them."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from redis.asyncio import Redis

from flowloom_contracts.topics import WARM_UP_CHANNEL
from flowloom_servicekit.redis_client import OUTAGES, connect_redis, redis_failures

log = structlog.get_logger(__name__)

POLL_SECONDS: Final = 20.0
RETRY_SECONDS: Final = 1.0


class WarmUpChannel:
    """At most once, and only a matter of speed: who misses it imports CrewAI at its own first step."""

    def __init__(self, redis_url: str) -> None:
        self._redis: Redis = connect_redis(redis_url, max_connections=2, blocking=True)
        self._announced = False

    async def announce(self) -> None:
        """Tell the others, once in the life of this process; raises `StorageUnavailableError`."""
        if not self._announced:
            self._announced = True
            with redis_failures():
                await self._redis.publish(WARM_UP_CHANNEL, "run")

    async def listen(self, warm_up: Callable[[], None]) -> None:
        """Call `warm_up` at the first announcement and return."""
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(WARM_UP_CHANNEL)
                    while True:
                        if await pubsub.get_message(ignore_subscribe_messages=True, timeout=POLL_SECONDS):
                            self._announced = True
                            return warm_up()
            except OUTAGES as error:
                log.warning("the warm-up channel lost Redis", error=repr(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
