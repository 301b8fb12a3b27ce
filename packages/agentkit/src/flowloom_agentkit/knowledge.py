"""The memory service as tools that cite see it: passages of one workspace, with the rights of one role."""

from collections.abc import Sequence
from typing import Final

from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.memory import MAX_QUERY_CHARS
from flowloom_agentkit.reach import OnBehalf
from flowloom_contracts.document_tables import (
    DocumentTable,
    DocumentTables,
    ListTables,
    TablePart,
    TablePartQuery,
)
from flowloom_contracts.memory import (
    MAX_COLLECTIONS,
    CompareTexts,
    Comparison,
    NearestText,
    PassageHit,
    PassageHits,
    SearchPassages,
)
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker
from flowloom_servicekit.errors import RemoteProblemError

MOST_PASSAGES: Final = 20
MOST_PARTS: Final = 100
LONG_S: Final = 30.0


class InvokedKnowledge:
    """A `Knowledge` over service invocation; workspace and role come from the claim, never from a model."""

    def __init__(self, invoker: Invoker, behalf: OnBehalf) -> None:
        self._invoker = invoker
        self._behalf = behalf

    async def search(self, query: str, *, collections: Sequence[str] = (), top: int = 5) -> list[PassageHit]:
        """Return the passages that answer best; a collection closed to the role is like an unknown one."""
        request = SearchPassages(
            workspace_id=self._behalf.workspace_id,
            role=self._behalf.role,
            sight=self._behalf.sight,
            origin=self._behalf.origin,
            collections=list(collections)[:MAX_COLLECTIONS],
            query=query[:MAX_QUERY_CHARS],
            top=min(max(top, 1), MOST_PASSAGES),
        )
        answer = await self._invoker.call(AppId.MEMORY, "memory/passages/search", request, PassageHits)
        return answer.items

    async def compare(self, texts: Sequence[str], others: Sequence[str]) -> list[NearestText]:
        """Return for each text which of the others is nearest in meaning."""
        if not texts or not others:
            return []
        request = CompareTexts(
            workspace_id=self._behalf.workspace_id,
            role=self._behalf.role,
            texts=list(texts),
            others=list(others),
        )
        return (await self._invoker.call(AppId.MEMORY, "memory/compare", request, Comparison)).items

    async def tables(self, collections: Sequence[str] = ()) -> list[DocumentTable]:
        """Return the tables of collections that the role may read."""
        request = ListTables(
            workspace_id=self._behalf.workspace_id,
            role=self._behalf.role,
            collections=list(collections)[:MAX_COLLECTIONS],
        )
        return (await self._invoker.call(AppId.MEMORY, "memory/tables/list", request, DocumentTables)).items

    async def table(self, collection: str, document_id: str) -> bytes:
        """Return a table part by part; the memory service looks at the rights before each."""
        content = bytearray()
        for number in range(1, MOST_PARTS + 1):
            request = TablePartQuery(
                workspace_id=self._behalf.workspace_id,
                role=self._behalf.role,
                document_id=document_id,
                collection=collection,
                number=number,
            )
            try:
                part = await self._invoker.call(
                    AppId.MEMORY, "memory/tables/read", request, TablePart, timeout_s=LONG_S
                )
            except RemoteProblemError as error:
                if not error.is_callers_fault:
                    raise
                raise ToolFailedError(f"There is no table {document_id!r} in {collection!r}.") from error
            if part.content is None:
                break
            content += part.content
        return bytes(content)
