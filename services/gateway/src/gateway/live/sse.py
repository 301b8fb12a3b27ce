"""Server-sent events: a run's stream as one long answer."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing, suppress
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
    """Sends batches as they come and a heartbeat when none come; ends with the run or with its viewer.

    Whatever else ends it breaks the transfer, so that nobody takes it for the end of the run.
    """

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
        line = _Line(send)
        tasks = [
            asyncio.create_task(self._pump(line)),
            asyncio.create_task(_until_disconnect(receive)),
            asyncio.create_task(ended.wait()),
            asyncio.create_task(line.watch(self._heartbeat_s)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connections.remove(connection)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._finish(line, done, gone=tasks[1] in done)

    async def _finish(
        self, line: "_Line", done: Collection[asyncio.Task[Literal[True] | None]], *, gone: bool
    ) -> None:
        for task in done:
            error = task.exception()
            if isinstance(error, SlowReaderError):
                # Returning without the last chunk makes the server cut the connection.
                log.info("a viewer was dropped because it did not read")
                return
            if isinstance(error, FlowloomError):
                # As above: a good end would say that the run has ended, or that nothing more may be seen.
                log.warning("a stream ended early", error=repr(error))
                return
            if error is not None:
                raise error
        if not gone:
            with suppress(TimeoutError):
                async with asyncio.timeout(DROP_SECONDS):
                    await line.send(b"", more=False)

    async def _pump(self, line: "_Line") -> None:
        await line.begin()
        async with aclosing(self._batches) as batches:
            async for batch in batches:
                await line.send(b"".join(map(encoded, batch)))


class _Line:
    """What one viewer is sent; one watch serves all sends, because a timer costs more than a send."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._last_at = self._loop.time()
        self._is_sending = False

    async def begin(self) -> None:
        """Send the headers and a first sign of life."""
        await self._send({"type": "http.response.start", "status": 200, "headers": [*HEADERS]})
        await self.send(HEARTBEAT)

    async def send(self, body: bytes, *, more: bool = True) -> None:
        """Send a piece and wait until the transport takes more."""
        self._is_sending, self._last_at = True, self._loop.time()
        await self._send({"type": "http.response.body", "body": body, "more_body": more})
        self._is_sending = False

    async def watch(self, heartbeat_s: float) -> None:
        """Send a heartbeat after each silence; raise SlowReaderError when the client takes nothing."""
        while True:
            limit = DROP_SECONDS if self._is_sending else heartbeat_s
            left = self._last_at + limit - self._loop.time()
            if left > 0:
                # A send may begin in the meantime, and must not take longer than allowed.
                await asyncio.sleep(min(left, DROP_SECONDS))
            elif self._is_sending:
                raise SlowReaderError
            else:
                await self._heartbeat()

    async def _heartbeat(self) -> None:
        try:
            async with asyncio.timeout(DROP_SECONDS):
                await self.send(HEARTBEAT)
        except TimeoutError as error:
            raise SlowReaderError from error


def encoded(piece: Piece) -> bytes:
    """Return a piece in the format of server-sent events, made once for all viewers."""
    return piece.form("sse", _encode) if isinstance(piece, Frame) else _encode(piece)


def _encode(piece: Piece) -> bytes:
    return f"id: {piece.cursor}\nevent: {piece.type}\ndata: {piece.text}\n\n".encode()


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
