"""What the MCP servers of workspaces need from outside, and the record that travels there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp import McpCheck, McpTool, SaveMcpServer


@dataclass(frozen=True, slots=True)
class StoredMcpServer:
    """A server as it is kept; `tools` are agreed to with all the words that a model is shown."""

    id: str
    spec: SaveMcpServer
    tools: tuple[McpTool, ...]
    revision: int
    updated_at: datetime


class McpServerStore(Protocol):
    """The MCP servers of one workspace at a time."""

    async def all(self, workspace_id: str) -> Sequence[StoredMcpServer]:
        """Return them by name; there are few."""

    async def get(self, workspace_id: str, server_id: str) -> StoredMcpServer | None:
        """Return a server of this workspace."""

    async def of_name(self, workspace_id: str, name: str) -> StoredMcpServer | None:
        """Return the server of this workspace that has a name."""

    async def put(
        self, workspace_id: str, server: StoredMcpServer, *, over: int | None
    ) -> Literal["saved", "name_taken", "stale"]:
        """Store a new server, or one over the state of a revision."""

    async def delete(self, workspace_id: str, server_id: str) -> bool:
        """Delete a server; False if this workspace has none of this id."""


class McpCalls(Protocol):
    """The orchestrator, which alone talks to MCP servers."""

    async def check(self, workspace_id: str, endpoint: JsonObject) -> McpCheck:
        """Connect and list the tools; whatever goes wrong is the answer."""
