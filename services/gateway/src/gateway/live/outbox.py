"""What goes out on one socket: shared frames, one packet a batch, and no more than the client takes."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol

import orjson
import socketio  # type: ignore[import-untyped]  # the package has no types

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.streams.frame import Frame
from gateway.live.follow import Notice, Piece

DROP_SECONDS: Final = 10.0
HANG_UP_SECONDS: Final = 1.0
MAX_PACKET_CHARS: Final = 200_000


class SlowSocketError(Exception):
    """The client took nothing for too long."""


class Outbox(Protocol):
    """Where the batches of one stream go."""

    async def send(self, stream: str, batch: Sequence[Piece]) -> None:
        """Send a batch; raise SlowSocketError when the client takes nothing for too long."""
        ...


class SocketOutbox:
    """Writes encoded packets straight to the transport's queue, where sockets share a frame's text."""

    def __init__(self, server: socketio.AsyncServer, sid: str, *, head_only: bool, clock: Clock) -> None:
        self._server = server
        self._eio_sid: str | None = server.manager.eio_sid_from_sid(sid, "/")
        self._head_only = head_only
        self._clock = clock

    async def send(self, stream: str, batch: Sequence[Piece]) -> None:
        """Send a batch and wait until the client has taken the one before; raise SlowSocketError if not."""
        if self._head_only:
            batch = [head_of(stream, batch[-1], at=self._clock.now())]
        for packet in _packets(batch):
            await self._server.eio.send(self._eio_sid, packet)
            await self._drained()

    async def _drained(self) -> None:
        # The transport counts a packet as done when it takes it for writing, which it does only after it has
        # written what it took before: so at most two packets of ours are on the way.
        socket = self._server.eio.sockets.get(self._eio_sid)
        if socket is None:
            return
        try:
            async with asyncio.timeout(DROP_SECONDS):
                await socket.queue.join()
        except TimeoutError as error:
            raise SlowSocketError from error

    @staticmethod
    async def hang_up(server: socketio.AsyncServer, sid: str) -> None:
        """Disconnect a client, also one that does not read."""
        eio_sid = server.manager.eio_sid_from_sid(sid, "/")
        socket = server.eio.sockets.get(eio_sid)
        try:
            async with asyncio.timeout(HANG_UP_SECONDS):
                await server.disconnect(sid)
        except TimeoutError:
            if socket is not None:
                await socket.close(wait=False, abort=True)


def head_of(stream: str, last: Piece, *, at: datetime) -> Notice:
    """Return the notice of where a stream is, for a client that wants no more than that."""
    envelope = {
        "stream": stream,
        "epoch": last.cursor.epoch,
        "at": at,
        **({"run_id": stream.partition(":")[2]} if stream.startswith("run:") else {}),
        "type": "stream.head.v1",
        "data": {"cursor": str(last.cursor)},
    }
    return Notice(last.cursor, orjson.dumps(envelope).decode(), "stream.head.v1")


def texts_in_packets(batch: Sequence[Piece]) -> Iterator[list[str]]:
    """Give the envelopes of a batch in packets of a bounded size."""
    pending: list[str] = []
    size = 0
    for piece in batch:
        pending.append(piece.text)
        size += len(piece.text)
        if size > MAX_PACKET_CHARS:
            yield pending
            pending, size = [], 0
    if pending:
        yield pending


def _packets(batch: Sequence[Piece]) -> Iterator[str]:
    """Give Socket.IO packets of the event `event`: one envelope, or an array of several."""
    if len(batch) == 1 and isinstance(batch[0], Frame):
        yield batch[0].form("socket.io", _packet_of_one)
        return
    yield from map(_packet, texts_in_packets(batch))


def _packet_of_one(frame: Frame) -> str:
    return _packet([frame.text])


def _packet(texts: Sequence[str]) -> str:
    body = texts[0] if len(texts) == 1 else f"[{','.join(texts)}]"
    return f'2["event",{body}]'
