"""With whom workflows are shared, in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from flowloom_contracts.sharing import Share
from gateway.domain.sharing import Shares


class InMemorySharing:
    """See `SharingStore`; `reads` counts how often it was asked."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Sequence[Share]]] = {}
        self.reads = 0

    async def restricted(self, workspace_ids: Collection[str]) -> Mapping[str, Shares]:
        """See `SharingStore.restricted`."""
        self.reads += 1
        return {one: dict(self.kept.get(one, {})) for one in workspace_ids}

    async def replace(
        self,
        workspace_id: str,
        workflow_id: str,
        shares: Sequence[Share] | None,
        *,
        over: Sequence[Share] | None,
        user_id: str,
        now: datetime,
    ) -> Literal["saved", "stale"]:
        """See `SharingStore.replace`."""
        known = self.kept.setdefault(workspace_id, {})
        if known.get(workflow_id) != (None if over is None else list(over)):
            return "stale"
        known.pop(workflow_id, None)
        if shares is not None:
            known[workflow_id] = list(shares)
        return "saved"
