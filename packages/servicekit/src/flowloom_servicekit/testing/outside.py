"""An internet on this machine: names, public addresses and servers whose answers a test plans."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from flowloom_servicekit.outbound.connection import Connection
from flowloom_servicekit.outbound.targets import IpAddress, Origin

Reply = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]
"""The bytes of an answer, or what writes them."""

PUBLIC = "93.184.216.34"


@dataclass
class FakeServer:
    """Answers each request with the next reply; the last repeats. Closes after a reply that breaks off."""

    replies: list[Reply]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    ended: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where it really listens."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side closes it."""
        self._serving.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def close(self) -> None:
        """Close every connection."""
        for task in self._serving:
            task.cancel()
        if self._serving:
            await asyncio.wait(self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head + await reader.readexactly(_length(head)))
                await self._reply(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            self.ended += 1
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()
            return
        answering = asyncio.ensure_future(reply(writer))
        closed = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answering, closed}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise ConnectionResetError
            answering.result()
        finally:
            answering.cancel()
            closed.cancel()
            await asyncio.wait({answering, closed})


def _length(head: bytes) -> int:
    sizes = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(sizes[0]) if sizes else 0


@asynccontextmanager
async def fake_server(
    *replies: Reply, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[FakeServer]:
    """Run a server on a free port of this machine."""
    fake = FakeServer(list(replies))
    server = await asyncio.start_server(fake.serve, host, 0, ssl=tls)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        await fake.close()


@dataclass
class FakeInternet:
    """A resolver and a dialler: every address leads to the server of its origin, else to `elsewhere`.

    `names` holds the answers for a host, one list for each time it is asked; the last repeats.
    """

    servers: dict[str, FakeServer] = field(default_factory=dict)
    elsewhere: FakeServer | None = None
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    dialled: list[tuple[str, str]] = field(default_factory=list)

    async def addresses(self, host: str) -> list[str]:
        """Answer as `names` says; any other name has one public address."""
        self.asked.append(host)
        answers = self.names.get(host, [[PUBLIC]])
        return answers[min(self.asked.count(host), len(answers)) - 1]

    async def dial(self, connection: Connection, origin: Origin, address: IpAddress) -> None:
        """Connect to the server that plays the origin."""
        self.dialled.append((str(origin), str(address)))
        server = self.servers.get(str(origin), self.elsewhere)
        if server is None:
            raise ConnectionRefusedError(f"nobody plays {origin}")
        await asyncio.get_running_loop().create_connection(lambda: connection, "127.0.0.1", server.port)


def answer(status: int = 200, body: bytes = b"", headers: str = "") -> bytes:
    """Return the bytes of a whole answer; each header line ends in CRLF."""
    return f"HTTP/1.1 {status} X\r\n{headers}content-length: {len(body)}\r\n\r\n".encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    """Return the bytes of a redirect."""
    return answer(status, headers=f"location: {location}\r\n")


def dripping(head: bytes, piece: bytes, *, every_s: float = 0.01) -> Reply:
    """Return a reply that sends a piece again and again and never ends."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every_s)

    return reply
