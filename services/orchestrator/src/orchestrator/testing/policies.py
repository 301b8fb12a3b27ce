"""Policies of workspaces in memory."""

from collections.abc import Mapping

from flowloom_contracts.preferences import WorkspacePolicy


class InMemoryPolicies:
    """See `PolicyStore`."""

    def __init__(self) -> None:
        self._kept: dict[str, WorkspacePolicy] = {}

    async def put(self, policy: WorkspacePolicy) -> int:
        """See `PolicyStore.put`."""
        known = await self.get(policy.workspace_id)
        if policy.revision > known.revision:
            self._kept[policy.workspace_id] = policy
        return max(policy.revision, known.revision)

    async def get(self, workspace_id: str) -> WorkspacePolicy:
        """See `PolicyStore.get`."""
        return self._kept.get(workspace_id, WorkspacePolicy(workspace_id=workspace_id, revision=0))

    async def retention(self) -> Mapping[str, int]:
        """See `PolicyStore.retention`."""
        found = self._kept.values()
        return {one.workspace_id: one.run_retention_days for one in found if one.run_retention_days}
