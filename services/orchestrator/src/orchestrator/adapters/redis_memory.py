"""How full Redis is."""

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError

from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.redis_client import redis_failures


class RedisMemory:
    """See `MemoryProbe`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def used(self) -> float:
        """See `MemoryProbe.used`."""
        try:
            with redis_failures():
                facts = await self._redis.info("memory")
        except NoPermissionError as error:
            raise UpstreamError(
                "the user of Redis may not ask for INFO, so its memory is not known"
            ) from error
        most = int(facts.get("maxmemory", 0))
        return int(facts["used_memory"]) / most if most else 0.0
