"""One conversation with an MCP server: introduced once, its tools listed anew when they may have changed."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.step_fields import Effect
from flowloom_servicekit.clock import Clock
from orchestrator.adapters.mcp.messages import SessionGoneError
from orchestrator.domain.mcp import McpCallError, Offer, ensure_shallow, offer_of

PROTOCOLS: Final = ("2025-11-25", "2025-06-18", "2025-03-26")
"""Those we speak, the one we ask for first."""

CLIENT: Final[JsonObject] = {"name": "flowloom", "version": "1"}
LIST_S: Final = 20.0
MOST_PAGES: Final = 20
MOST_LISTED: Final = 1_000
EFFECT_KEY: Final = "flowloom/idempotency-key"
SHOWN_CHARS: Final = 120
INVALID_PARAMS: Final = -32602


class Transport(Protocol):
    """How messages travel."""

    protocol: str | None

    async def ask(
        self, message: JsonObject, *, timeout_s: float, key: str | None = None, may_repeat: bool = True
    ) -> JsonObject:
        """Send a request and return the message that answers it."""

    async def tell(self, message: JsonObject) -> None:
        """Send a message that has no answer."""

    async def close(self) -> None:
        """End the conversation."""

    def forget(self) -> None:
        """Begin the conversation anew."""


class ServerSession:
    """See `McpSession`."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._numbers = 0
        self._introduced: JsonObject | None = None
        self._offer: tuple[float, Offer] | None = None
        self._listing = asyncio.Lock()
        self._introducing = asyncio.Lock()
        self._aside: set[asyncio.Task[None]] = set()

    async def offer(self, *, fresh_s: float) -> Offer:
        """See `McpSession.offer`."""
        async with self._listing:
            now = self._clock.monotonic()
            if self._offer is None or now - self._offer[0] >= fresh_s:
                with _before_a_call():
                    self._offer = (now, offer_of(await self._listed()))
            return self._offer[1]

    async def call(
        self, tool: str, arguments: JsonObject, *, effect: Effect, key: str, timeout_s: float
    ) -> JsonObject:
        """See `McpSession.call`."""
        params: JsonObject = {"name": tool, "arguments": arguments, "_meta": {EFFECT_KEY: key}}
        request = self._request("tools/call", params)
        try:
            answer = await self._asked(
                request,
                timeout_s=timeout_s,
                key=None if effect == "none" else key,
                may_repeat=effect != "once",
            )
        except asyncio.CancelledError:
            self._tell_aside(
                _note("notifications/cancelled", {"requestId": request["id"], "reason": "stopped"})
            )
            raise
        except McpCallError as error:
            if error.code == "timeout":
                note = {"requestId": request["id"], "reason": "it took too long"}
                self._tell_aside(_note("notifications/cancelled", note))
            raise
        ensure_shallow(answer)
        return answer

    def about(self) -> Mapping[str, str]:
        """See `McpSession.about`."""
        said = (self._introduced or {}).get("serverInfo")
        info = said if isinstance(said, dict) else {}
        name = f"{info.get('name', '')} {info.get('version', '')}".strip()
        return {"server": name[:SHOWN_CHARS], "protocol": self._transport.protocol or ""}

    async def close(self) -> None:
        """End the conversation."""
        for task in self._aside:
            task.cancel()
        await self._transport.close()

    async def _listed(self) -> list[JsonValue]:
        found: list[JsonValue] = []
        cursor: JsonValue = None
        for _ in range(MOST_PAGES):
            params: JsonObject = {} if cursor is None else {"cursor": cursor}
            page = await self._asked(self._request("tools/list", params), timeout_s=LIST_S)
            ensure_shallow(page)
            tools = page.get("tools")
            if not isinstance(tools, list):
                raise McpCallError("invalid_output", "The server's list of tools is none.")
            found += tools
            cursor = page.get("nextCursor")
            if cursor is None:
                return found
            if len(found) > MOST_LISTED:
                break
        raise McpCallError(
            "invalid_output", f"The server lists more than {MOST_LISTED:,} tools, or without end."
        )

    async def _asked(
        self, request: JsonObject, *, timeout_s: float, key: str | None = None, may_repeat: bool = True
    ) -> JsonObject:
        """Return the result of a request; a session that the server has forgotten begins anew, once."""
        for is_last in (False, True):
            async with self._introducing:
                if self._introduced is None:
                    with _before_a_call():
                        await self._introduce()
                introduced = self._introduced
            try:
                answer = await self._transport.ask(
                    request, timeout_s=timeout_s, key=key, may_repeat=may_repeat
                )
            except SessionGoneError as error:
                if self._introduced is introduced:  # else another call has begun it anew already
                    self._transport.forget()
                    self._introduced = None
                if is_last and error.lost is not None:
                    raise error.lost from error
                if is_last:
                    break
                continue
            return _result(answer)
        raise McpCallError("upstream", "The server forgets its session as soon as it has begun.")

    async def _introduce(self) -> None:
        params: JsonObject = {"protocolVersion": PROTOCOLS[0], "capabilities": {}, "clientInfo": CLIENT}
        try:
            result = _result(await self._transport.ask(self._request("initialize", params), timeout_s=LIST_S))
        except SessionGoneError as error:
            raise error.lost or McpCallError("upstream", "The server has no such address.") from error
        spoken = result.get("protocolVersion")
        if spoken not in PROTOCOLS:
            raise McpCallError(
                "upstream",
                f"The server speaks MCP {str(spoken)[:20]!r}; here is spoken {', '.join(PROTOCOLS)}.",
            )
        self._transport.protocol = str(spoken)
        await self._transport.tell(_note("notifications/initialized"))
        self._introduced = result

    def _request(self, method: str, params: JsonObject) -> JsonObject:
        self._numbers += 1
        return {"jsonrpc": "2.0", "id": self._numbers, "method": method, "params": params}

    def _tell_aside(self, note: JsonObject) -> None:
        task = asyncio.ensure_future(self._transport.tell(note))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)


@contextmanager
def _before_a_call() -> Iterator[None]:
    """Whatever fails in here, no tool was called yet: everybody knows what it has done."""
    try:
        yield
    except McpCallError as error:
        raise McpCallError(error.code, error.message) from error


def _note(method: str, params: JsonObject | None = None) -> JsonObject:
    return {"jsonrpc": "2.0", "method": method, **({} if params is None else {"params": params})}


def _result(answer: JsonObject) -> JsonObject:
    error = answer.get("error")
    if error is not None:
        said = error if isinstance(error, dict) else {}
        code = "invalid_input" if said.get("code") == INVALID_PARAMS else "upstream"
        raise McpCallError(code, f"The server refuses: {str(said.get('message', ''))[:500]}")
    result = answer.get("result")
    if not isinstance(result, dict):
        raise McpCallError("invalid_output", "The server's answer has no result.")
    return result
