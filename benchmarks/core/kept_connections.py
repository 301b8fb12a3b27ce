"""Kept HTTP connections that cost the generator little: one request written for all, no client library."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

WITHOUT_BODY: Final = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `head` is everything before the empty line."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """Return a header's value by its name in lower case."""
        return _header(self.head, name)


class KeptConnection:
    """One connection that always asks the same."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._request = request

    async def ask(self) -> Answer:
        """Send the request and read the whole answer, which must say its length."""
        self._writer.write(self._request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = _header(head, b"content-length")
        if length is None and status not in WITHOUT_BODY:
            raise RuntimeError(f"an answer {status} does not say its length: {head[:300]!r}")
        body = await self._reader.readexactly(int(length or 0)) if status not in WITHOUT_BODY else b""
        return Answer(status, head, body)

    def close(self) -> None:
        self._writer.close()


def request_text(
    base_url: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> bytes:
    """Return a GET, or a POST of JSON when there is a body."""
    method = "GET" if body is None else "POST"
    given = {"host": urlsplit(base_url).netloc, **(headers or {})}
    if body is not None:
        given |= {"content-type": "application/json", "content-length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


async def connect(base_url: str, request: bytes, *, from_address: str | None = None) -> KeptConnection:
    """Open a connection, from a loopback address of its own where one is named."""
    place = urlsplit(base_url)
    own = (from_address, 0) if from_address is not None else None
    reader, writer = await asyncio.open_connection(place.hostname, place.port, local_addr=own)
    return KeptConnection(reader, writer, request)


class Asking:
    """Connections that ask the same of one server; who finds none free waits."""

    def __init__(self, connections: list[KeptConnection], *, expected: int) -> None:
        self._connections = connections
        self._expected = expected
        self._free: asyncio.Queue[KeptConnection] = asyncio.Queue()
        for connection in connections:
            self._free.put_nowait(connection)

    async def once(self) -> Answer:
        """Ask once; raise RuntimeError unless the answer has the expected status."""
        connection = await self._free.get()
        try:
            answer = await connection.ask()
        finally:
            self._free.put_nowait(connection)
        if answer.status != self._expected:
            raise RuntimeError(f"{answer.status} instead of {self._expected}: {answer.body[:300]!r}")
        return answer

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


async def asking(base_url: str, request: bytes, *, count: int, expected: int = 200) -> Asking:
    """Open so many connections."""
    return Asking([await connect(base_url, request) for _ in range(count)], expected=expected)


def _header(head: bytes, name: bytes) -> bytes | None:
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    return None
