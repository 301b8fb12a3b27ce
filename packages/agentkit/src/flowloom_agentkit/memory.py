"""The memory service as an agent's tools and steps see it: one workspace, and nothing but notes."""

from collections.abc import Sequence
from typing import Final

from flowloom_agentkit.reach import OnBehalf
from flowloom_contracts.memory import MemoryHit, MemoryHits, SearchMemory, StoredText, StoreText
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker

DEFAULT_COLLECTION: Final = "notes"
MAX_QUERY_CHARS: Final = 20_000
MAX_TEXT_CHARS: Final = 100_000


class InvokedMemory:
    """An `AgentMemory` of one workspace, over service invocation."""

    def __init__(self, invoker: Invoker, behalf: OnBehalf, *, origin: dict[str, str]) -> None:
        self._invoker = invoker
        self._behalf = behalf
        self._origin = origin

    async def search(
        self, query: str, *, collections: Sequence[str] | None = None, top: int = 5
    ) -> list[MemoryHit]:
        """Return the stored notes nearest in meaning, best first."""
        request = SearchMemory(
            workspace_id=self._behalf.workspace_id,
            collections=list(collections or [DEFAULT_COLLECTION]),
            query=query[:MAX_QUERY_CHARS],
            top=top,
            sight=self._behalf.sight,
            origin=self._behalf.origin,
        )
        return (await self._invoker.call(AppId.MEMORY, "memory/search", request, MemoryHits)).items

    async def store(self, text: str, *, collection: str, effect_key: str) -> StoredText:
        """Keep a text; the same effect key keeps it once."""
        request = StoreText(
            workspace_id=self._behalf.workspace_id,
            collection=collection,
            text=text[:MAX_TEXT_CHARS],
            metadata={**self._origin},
            effect_key=effect_key,
            origin=self._behalf.origin,
        )
        return await self._invoker.call(AppId.MEMORY, "memory/store", request, StoredText)
