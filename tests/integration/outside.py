"""A server of the outside world that remembers what it was asked, on disk before it answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class OutsideLedger:
    """Answers every request with JSON that says what was sent; `/silent` takes it and says nothing.

    `scripted` has other answers by method and beginning of the path, one after the other; the last repeats.
    """

    asked: list[Asked] = field(default_factory=list)
    large: bytes = b""
    scripted: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                method, path, _ = first.split(" ")
                self.asked.append(Asked(method, path, headers, body))
                if path == "/silent":
                    await reader.read()
                    return
                writer.write(self._answer(self.asked[-1]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, asked: Asked) -> bytes:
        status = "404 Not Found" if asked.path == "/missing" else "200 OK"
        told = {"path": asked.path, "authorization": asked.headers.get("authorization")}
        kind, body = "application/json", json.dumps(told).encode()
        if asked.path == "/large":
            kind, body = "text/plain", self.large
        for place, answers in self.scripted.items():
            if f"{asked.method} {asked.path}".startswith(place):
                status, text = answers.pop(0) if len(answers) > 1 else answers[0]
                body = text.encode()
        head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body


@asynccontextmanager
async def outside_ledger(port: int) -> AsyncIterator[OutsideLedger]:
    """Run the server while the block runs."""
    ledger = OutsideLedger()
    server = await asyncio.start_server(ledger.serve, "127.0.0.1", port)
    try:
        yield ledger
    finally:
        server.close()
