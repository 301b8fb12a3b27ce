"""Knowledge and a web without services: passages in a list, pages in a map."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.reach import WebAnswer, WebHit
from flowloom_contracts.document_tables import DocumentTable
from flowloom_contracts.memory import Citation, NearestText, PassageHit


class InMemoryKnowledge:
    """A `Knowledge` whose passages come in the order in which they share words with the question.

    `passages` has texts by collection, `tables` contents by collection and name; what is in `closed` is found
    by nobody.
    """

    def __init__(
        self,
        passages: Mapping[str, Sequence[str]] = {},
        *,
        closed: Sequence[str] = (),
        tables: Mapping[tuple[str, str], bytes] = {},
    ) -> None:
        self._tables = tables
        self._passages = passages
        self._closed = set(closed)
        self.searches: list[tuple[str, tuple[str, ...]]] = []

    async def search(self, query: str, *, collections: Sequence[str] = (), top: int = 5) -> list[PassageHit]:
        """Return passages of open collections."""
        self.searches.append((query, tuple(collections)))
        wanted = [name for name in collections or self._passages if name not in self._closed]
        found = [
            _hit(name, number, text, _shared(query, text))
            for name in wanted
            for number, text in enumerate(self._passages.get(name, ()))
        ]
        return sorted(found, key=lambda hit: -hit.score)[:top]

    async def compare(self, texts: Sequence[str], others: Sequence[str]) -> list[NearestText]:
        """Compare by the share of words that a text has in common with another."""
        if not others:
            return []
        return [
            NearestText(other=best, similarity=shares[best])
            for shares in ([_shared(text, other) for other in others] for text in texts)
            for best in [max(range(len(shares)), key=shares.__getitem__)]
        ]

    async def tables(self, collections: Sequence[str] = ()) -> list[DocumentTable]:
        """Return tables of open collections; their ids are their names."""
        return [
            DocumentTable(
                document_id=name,
                collection=collection,
                name=name,
                media_type="text/csv",
                size_bytes=len(content),
            )
            for (collection, name), content in self._tables.items()
            if collection not in self._closed and (not collections or collection in collections)
        ]

    async def table(self, collection: str, document_id: str) -> bytes:
        """Return a table of an open collection."""
        content = self._tables.get((collection, document_id))
        if content is None or collection in self._closed:
            raise ToolFailedError(f"There is no table {document_id!r} in {collection!r}.")
        return content


class InMemoryWeb:
    """A `Web` of pages by address: a body, or status, type and body; every other address is refused."""

    def __init__(
        self,
        pages: Mapping[str, bytes | tuple[int, str, bytes]] = {},
        *,
        hits: Sequence[WebHit] | None = None,
    ) -> None:
        self.pages = dict(pages)
        self._hits = hits
        self.asked: list[str] = []
        self.queries: list[str] = []

    async def get(self, url: str) -> WebAnswer:
        """Return a page."""
        self.asked.append(url)
        page = self.pages.get(url)
        if page is None:
            raise ToolFailedError("This address may not be called: nobody plays it")
        status, kind, body = page if isinstance(page, tuple) else (200, "text/html; charset=utf-8", page)
        return WebAnswer(url, status, kind, body)

    async def search(self, query: str) -> list[WebHit] | None:
        """Return what the engine finds, if there is one."""
        self.queries.append(query)
        return None if self._hits is None else list(self._hits)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _shared(one: str, other: str) -> float:
    words = _words(one)
    return len(words & _words(other)) / len(words) if words else 0.0


def _hit(collection: str, number: int, text: str, score: float) -> PassageHit:
    return PassageHit(
        text=text,
        kind="text",
        collection=collection,
        score=score,
        similarity=score,
        vector_rank=1,
        text_rank=None,
        citation=Citation(
            document_id=f"{collection}-{number}",
            name=f"{collection} {number}.md",
            headings=[],
            page_from=None,
            page_to=None,
            start=100 * number,
            end=100 * number + len(text),
        ),
        metadata={},
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
