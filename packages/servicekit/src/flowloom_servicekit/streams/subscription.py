"""One viewer's bounded view of a live stream."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, Self

from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.frame import Frame

MAX_FRAMES: Final = 2_000
MAX_CHARS: Final = 2_000_000

CatchUp = Callable[["Subscription"], Awaitable["list[Frame] | Resync"]]
"""Returns the next page and, with the last one, gives the subscription its inbox."""

ResyncReason = Literal["overflow", "moved", "gap", "restarted", "gone"]


@dataclass(frozen=True, slots=True)
class Resync:
    """The viewer cannot go on from its cursor: send a snapshot and subscribe again after that one's cursor.

    `overflow`: it read too slowly. `moved`: the stream has a new epoch. `gap`: entries are missing.
    `restarted`: Redis may have lost its last second. `gone`: what follows the cursor is not in Redis, or no
    longer: its owner has it in the archive.
    """

    reason: ResyncReason


class Inbox:
    """What has arrived for one viewer and is not yet read; full means `Resync`, never a silent loss."""

    def __init__(self, position: Cursor) -> None:
        self.position = position
        self._frames: deque[Frame] = deque()
        self._chars = 0
        self._resync: Resync | None = None
        self._arrived = asyncio.Event()

    def put(self, frame: Frame) -> None:
        """Take the next frame; one that was seen is dropped, one that does not follow means `Resync`."""
        if self._resync is not None or frame.cursor <= self.position:
            return
        if not self.position.precedes(frame.cursor):
            self.end("gap" if frame.cursor.epoch == self.position.epoch else "moved")
            return
        self.position = frame.cursor
        self._chars += len(frame.text)
        self._frames.append(frame)
        if len(self._frames) > MAX_FRAMES or self._chars > MAX_CHARS:
            self.end("overflow")
        self._arrived.set()

    def end(self, reason: ResyncReason) -> None:
        """Give up what is buffered and tell the viewer why."""
        if self._resync is None:
            self._resync = Resync(reason)
            if reason == "overflow":
                self._frames.clear()
            self._arrived.set()

    async def take(self) -> list[Frame] | Resync:
        """Wait for frames and return all of them, or the `Resync` behind the last one."""
        await self._arrived.wait()
        if self._frames:
            taken = list(self._frames)
            self._frames.clear()
            self._chars = 0
            if self._resync is None:
                self._arrived.clear()
            return taken
        return self._resync or Resync("gap")


class Subscription:
    """An asynchronous iterator of batches: lists of frames in order, at last a `Resync`.

    It pages through what is there at its reader's own pace, then goes live. Close it, or use it as a context
    manager; closing twice is harmless.
    """

    def __init__(self, catch_up: CatchUp, detach: Callable[[], None]) -> None:
        self.inbox: Inbox | None = None
        self._catch_up = catch_up
        self._detach = detach
        self._ended = False

    async def next(self) -> list[Frame] | Resync:
        """Return all that is there, waiting for the first; after a `Resync` comes nothing more."""
        batch: list[Frame] | Resync = []
        while not batch:
            batch = await (self._catch_up(self) if self.inbox is None else self.inbox.take())
        if isinstance(batch, Resync):
            self.close()
        return batch

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Frame] | Resync:
        if self._ended:
            raise StopAsyncIteration
        return await self.next()

    def close(self) -> None:
        """Stop receiving."""
        if not self._ended:
            self._ended = True
            self._detach()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
