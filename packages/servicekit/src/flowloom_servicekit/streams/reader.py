"""Reads pages of a live stream by cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from flowloom_servicekit.redis_client import redis_failures
from flowloom_servicekit.streams import scripts
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamMovedError, StreamTrimmedError
from flowloom_servicekit.streams.frame import Frame

PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class StreamPage:
    """Events after a cursor; `head` is the stream's last event at that moment."""

    frames: list[Frame]
    head: Cursor
    sealed: bool

    @property
    def is_last(self) -> bool:
        """Whether nothing came after this page when it was read."""
        return not self.frames or self.frames[-1].cursor == self.head


class StreamReader:
    """Pages for history and for catching up; follow live with `StreamHub`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def read(self, stream: str, after: Cursor = START, limit: int = PAGE) -> StreamPage | None:
        """Return the events after a cursor in one round trip; None when the stream is not in Redis.

        Raises `StreamMovedError` when the cursor is of another epoch or beyond the head (Redis lost its end),
        and `StreamTrimmedError` when what follows the cursor is only in the archive.
        """
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(scripts.meta_key(stream), ["epoch", "seq", "sealed", "trimmed"])
            pipe.xrange(scripts.stream_key(stream), min=f"({after.entry_id}", max="+", count=limit)
            with redis_failures():
                (epoch, seq, sealed, trimmed), entries = await pipe.execute()
        if epoch is None:
            return None
        head = Cursor(int(epoch), int(seq))
        check_cursor(stream, after, head)
        check_trimmed(stream, after, head, int(trimmed or 0))
        frames = [Frame(stream, parse_entry_id(entry_id), fields["e"]) for entry_id, fields in entries]
        return StreamPage(frames, head, sealed is not None)

    async def lengths(self, streams: Sequence[str]) -> list[int]:
        """Return how many entries of each stream are in Redis."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for stream in streams:
                pipe.xlen(scripts.stream_key(stream))
            with redis_failures():
                return [int(length) for length in await pipe.execute()]

    async def head(self, stream: str) -> Cursor | None:
        """Return the cursor of the last event, None when the stream is not in Redis."""
        with redis_failures():
            epoch, seq = await self._redis.hmget(scripts.meta_key(stream), ["epoch", "seq"])
        return None if epoch is None or seq is None else Cursor(int(epoch), int(seq))


def check_cursor(stream: str, after: Cursor, head: Cursor) -> None:
    """Raise `StreamMovedError` unless a reader can go on from `after` to `head` without a gap."""
    if after != START and (after.epoch != head.epoch or after.seq > head.seq):
        raise StreamMovedError(f"{after} of {stream!r} is not followed by {head}", head=head)


def check_trimmed(stream: str, after: Cursor, head: Cursor, trimmed: int) -> None:
    """Raise `StreamTrimmedError` when entries behind `after` have been removed, up to the seq `trimmed`."""
    if after.seq < trimmed:
        last = Cursor(head.epoch, trimmed)
        raise StreamTrimmedError(f"{stream!r} is archived up to {last}", last=last, head=head)


def parse_entry_id(entry_id: str) -> Cursor:
    """Return the cursor that an entry's id stands for."""
    epoch, _, seq = entry_id.partition("-")
    return Cursor(int(epoch), int(seq))
