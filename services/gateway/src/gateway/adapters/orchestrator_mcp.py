"""The orchestrator, which talks to MCP servers, through the sidecar."""

from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp import CheckMcpServer, McpCheck
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker

CHECK_SECONDS: Final = 25.0


class OrchestratorMcpCalls:
    """McpCalls over service invocation."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def check(self, workspace_id: str, endpoint: JsonObject) -> McpCheck:
        """Connect and list the tools."""
        request = CheckMcpServer(workspace_id=workspace_id, endpoint=endpoint)
        return await self._invoker.call(
            AppId.ORCHESTRATOR, "mcp/check", request, McpCheck, timeout_s=CHECK_SECONDS
        )
