"""The one way to a Redis client: text answers, bounded waits, failures in our words."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from redis.asyncio import BlockingConnectionPool, Connection, Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from flowloom_servicekit.errors import StorageFullError, StorageUnavailableError

COMMAND_SECONDS = 5.0
OUTAGES = (RedisConnectionError, RedisTimeoutError, OSError)


class ResetAwareConnection(Connection):
    """Knows that its peer has reset it, which the client's own class does not.

    A reset leaves neither data nor an end to read, so that a pool takes the connection for a good one. The
    next write fails then, on uvloop with a `RuntimeError` that no client expects.
    """

    async def can_read(self) -> bool:
        """See `Connection.can_read`: a pool asks before it lends, and connects a lost one anew."""
        if self._reader is not None and (error := self._reader.exception()) is not None:
            raise RedisConnectionError("the connection was reset") from error
        return await super().can_read()

    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        """See `Connection.send_packed_command`."""
        try:
            await super().send_packed_command(command, check_health)
        except RuntimeError as error:
            raise RedisConnectionError("the connection was reset") from error


def connect_redis(url: str, *, max_connections: int = 32, blocking: bool = False) -> Redis:
    """Return a client; it connects at its first command. `blocking` is for commands that wait for long."""
    pool = BlockingConnectionPool.from_url(
        url,
        connection_class=ResetAwareConnection,
        decode_responses=True,
        protocol=2,
        max_connections=max_connections,
        timeout=COMMAND_SECONDS,
        socket_connect_timeout=2,
        socket_timeout=None if blocking else COMMAND_SECONDS,
        socket_keepalive=True,
        health_check_interval=0 if blocking else 15,
    )
    return Redis.from_pool(pool)


@contextmanager
def redis_failures() -> Iterator[None]:
    """Translate what Redis can raise while a block runs."""
    try:
        yield
    except OutOfMemoryError as error:
        raise StorageFullError("Redis has no room left") from error
    except OUTAGES as error:
        raise StorageUnavailableError("Redis cannot be reached") from error
    except RedisError as error:
        if "MISCONF" in str(error) or "LOADING" in str(error) or "READONLY" in str(error):
            raise StorageUnavailableError("Redis does not accept writes now") from error
        raise
