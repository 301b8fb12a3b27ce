"""A model server in this process whose answers and faults a test plans."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flowloom_contracts.base import JsonObject

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class FakeEndpoint:
    """Answers each request with the next reply; the last repeats. Knows its open connections."""

    replies: list[Reply]
    requests: list[JsonObject] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    connections: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the other side closes it."""
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = next(int(line[15:]) for line in head.lower().split("\r\n") if "content-length" in line)
                body = json.loads(await reader.readexactly(size))
                self.headers.append(head)
                self.requests.append(body)
                await self._reply(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        answering = asyncio.ensure_future(reply(writer))
        closed = asyncio.ensure_future(reader.read(1))
        await asyncio.wait({answering, closed}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            answering.cancel()
            raise ConnectionResetError
        closed.cancel()
        await asyncio.wait({closed})
        answering.result()


@asynccontextmanager
async def fake_endpoint(*replies: Reply) -> AsyncIterator[FakeEndpoint]:
    """Run a fake endpoint on a free port of this machine."""
    endpoint = FakeEndpoint(list(replies))
    server = await asyncio.start_server(endpoint.handle, "127.0.0.1", 0)
    endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield endpoint
    finally:
        server.close()


def chunk(
    text: str | None = None, *, delta: JsonObject | None = None, finish_reason: str | None = None
) -> bytes:
    """Return one server-sent event with a piece of text, or of something else in `delta`."""
    piece = {**({} if text is None else {"content": text}), **(delta or {})}
    choice = {"index": 0, "delta": piece, "finish_reason": finish_reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}\n\n'
DONE = b"data: [DONE]\n\n"


def streaming(*pieces: bytes, end: bool = True, content_type: str = "text/event-stream") -> Reply:
    """Reply with a chunked stream; without `end` the connection breaks off."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n".encode()
        )
        for piece in pieces:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
        if not end:
            raise ConnectionResetError
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    return reply


def status(code: int, body: str = "{}", headers: str = "") -> Reply:
    """Reply with a whole body and a status."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        size = len(body.encode())
        head = f"HTTP/1.1 {code} X\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n"
        head += f"{headers}\r\n"
        writer.write(head.encode() + body.encode())
        await writer.drain()

    return reply


def silent_after(*pieces: bytes) -> Reply:
    """Reply with some pieces of a stream and then nothing, holding the connection open."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for piece in pieces:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
        await asyncio.Event().wait()

    return reply


def recorded(path: Path, *, piece_bytes: int) -> Reply:
    """Reply with what a file has (status line, headers, an empty line, body), in pieces of this size.

    Newlines of the head travel as HTTP writes them.
    """
    head, _, body = path.read_bytes().partition(b"\n\n")

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(head.replace(b"\n", b"\r\n") + b"\r\ntransfer-encoding: chunked\r\n\r\n")
        for start in range(0, len(body), piece_bytes):
            piece = body[start : start + piece_bytes]
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    return reply


async def hang_up(_: asyncio.StreamWriter) -> None:
    """Close the connection without an answer."""
    raise ConnectionResetError
