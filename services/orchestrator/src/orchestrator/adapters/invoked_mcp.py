"""The MCP servers of workspaces from the gateway, kept for as long as a change of them may take to hold."""

from collections import OrderedDict
from typing import Final

from flowloom_contracts.mcp import McpEndpoint, ResolvedMcpServer, ResolveMcpServer
from flowloom_contracts.topics import AppId
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.invoke import Invoker

FRESH_SECONDS: Final = 1.0
TIMEOUT_SECONDS: Final = 5.0
MOST_KNOWN: Final = 500


class InvokedMcpServers:
    """See `McpServers`."""

    def __init__(self, invoker: Invoker, clock: Clock) -> None:
        self._invoker = invoker
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[float, McpEndpoint | None]] = OrderedDict()

    async def find(self, workspace_id: str, name: str) -> McpEndpoint | None:
        """See `McpServers.find`."""
        asked_at = self._clock.monotonic()
        known = self._known.get((workspace_id, name))
        if known is not None and asked_at - known[0] < FRESH_SECONDS:
            return known[1]
        said = await self._invoker.call(
            AppId.GATEWAY,
            "mcp/resolve",
            ResolveMcpServer(workspace_id=workspace_id, name=name),
            ResolvedMcpServer,
            timeout_s=TIMEOUT_SECONDS,
        )
        endpoint = None if said.endpoint is None else McpEndpoint.model_validate(said.endpoint)
        self._known[workspace_id, name] = (asked_at, endpoint)
        self._known.move_to_end((workspace_id, name))
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return endpoint
