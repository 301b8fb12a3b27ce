"""MCP over streamable HTTP: each message is one request through the guarded client."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Final

import orjson

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.outbound.client import Answer, OutboundClient
from flowloom_servicekit.outbound.redirects import REDIRECTS
from flowloom_servicekit.outbound.request import Limits, OutboundRequest
from orchestrator.adapters.mcp.event_stream import EventData
from orchestrator.adapters.mcp.messages import MESSAGE_BYTES, SessionGoneError, parsed, reply
from orchestrator.domain.mcp import McpCallError

SESSION: Final = "mcp-session-id"
CONNECT_S: Final = 5.0
ASIDE_S: Final = 3.0
"""How long what nobody waits for may take: a cancellation, an answer to the server."""

MOST_QUESTIONS: Final = 16
"""How many requests of its own a server may put into one answer; we offer nothing that it could ask for."""

QUOTED_BYTES: Final = 300


class HttpTransport:
    """Carries messages to one address; `headers` has the credential, which is sent nowhere else."""

    def __init__(self, client: OutboundClient, url: str, headers: Mapping[str, str]) -> None:
        self._client = client
        self._url = url
        self._headers = dict(headers)
        self._session: dict[str, str] = {}
        self.protocol: str | None = None

    async def ask(
        self, message: JsonObject, *, timeout_s: float, key: str | None = None, may_repeat: bool = True
    ) -> JsonObject:
        """Send a request and return the message that answers it.

        Raises McpCallError, and SessionGoneError where a new session would help.
        """
        extra = {} if key is None else {"idempotency-key": key}
        exchange = self._client.stream(
            self._request("POST", message, timeout_s=timeout_s, extra=extra, may_repeat=may_repeat)
        )
        is_answered = False
        try:
            async with exchange as answer:
                self._judge(answer, await _quoted(answer))
                self._session = (
                    {SESSION: answer.headers[SESSION]} if SESSION in answer.headers else self._session
                )
                found = await self._answer_to(message, answer)
                is_answered = True
        except FlowloomError as error:
            raise McpCallError(
                error.code or "upstream", error.detail, is_unknown=exchange.was_sent and not is_answered
            ) from error
        return found

    async def tell(self, message: JsonObject) -> None:
        """Send a message that has no answer; whether it arrives does not matter."""
        with suppress(FlowloomError, TimeoutError):
            async with asyncio.timeout(ASIDE_S):
                await self._client.request(self._request("POST", message, timeout_s=ASIDE_S))

    async def close(self) -> None:
        """End the session at the server."""
        if self._session:
            with suppress(FlowloomError, TimeoutError):
                async with asyncio.timeout(ASIDE_S):
                    await self._client.request(self._request("DELETE", None, timeout_s=ASIDE_S))

    def forget(self) -> None:
        """Begin without a session."""
        self._session, self.protocol = {}, None

    def _request(
        self,
        method: str,
        message: JsonObject | None,
        *,
        timeout_s: float,
        extra: Mapping[str, str] | None = None,
        may_repeat: bool = True,
    ) -> OutboundRequest:
        headers = {
            **self._headers,
            "accept": "application/json, text/event-stream",
            "content-type": "application/json",
            **self._session,
            **({"mcp-protocol-version": self.protocol} if self.protocol else {}),
            **(extra or {}),
        }
        return OutboundRequest(
            method,
            self._url,
            headers,
            None if message is None else orjson.dumps(message),
            limits=Limits(
                connect_s=min(CONNECT_S, timeout_s),
                first_byte_s=timeout_s,
                idle_s=timeout_s,
                total_s=timeout_s,
                body_bytes=MESSAGE_BYTES,
            ),
            is_repeatable=may_repeat,
        )

    def _judge(self, answer: Answer, quoted: str) -> None:
        status = answer.status
        if status == 200:
            return
        if status == 404 and self._session:
            raise SessionGoneError
        if status in REDIRECTS:
            raise McpCallError(
                "upstream",
                f"The server answers {status}: it wants to be called elsewhere. Save the address it means.",
            )
        code = "auth" if status in (401, 403) else "rate_limit" if status == 429 else "upstream"
        said = f" It says: {quoted}" if quoted else ""
        remedy = " Check the secret that its credential names." if code == "auth" else ""
        raise McpCallError(code, f"The server answers {status}.{remedy}{said}")

    async def _answer_to(self, message: JsonObject, answer: Answer) -> JsonObject:
        questions = 0
        async for found in _messages(answer):
            if "method" not in found and found.get("id") == message["id"]:
                return found
            if "method" in found and "id" in found:
                questions += 1
                if questions > MOST_QUESTIONS:
                    raise McpCallError(
                        "upstream", "The server asks for too much instead of answering.", is_unknown=True
                    )
                await self.tell(reply(found))
        raise McpCallError("upstream", "The server's answer ends before there is one.", is_unknown=True)


async def _quoted(answer: Answer) -> str:
    """Return the beginning of an answer that is none, for the message of the error."""
    if answer.status == 200:
        return ""
    with suppress(FlowloomError):
        return (await answer.read())[:QUOTED_BYTES].decode("utf-8", "replace").strip()
    return ""


async def _messages(answer: Answer) -> AsyncIterator[JsonObject]:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        events = EventData()
        async for chunk in answer:
            for data in events.feed(chunk):
                for found in parsed(data):
                    yield found
    elif kind == "application/json":
        for found in parsed(await answer.whole()):
            yield found
    else:
        raise McpCallError(
            "invalid_output", f"The server answers with {kind[:60]!r}, not as an MCP server does."
        )
