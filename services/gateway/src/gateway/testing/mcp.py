"""MCP servers of workspaces in memory, and an orchestrator that finds tools as a test says."""

from collections.abc import Sequence
from typing import Literal

from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp import McpCheck, McpToolSeen
from flowloom_servicekit.errors import UpstreamError
from gateway.mcp_ports import StoredMcpServer


class InMemoryMcpServers:
    """See `McpServerStore`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], StoredMcpServer] = {}

    async def all(self, workspace_id: str) -> Sequence[StoredMcpServer]:
        """See `McpServerStore.all`."""
        mine = [server for (owner, _), server in self.kept.items() if owner == workspace_id]
        return sorted(mine, key=lambda server: server.spec.name)

    async def get(self, workspace_id: str, server_id: str) -> StoredMcpServer | None:
        """See `McpServerStore.get`."""
        return self.kept.get((workspace_id, server_id))

    async def of_name(self, workspace_id: str, name: str) -> StoredMcpServer | None:
        """See `McpServerStore.of_name`."""
        return next((one for one in await self.all(workspace_id) if one.spec.name == name), None)

    async def put(
        self, workspace_id: str, server: StoredMcpServer, *, over: int | None
    ) -> Literal["saved", "name_taken", "stale"]:
        """See `McpServerStore.put`."""
        known = self.kept.get((workspace_id, server.id))
        if (known.revision if known else None) != over:
            return "stale"
        named = await self.of_name(workspace_id, server.spec.name)
        if named is not None and named.id != server.id:
            return "name_taken"
        self.kept[workspace_id, server.id] = server
        return "saved"

    async def delete(self, workspace_id: str, server_id: str) -> bool:
        """See `McpServerStore.delete`."""
        return self.kept.pop((workspace_id, server_id), None) is not None


class ScriptedMcpCalls:
    """See `McpCalls`; `offered` is what every server offers, `checked` where was asked."""

    def __init__(self) -> None:
        self.offered: list[McpToolSeen] = []
        self.checked: list[JsonObject] = []
        self.problem: str | None = None
        self.away = False

    async def check(self, workspace_id: str, endpoint: JsonObject) -> McpCheck:
        """See `McpCalls.check`."""
        if self.away:
            raise UpstreamError("away")
        self.checked.append(endpoint)
        if self.problem is not None:
            return McpCheck(ok=False, duration_ms=3, code=self.problem, message="It did not work.")
        return McpCheck(ok=True, duration_ms=3, server="played 1", tools=self.offered)
