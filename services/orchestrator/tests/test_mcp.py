"""Tools of MCP servers: a real server of the SDK."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from mcp.server.fastmcp import FastMCP
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations

from flowloom_contracts.base import JsonValue
from flowloom_modelkit.errors import CallStoppedError
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.domain.mcp import McpCallError
from orchestrator.testing.mcp import agreed_to, an_endpoint, played_mcp
from orchestrator.testing.mcp_servers import URL, call, checked, client_of, internet_of


@dataclass
class RealServer:
    """The SDK's own server, on this machine."""

    port: int
    calls: list[tuple[str, JsonValue]] = field(default_factory=list)
    said: FastMCP[None] | None = None


@asynccontextmanager
async def real_server() -> AsyncIterator[RealServer]:
    """Run it with three tools."""
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    made: FastMCP[None] = FastMCP("crm", transport_security=security, log_level="ERROR")
    real = RealServer(0, said=made)

    @made.tool(annotations=ToolAnnotations(readOnlyHint=True))
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        real.calls.append(("add", [a, b]))
        return a + b

    @made.tool()
    async def wait() -> str:
        """Answer never."""
        real.calls.append(("wait", None))
        await asyncio.Event().wait()
        return "waited"

    @made.tool()
    def fail(why: str) -> str:
        """Fail."""
        raise ValueError(why)

    config = uvicorn.Config(made.streamable_http_app(), port=0, log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    await wait_until(lambda: server.started, timeout_s=10)
    real.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield real
    finally:
        server.should_exit = True
        await serving


async def test_lists_and_calls_the_tools_of_a_real_server() -> None:
    async with real_server() as real, client_of(internet_of(real.port)) as client:
        found = await checked(client)
        assert (found.ok, found.left_out) == (True, [])
        assert found.server is not None and found.server.startswith("crm ")
        effects = {tool.name: tool.suggested_effect for tool in found.tools}
        assert effects == {"add": "none", "wait": "once", "fail": "once"}
        endpoint = an_endpoint(URL, agreed_to(found.tools))
        tools = played_mcp(client, endpoint)
        agreed = await tools.find("w", "mcp/crm.add")
        for number in range(3):
            result = await tools.call("w", agreed, {"a": number, "b": 2}, key="k", timeout_s=5)
            assert result == {"result": number + 2}
        failing = await tools.find("w", "mcp/crm.fail")
        with pytest.raises(McpCallError, match=r"fail failed: .*no luck") as raised:
            await tools.call("w", failing, {"why": "no luck"}, key="k", timeout_s=5)
        assert (raised.value.code, raised.value.is_unknown) == ("upstream", False)
        assert real.calls == [("add", [0, 2]), ("add", [1, 2]), ("add", [2, 2])]


async def test_a_call_that_takes_too_long_is_of_unknown_result() -> None:
    async with real_server() as real, client_of(internet_of(real.port)) as client:
        endpoint = an_endpoint(URL, agreed_to((await checked(client)).tools), timeout_s=1)
        with pytest.raises(McpCallError) as raised:
            await call(client, endpoint, {}, tool="mcp/crm.wait")
        assert (raised.value.code, raised.value.is_unknown) == ("timeout", True)


async def test_a_stop_ends_a_call_at_once() -> None:
    async with real_server() as real, client_of(internet_of(real.port)) as client:
        endpoint, stop = (
            an_endpoint(URL, agreed_to((await checked(client)).tools), timeout_s=60),
            StopSignal(),
        )

        async def stopped() -> None:
            with stop.interrupting():
                await call(client, endpoint, {}, tool="mcp/crm.wait")

        calling = asyncio.ensure_future(stopped())
        await wait_until(lambda: bool(real.calls), timeout_s=10)
        stop.stop("cancelled")
        with pytest.raises(CallStoppedError):
            await asyncio.wait_for(calling, timeout=2)
