"""MCP servers as a test plays them: where they are is a list, how often they are called a count."""

from collections import Counter
from collections.abc import Iterable

from flowloom_contracts.mcp import McpEndpoint, McpTool, McpToolSeen
from flowloom_contracts.step_fields import Effect
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.testing.clock import FakeClock
from orchestrator.adapters.mcp.sessions import KeptSessions
from orchestrator.usecases.call_mcp import McpTools


class PlayedServers:
    """See `McpServers`; `endpoints` can be changed while a test runs."""

    def __init__(self, *endpoints: McpEndpoint) -> None:
        self.endpoints = {endpoint.name: endpoint for endpoint in endpoints}

    async def find(self, workspace_id: str, name: str) -> McpEndpoint | None:
        """See `McpServers.find`."""
        return self.endpoints.get(name)


class InMemoryTally:
    """See `McpTally`; its minute never ends."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.sendings: set[str] = set()
        self.away = False

    async def admit(self, workspace_id: str, server: str, *, calls_per_minute: int) -> float | None:
        """See `McpTally.admit`."""
        if self.away:
            raise StorageUnavailableError("Redis cannot be reached")
        self.counts[workspace_id, server] += 1
        return None if self.counts[workspace_id, server] <= calls_per_minute else 30.0

    async def first(self, sending: str) -> bool:
        """See `McpTally.first`."""
        is_first = sending not in self.sendings
        self.sendings.add(sending)
        return is_first


def agreed_to(seen: Iterable[McpToolSeen], effect: Effect = "once") -> list[McpTool]:
    """Return tools as somebody has agreed to them."""
    return [
        McpTool(
            name=one.name,
            digest=one.digest,
            effect=effect,
            description=one.description,
            input_schema=one.input_schema,
        )
        for one in seen
    ]


def an_endpoint(
    url: str, tools: Iterable[McpTool] = (), *, headers: dict[str, str] | None = None, **more: object
) -> McpEndpoint:
    """Return the server `crm` at an address; `more` are other fields of `McpEndpoint`."""
    fields = {"name": "crm", "url": url, "headers": headers or {}, "calls_per_minute": 60, "timeout_s": 5}
    kept = [tool.model_dump(mode="json") for tool in tools]
    return McpEndpoint.model_validate({**fields, "tools": kept, **more})


def played_mcp(
    client: OutboundClient, *endpoints: McpEndpoint, tally: InMemoryTally | None = None
) -> McpTools:
    """Return what calls the tools of these servers through a client."""
    return McpTools(
        servers=PlayedServers(*endpoints),
        sessions=KeptSessions(client, FakeClock()),
        tally=tally or InMemoryTally(),
    )
