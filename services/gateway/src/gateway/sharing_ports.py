"""Where it is kept with whom workflows are shared."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.sharing import Share
from gateway.domain.sharing import Shares


class SharingStore(Protocol):
    """Restricted workflows; one that is not kept here is everybody's. A deleted one stays restricted."""

    async def restricted(self, workspace_ids: Collection[str]) -> Mapping[str, Shares]:
        """Return what is restricted in each of these workspaces; one without any may be missing."""

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
        """Share a workflow with these, or with everybody for None, if it was shared with `over` till now.

        The audit log tells of it.
        """
