"""A re-ranking server on this machine, in the shapes of the common ones; it counts words of the query."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from flowloom_contracts.base import JsonObject, JsonValue


@dataclass
class Reranker:
    """Answers until its context ends; what it is asked is kept."""

    status: int = 200
    says: JsonValue = None
    late_s: float = 0.0
    url: str = ""
    requests: list[JsonObject] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the other side closes it."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = next(int(line[15:]) for line in head.lower().split("\r\n") if "content-length" in line)
                body = json.loads(await reader.readexactly(size))
                self.heads.append(head)
                self.requests.append(body)
                await asyncio.sleep(self.late_s)
                said = json.dumps(ranked(body) if self.says is None else self.says).encode()
                kind = "Content-Type: application/json\r\nContent-Length:"
                writer.write(f"HTTP/1.1 {self.status} So\r\n{kind} {len(said)}\r\n\r\n".encode() + said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def ranked(body: JsonObject) -> JsonValue:
    """Return the answer in the shape that goes with the request: the best first, with the places as sent."""
    is_tei = "texts" in body
    given = body["texts"] if is_tei else body["documents"]
    texts = [str(text) for text in given] if isinstance(given, list) else []
    name = "score" if is_tei else "relevance_score"
    rows: list[JsonValue] = [
        {"index": place, name: score} for score, place in _best_first(str(body["query"]), texts)
    ]
    return rows if is_tei else {"id": "r", "results": rows}


def _best_first(query: str, texts: Sequence[str]) -> list[tuple[float, int]]:
    words = set(query.lower().split())
    scored = [(len(words & set(text.lower().split())) / len(words), n) for n, text in enumerate(texts)]
    return sorted(scored, reverse=True)


@asynccontextmanager
async def fake_reranker(
    *, status: int = 200, says: JsonValue = None, late_s: float = 0.0
) -> AsyncIterator[Reranker]:
    """Run a server on a free port of this machine."""
    reranker = Reranker(status=status, says=says, late_s=late_s)
    server = await asyncio.start_server(reranker.handle, "127.0.0.1", 0)
    reranker.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/rerank"
    try:
        yield reranker
    finally:
        server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await server.wait_closed()
