"""Live streams in Redis: the writer's and the reader's part of servicekit under one name."""

from collections.abc import Sequence

from redis.asyncio import Redis

from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.reader import StreamPage, StreamReader
from flowloom_servicekit.streams.writer import StreamWriter


class RedisStreams(StreamWriter):
    """See `Streams`."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self._reader = StreamReader(redis)

    async def read(self, stream: str, after: Cursor = START, limit: int = 1_000) -> StreamPage | None:
        """See `StreamReader.read`."""
        return await self._reader.read(stream, after, limit)

    async def lengths(self, streams: Sequence[str]) -> list[int]:
        """See `StreamReader.lengths`."""
        return await self._reader.lengths(streams)
