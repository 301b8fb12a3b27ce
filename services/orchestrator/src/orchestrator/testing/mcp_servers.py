"""Servers of tools that say what a test plans, and what asks them as the platform does."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.mcp import CheckMcpServer, McpCheck, McpEndpoint
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.testing.outside import FakeInternet, FakeServer, Reply, answer, fake_server
from orchestrator.domain.mcp import offer_of
from orchestrator.testing.mcp import agreed_to, an_endpoint, played_mcp

ORIGIN = "https://tools.example"
URL = f"{ORIGIN}/mcp"
JSON = "content-type: application/json\r\n"
ADD: JsonObject = {
    "name": "add",
    "description": "Add two numbers.",
    "inputSchema": {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
    },
}


def internet_of(port: int) -> FakeInternet:
    """Return an internet whose one origin leads to a port of this machine."""
    return FakeInternet({ORIGIN: FakeServer([], port=port)})


def client_of(internet: FakeInternet) -> OutboundClient:
    return OutboundClient(resolver=internet, dialler=internet)


async def checked(client: OutboundClient, **more: object) -> McpCheck:
    endpoint = an_endpoint(URL, **more)  # type: ignore[arg-type]  # fields by name
    return await played_mcp(client).check(CheckMcpServer(workspace_id="w", endpoint=endpoint.with_headers()))


@asynccontextmanager
async def a_hostile(*replies: Reply) -> AsyncIterator[tuple[FakeServer, OutboundClient]]:
    """Give a server that says what a test plans, and a client that reaches it."""
    async with fake_server(*replies) as server, client_of(FakeInternet({ORIGIN: server})) as client:
        yield server, client


def said(result: JsonObject, number: int) -> bytes:
    """Return the bytes of a whole answer to a request."""
    return answer(200, json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode(), JSON)


HELLO = said(
    {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "h", "version": "1"}}, 2
)
"""Answers `initialize`, which is the second message: the list that needs it was numbered before it."""
NOTED = answer(202)


def listed(*tools: JsonValue, number: int = 1, **more: JsonValue) -> bytes:
    return said({"tools": list(tools), **more}, number)


def agreed_endpoint(*definitions: JsonValue, **more: object) -> McpEndpoint:
    return an_endpoint(URL, agreed_to(offer_of(definitions).tools.values()), **more)  # type: ignore[arg-type]  # fields by name


async def call(
    client: OutboundClient, endpoint: McpEndpoint, arguments: JsonObject, *, tool: str = "mcp/crm.add"
) -> JsonValue:
    """Call a tool that is agreed to."""
    tools = played_mcp(client, endpoint)
    return await tools.call("w", await tools.find("w", tool), arguments, key="key-1", timeout_s=5)
