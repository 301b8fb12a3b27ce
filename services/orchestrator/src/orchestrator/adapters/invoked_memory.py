"""The memory service, over service invocation."""

from collections.abc import Sequence

from flowloom_contracts.memory import MemoryHit, MemoryHits, RunOrigin, SearchMemory, StoredText, StoreText
from flowloom_contracts.run_memory import WorkflowSight
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker

TIMEOUT_SECONDS = 30.0


class InvokedMemory:
    """See `Memory`."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def search(
        self,
        workspace_id: str,
        query: str,
        *,
        collection: str,
        top: int,
        sight: WorkflowSight,
        origin: RunOrigin,
    ) -> Sequence[MemoryHit]:
        """See `Memory.search`."""
        request = SearchMemory(
            workspace_id=workspace_id,
            collections=[collection],
            query=query,
            top=top,
            sight=sight,
            origin=origin,
        )
        found = await self._invoker.call(
            AppId.MEMORY, "memory/search", request, MemoryHits, timeout_s=TIMEOUT_SECONDS
        )
        return found.items

    async def store(
        self, workspace_id: str, text: str, *, collection: str, origin: RunOrigin, effect_key: str
    ) -> str:
        """See `Memory.store`."""
        request = StoreText(
            workspace_id=workspace_id,
            collection=collection,
            text=text,
            metadata={"run_id": origin.run_id, "step": origin.step},
            effect_key=effect_key,
            origin=origin,
        )
        stored = await self._invoker.call(
            AppId.MEMORY, "memory/store", request, StoredText, timeout_s=TIMEOUT_SECONDS
        )
        return stored.id
