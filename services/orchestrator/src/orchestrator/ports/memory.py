"""The workspace's memory, as `tool` steps use it."""

from collections.abc import Sequence
from typing import Protocol

from flowloom_contracts.memory import MemoryHit, RunOrigin
from flowloom_contracts.run_memory import WorkflowSight


class Memory(Protocol):
    """Notes of a workspace, nearest in meaning first."""

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
        """Return the stored notes nearest to a query, of run memory what is in sight.

        Raises `UpstreamError`.
        """

    async def store(
        self, workspace_id: str, text: str, *, collection: str, origin: RunOrigin, effect_key: str
    ) -> str:
        """Keep a text and return its id; the same effect key keeps it once. Raises `UpstreamError`."""
