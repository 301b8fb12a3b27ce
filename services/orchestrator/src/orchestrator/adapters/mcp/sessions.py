"""Keeps conversations with MCP servers between calls, one for each workspace, address and credential."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import orjson

from flowloom_contracts.mcp import McpEndpoint
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.outbound.client import OutboundClient
from orchestrator.adapters.mcp.http_transport import HttpTransport
from orchestrator.adapters.mcp.session import ServerSession, Transport
from orchestrator.adapters.mcp.stdio_transport import ProgramHall, StdioTransport
from orchestrator.domain.mcp_programs import Program
from orchestrator.ports.mcp import McpSession

MOST: Final = 256
IDLE_S: Final = 600.0


@dataclass(slots=True)
class _Kept:
    session: ServerSession
    used_at: float
    users: int = 0


class KeptSessions:
    """See `McpSessions`. A new credential or address is a new conversation."""

    def __init__(self, client: OutboundClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._hall = ProgramHall()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self, workspace_id: str, server: McpEndpoint | Program) -> AsyncIterator[McpSession]:
        """See `McpSessions.open`."""
        key, now = _key(workspace_id, server), self._clock.monotonic()
        kept = self._kept.get(key)
        if kept is None:
            session = ServerSession(self._transport(server), self._clock)
            kept = self._kept[key] = _Kept(session, now)
        self._kept.move_to_end(key)
        kept.users, kept.used_at = kept.users + 1, now
        self._tidy(now)
        try:
            yield kept.session
        finally:
            kept.users -= 1

    async def aclose(self) -> None:
        """End every conversation."""
        sessions = [one.session for one in self._kept.values()]
        self._kept.clear()
        await asyncio.gather(*(session.close() for session in sessions), *self._closing)

    def _transport(self, server: McpEndpoint | Program) -> Transport:
        if isinstance(server, Program):
            return StdioTransport(server, self._hall, self._clock)
        headers = {name: value.get_secret_value() for name, value in server.headers.items()}
        return HttpTransport(self._client, server.url, headers)

    def _tidy(self, now: float) -> None:
        """Let go of what has not been used for long, and of the oldest above the limit."""
        for key, kept in list(self._kept.items()):
            is_old = now - kept.used_at > IDLE_S
            if not is_old and len(self._kept) <= MOST:
                break
            if not kept.users:
                del self._kept[key]
                task = asyncio.ensure_future(kept.session.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)


def _key(workspace_id: str, server: McpEndpoint | Program) -> str:
    if isinstance(server, Program):
        return f"{workspace_id} {server.name}"
    headers = {name: value.get_secret_value() for name, value in server.headers.items()}
    said = [workspace_id, server.url, headers]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
