"""What the gateway asks about MCP servers, and the calls of agents to their tools."""

from fastapi import APIRouter, Depends

from flowloom_contracts.mcp import (
    CallMcpTool,
    CheckMcpServer,
    DescribeMcpTools,
    McpCalled,
    McpCheck,
    McpToolCards,
)
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import problems
from orchestrator.dependencies import Parts
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.domain.files import StepNotHeldError
from orchestrator.routes.refusals import ALWAYS

mcp_servers = APIRouter(
    prefix="/internal/mcp", dependencies=[Depends(caller([AppId.GATEWAY]))], responses=ALWAYS
)
mcp_of_agents = APIRouter(
    prefix="/internal/mcp-tools",
    dependencies=[Depends(caller(AGENT_APP_IDS))],
    responses=ALWAYS | problems(RunNotFoundError, StepNotHeldError),
)


@mcp_servers.post("/check")
async def check_mcp_server(body: CheckMcpServer, parts: Parts) -> McpCheck:
    """Connect to a server and list its tools."""
    return await parts.mcp.check(body)


@mcp_of_agents.post("/describe")
async def describe_mcp_tools(body: DescribeMcpTools, parts: Parts) -> McpToolCards:
    """Return the tools that a step names, in the words that were agreed to."""
    return await parts.agent_calls.describe(body)


@mcp_of_agents.post("/call")
async def call_mcp_tool(body: CallMcpTool, parts: Parts) -> McpCalled:
    """Call a tool for the model of an agent."""
    return await parts.agent_calls.call(body)
