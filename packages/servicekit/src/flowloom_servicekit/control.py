"""The Redis channel on which a cancel reaches whoever is running the step."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis

from flowloom_contracts.base import Event
from flowloom_contracts.topics import CONTROL_CHANNEL
from flowloom_servicekit.redis_client import OUTAGES, connect_redis, redis_failures

log = structlog.get_logger(__name__)

POLL_SECONDS: Final = 20.0
RETRY_SECONDS: Final = 0.5


class RunCancelled(Event):
    """A run is being cancelled: stop its calls at once."""

    run_id: str


class ControlChannel:
    """At most once: whoever was away when it was said learns it from its next heartbeat."""

    def __init__(self, redis_url: str) -> None:
        self._redis: Redis = connect_redis(redis_url, max_connections=4, blocking=True)

    async def publish_cancel(self, run_id: str) -> None:
        """Tell every listener; raise `StorageUnavailableError` when Redis is away."""
        with redis_failures():
            async with asyncio.timeout(5):
                await self._redis.publish(CONTROL_CHANNEL, RunCancelled(run_id=run_id).model_dump_json())

    async def listen(self) -> AsyncIterator[str]:
        """Yield the run ids of cancels for ever, across outages of Redis."""
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(CONTROL_CHANNEL)
                    while True:
                        message = await pubsub.get_message(
                            ignore_subscribe_messages=True, timeout=POLL_SECONDS
                        )
                        run_id = _run_id(message["data"]) if message else None
                        if run_id is not None:
                            yield run_id
            except OUTAGES as error:
                log.warning("the control channel lost Redis", error=repr(error), retry_in_s=RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


def _run_id(text: str) -> str | None:
    try:
        return RunCancelled.model_validate_json(text).run_id
    except ValidationError:
        log.warning("a message on the control channel is not a cancel")
        return None
