"""What calls of MCP tools need from outside."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp import McpEndpoint
from flowloom_contracts.step_fields import Effect
from orchestrator.domain.mcp import Offer
from orchestrator.domain.mcp_programs import Program


class McpServers(Protocol):
    """Where the servers of workspaces are."""

    async def find(self, workspace_id: str, name: str) -> McpEndpoint | Program | None:
        """Return a server as it was a second ago at most; raises `UpstreamError`."""


class McpSession(Protocol):
    """A conversation with one server. Everything raises `McpCallError`."""

    async def offer(self, *, fresh_s: float) -> Offer:
        """Return the tools that it offers, as it said at most so many seconds ago."""

    async def call(
        self, tool: str, arguments: JsonObject, *, effect: Effect, key: str, timeout_s: float
    ) -> JsonObject:
        """Call a tool and return its whole answer; a cancellation tells the server."""

    def about(self) -> Mapping[str, str]:
        """Return how the server calls itself and which protocol it speaks."""


class McpSessions(Protocol):
    """Conversations that are kept between calls."""

    def open(
        self, workspace_id: str, server: McpEndpoint | Program
    ) -> AbstractAsyncContextManager[McpSession]:
        """Give the conversation with a server, a new one where there is none."""


class McpTally(Protocol):
    """Counts for all processes what may happen only so often; raises `UpstreamError`."""

    async def admit(self, workspace_id: str, server: str, *, calls_per_minute: int) -> float | None:
        """Count a call; where the minute has no room return the seconds until the next one."""

    async def first(self, sending: str) -> bool:
        """Whether nobody has begun this sending before."""
