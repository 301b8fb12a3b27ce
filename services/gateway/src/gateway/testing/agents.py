"""The agents of workspaces, in memory."""

from collections.abc import Sequence
from typing import Literal

from gateway.agent_ports import StoredAgent


class InMemoryAgents:
    """See `AgentStore`; `reads` counts how often all of a workspace's were asked for."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], StoredAgent] = {}
        self.reads = 0

    async def all(self, workspace_id: str) -> Sequence[StoredAgent]:
        """See `AgentStore.all`."""
        self.reads += 1
        mine = [agent for (owner, _), agent in self.kept.items() if owner == workspace_id]
        return sorted(mine, key=lambda agent: agent.name)

    async def get(self, workspace_id: str, name: str) -> StoredAgent | None:
        """See `AgentStore.get`."""
        return self.kept.get((workspace_id, name))

    async def put(
        self, workspace_id: str, agent: StoredAgent, *, user_id: str, over: int | None
    ) -> Literal["saved", "stale"]:
        """See `AgentStore.put`."""
        known = self.kept.get((workspace_id, agent.name))
        if (known.revision if known else None) != over:
            return "stale"
        self.kept[workspace_id, agent.name] = agent
        return "saved"

    async def delete(self, workspace_id: str, name: str, *, over: int) -> Literal["deleted", "stale"]:
        """See `AgentStore.delete`."""
        known = self.kept.get((workspace_id, name))
        if known is None or known.revision != over:
            return "stale"
        del self.kept[workspace_id, name]
        return "deleted"
