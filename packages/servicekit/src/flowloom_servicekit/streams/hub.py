"""Follows every watched stream over one blocking connection and shares each frame among its viewers."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self, TypeAlias

import structlog
from prometheus_client import Histogram
from redis.asyncio import Redis

from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.redis_client import OUTAGES, connect_redis, redis_failures
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamMovedError, StreamTrimmedError
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.streams.reader import PAGE, StreamReader, parse_entry_id
from flowloom_servicekit.streams.scripts import stream_key
from flowloom_servicekit.streams.subscription import Inbox, Resync, ResyncReason, Subscription
from flowloom_servicekit.streams.writer import server_id

log = structlog.get_logger(__name__)

BLOCK_SECONDS: Final = 20
MAX_BACKOFF_SECONDS: Final = 1.0
READ_COUNT: Final = 512
# Spelt out, because the client's own method costs as much again, hundreds of times a second.
XREAD: Final = ("XREAD", "COUNT", READ_COUNT, "BLOCK", BLOCK_SECONDS * 1000, "STREAMS")
WAKE_KEY_SECONDS: Final = 120
# A read names every watched stream, so with many of them it waits a moment to carry more events at once.
PACE_PER_STREAM_SECONDS: Final = 0.000_2
MAX_PACE_SECONDS: Final = 0.005

LAG_SECONDS: Final = Histogram(
    "flowloom_stream_lag_seconds",
    "From when an event was told until its viewers are given it; the last one of each read.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
# Contracts put `at` before `data`, so the first match is the envelope's.
_AT: Final = re.compile(r'"at":\s*"([^"]{10,40})"')

Entries: TypeAlias = list[tuple[str, dict[str, str]]]
Answer: TypeAlias = list[tuple[str, Entries]]


@dataclass(slots=True)
class _Watch:
    """A stream with live viewers; `last` is the last entry that they were given."""

    stream: str
    last: Cursor
    inboxes: set[Inbox] = field(default_factory=set)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = stream_key(self.stream)


class StreamHub:
    """One per process that has viewers; start it in the lifespan.

    A new stream is followed at once: the blocked read also waits for a small stream of the hub's own, which a
    subscription writes to.
    """

    def __init__(self, redis_url: str) -> None:
        self._commands: Redis = connect_redis(redis_url)
        self._blocking: Redis = connect_redis(redis_url, max_connections=1, blocking=True)
        self._read_blocking: Callable[..., Awaitable[Answer | None]] = self._blocking.execute_command
        self._reader = StreamReader(self._commands)
        self._watches: dict[str, _Watch] = {}
        self._wake_key = f"wake:{{{new_id()}}}"
        self._wake_id = "0-0"
        self._wakes_wanted = 0
        self._waking: asyncio.Task[None] | None = None
        self._server_id = ""
        self._loop_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to follow; does not need Redis to be there."""
        self._loop_task = asyncio.create_task(self._follow(), name="stream-hub")

    async def stop(self) -> None:
        """End every subscription with a `Resync` and close the connections."""
        for task in (self._loop_task, self._waking):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._end_all("gone")
        await self._blocking.aclose()
        await self._commands.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def watched(self) -> int:
        """How many streams have live viewers."""
        return len(self._watches)

    def subscribe(self, stream: str, after: Cursor = START, *, expected: bool = False) -> Subscription:
        """Return a subscription to what follows a cursor.

        `expected`: the stream may not exist yet, wait for it (only from the beginning of an epoch).
        Otherwise a stream that is not in Redis gives `Resync("gone")`. `next` raises
        `StorageUnavailableError` when Redis is away before the subscription is live; later outages are
        waited out.
        """
        follower = _Follower(self, stream, after, expected=expected)
        return Subscription(follower.catch_up, follower.detach)

    async def _follow(self) -> None:
        while True:
            (failure,) = await asyncio.gather(self._follow_until_broken(), return_exceptions=True)
            # A fault of ours; nobody may wait for ever because of it.
            log.error("live streams broke, viewers take a snapshot", exc_info=failure)
            self._end_all("gap")
            await asyncio.sleep(MAX_BACKOFF_SECONDS)

    async def _follow_until_broken(self) -> None:
        backoff = 0.05
        while True:
            try:
                await self._notice_restart()
                while True:
                    await self._read_once()
                    backoff = 0.05
            except (*OUTAGES, StorageUnavailableError) as error:
                log.warning("live streams lost Redis", error=repr(error), retry_in_s=backoff)
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)

    async def _notice_restart(self) -> None:
        now_id = await server_id(self._commands)
        if self._server_id and self._server_id != now_id:
            log.warning("Redis has restarted, viewers take a snapshot", viewers=self.watched)
            self._end_all("restarted")
        self._server_id = now_id

    async def _read_once(self) -> None:
        watches = {watch.key: watch for watch in self._watches.values()}
        after = (watch.last.entry_id for watch in watches.values())
        async with asyncio.timeout(BLOCK_SECONDS + 5):
            answer = await self._read_blocking(*XREAD, self._wake_key, *watches, self._wake_id, *after)
        for key, entries in answer or []:
            if key == self._wake_key:
                self._wake_id = entries[-1][0]
            else:
                self._dispatch(watches[key], entries)
        if len(watches) > 1:
            await asyncio.sleep(min(PACE_PER_STREAM_SECONDS * len(watches), MAX_PACE_SECONDS))

    def _dispatch(self, watch: _Watch, entries: Entries) -> None:
        told_at = _AT.search(entries[-1][1]["e"])
        if told_at is not None:
            LAG_SECONDS.observe(max(time.time() - datetime.fromisoformat(told_at[1]).timestamp(), 0))
        for entry_id, fields in entries:
            frame = Frame(watch.stream, parse_entry_id(entry_id), fields["e"])
            watch.last = frame.cursor
            for inbox in watch.inboxes:
                inbox.put(frame)

    def attach(self, stream: str, position: Cursor) -> tuple[Inbox, Cursor]:
        """Add a viewer; return its inbox and the position up to which it reads the stream itself."""
        watch = self._watches.get(stream)
        if watch is None:
            watch = self._watches[stream] = _Watch(stream, position)
            self._wake()
        inbox = Inbox(max(position, watch.last))
        watch.inboxes.add(inbox)
        return inbox, inbox.position

    def detach(self, stream: str, inbox: Inbox) -> None:
        """Remove a viewer; a stream without viewers leaves the next read."""
        watch = self._watches.get(stream)
        if watch is not None:
            watch.inboxes.discard(inbox)
            if not watch.inboxes:
                del self._watches[stream]

    async def read(self, stream: str, after: Cursor, limit: int = PAGE) -> list[Frame] | None:
        """Return a page; an empty one means the head, None that the stream is not in Redis."""
        page = await self._reader.read(stream, after, limit)
        return None if page is None else page.frames

    def _wake(self) -> None:
        self._wakes_wanted += 1
        if self._waking is None or self._waking.done():
            self._waking = asyncio.create_task(self._write_wake(), name="stream-hub-wake")

    async def _write_wake(self) -> None:
        # Redis being away is no failure here: the next read after the outage has the new stream.
        try:
            written = 0
            while written < self._wakes_wanted:
                written = self._wakes_wanted
                with redis_failures():
                    async with self._commands.pipeline(transaction=False) as pipe:
                        pipe.xadd(self._wake_key, {"w": "1"}, maxlen=1, approximate=False)
                        pipe.expire(self._wake_key, WAKE_KEY_SECONDS)
                        await pipe.execute()
        except StorageUnavailableError as error:
            log.info("a wake was not written", error=repr(error))

    def _end_all(self, reason: ResyncReason) -> None:
        for watch in self._watches.values():
            for inbox in watch.inboxes:
                inbox.end(reason)
        self._watches.clear()


class _Follower:
    """Takes one subscription from its cursor to the head, then hands it to the hub."""

    def __init__(self, hub: StreamHub, stream: str, after: Cursor, *, expected: bool) -> None:
        self._hub = hub
        self._stream = stream
        self._position = after
        self._expected = expected
        self._at_head = False
        self._joined: tuple[Inbox, Cursor] | None = None

    async def catch_up(self, subscription: Subscription) -> list[Frame] | Resync:
        """Return the next page; behind the last one join the hub and give the subscription its inbox.

        The position moves only together with what is returned, so that a cancelled call loses nothing.
        """
        try:
            if not self._at_head:
                frames = await self._hub.read(self._stream, self._position)
                if frames is None and not (self._expected and self._position.seq == 0):
                    return Resync("gone")
                self._at_head = len(frames or []) < PAGE
                if frames:
                    return frames if self._take(frames) else Resync("gap")
            return await self._join(subscription)
        except StreamMovedError:
            return Resync("moved")
        except StreamTrimmedError:
            return Resync("gone")

    async def _join(self, subscription: Subscription) -> list[Frame] | Resync:
        """Join the other viewers, reading what they were given after our last page."""
        if self._joined is None:
            self._joined = self._hub.attach(self._stream, self._position)
        inbox, joined_at = self._joined
        frames: list[Frame] = []
        if joined_at != self._position:
            missing = joined_at.seq - self._position.seq
            frames = await self._hub.read(self._stream, self._position, max(missing, 1)) or []
            if not self._take(frames) or self._position != joined_at:
                return Resync("gap")
        subscription.inbox = inbox
        return frames

    def _take(self, frames: list[Frame]) -> bool:
        for frame in frames:
            if not self._position.precedes(frame.cursor):
                return False
            self._position = frame.cursor
        return True

    def detach(self) -> None:
        """Leave the hub, if it was joined."""
        if self._joined is not None:
            self._hub.detach(self._stream, self._joined[0])
