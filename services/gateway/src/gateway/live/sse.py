"""Server-sent events: a run's stream as one long answer."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from typing import Final, Literal

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.streams.frame import Frame
from gateway.domain.principals import Principal
from gateway.live.connections import Connections
from gateway.live.follow import Piece

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS: Final = 15.0
DROP_SECONDS: Final = 10.0
HEARTBEAT: Final = b": still here\n\n"
HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
)


class SlowReaderError(Exception):
    """The client took nothing for too long."""


class EventStreamResponse(Response):
    """Sends batches as they come and a heartbeat when none come; ends with the run or with its viewer."""

    def __init__(
        self,
        batches: AsyncGenerator[Sequence[Piece], None],
        *,
        principal: Principal,
        connections: Connections,
        heartbeat_s: float = HEARTBEAT_SECONDS,
    ) -> None:
        super().__init__()
        self._batches = batches
        self._principal = principal
        self._connections = connections
        self._heartbeat_s = heartbeat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream; whatever ends first ends the rest."""
        ended = asyncio.Event()
        connection = self._connections.add(self._principal, lambda _: ended.set())
        tasks = [
            asyncio.create_task(self._pump(send)),
            asyncio.create_task(_until_disconnect(receive)),
            asyncio.create_task(ended.wait()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connections.remove(connection)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._finish(send, done, gone=tasks[1] in done)

    async def _finish(
        self, send: Send, done: Collection[asyncio.Task[Literal[True] | None]], *, gone: bool
    ) -> None:
        for task in done:
            error = task.exception()
            if isinstance(error, SlowReaderError):
                # Returning without the last chunk makes the server cut the connection.
                log.info("a viewer was dropped because it did not read")
                return
            if isinstance(error, FlowloomError):
                log.warning("a stream ended early", error=repr(error))
            elif error is not None:
                raise error
        if not gone:
            await _sent(send, b"", more=False)

    async def _pump(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": [*HEADERS]}
        await send(start)
        await _sent(send, HEARTBEAT)
        async with aclosing(self._batches) as batches:
            waiting: asyncio.Future[Sequence[Piece] | None] | None = None
            try:
                while True:
                    waiting = waiting or asyncio.ensure_future(_next(batches))
                    await asyncio.wait({waiting}, timeout=self._heartbeat_s)
                    if not waiting.done():
                        await _sent(send, HEARTBEAT)
                        continue
                    batch, waiting = waiting.result(), None
                    if batch is None:
                        return
                    await _sent(send, b"".join(map(encoded, batch)))
            finally:
                if waiting is not None:
                    waiting.cancel()
                    await asyncio.gather(waiting, return_exceptions=True)


def encoded(piece: Piece) -> bytes:
    """Return a piece in the format of server-sent events, made once for all viewers."""
    return piece.form("sse", _encode) if isinstance(piece, Frame) else _encode(piece)


def _encode(piece: Piece) -> bytes:
    return f"id: {piece.cursor}\nevent: {piece.type}\ndata: {piece.text}\n\n".encode()


async def _next(batches: AsyncGenerator[Sequence[Piece], None]) -> Sequence[Piece] | None:
    return await anext(batches, None)


async def _sent(send: Send, body: bytes, *, more: bool = True) -> None:
    try:
        async with asyncio.timeout(DROP_SECONDS):
            await send({"type": "http.response.body", "body": body, "more_body": more})
    except TimeoutError as error:
        raise SlowReaderError from error


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
