"""What workspaces have decided for all of their runs."""

from collections.abc import Mapping
from typing import Protocol

from flowloom_contracts.preferences import WorkspacePolicy


class PolicyStore(Protocol):
    """The policies that the gateway has told."""

    async def put(self, policy: WorkspacePolicy) -> int:
        """Keep a policy over an older one; return the revision that holds now."""

    async def get(self, workspace_id: str) -> WorkspacePolicy:
        """Return the policy of a workspace; one that has decided nothing has the one of the start."""

    async def retention(self) -> Mapping[str, int]:
        """Return for how many days each workspace that says so keeps its ended runs."""
