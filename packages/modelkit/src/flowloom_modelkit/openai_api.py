"""Calls any OpenAI-compatible endpoint: one streamed chat completion a call, no retries of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import httpx

from flowloom_contracts.base import JsonObject
from flowloom_modelkit.chunks import AnswerBuilder, parse_object
from flowloom_modelkit.endpoint import MAX_CONNECTIONS, ModelClient
from flowloom_modelkit.errors import (
    ModelAuthError,
    ModelInputError,
    ModelRateLimitError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from flowloom_modelkit.ports import OnDelta
from flowloom_modelkit.requests import ChatMessage, ModelAnswer, ModelRequest
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.sse import EventLines, LineTooLongError
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.structured import response_format, unwrapped
from flowloom_servicekit.errors import FlowloomError

MAX_BODY_BYTES: Final = 8_000_000
MAX_ERROR_BYTES: Final = 8_192
DRAIN_SECONDS: Final = 0.5


class OpenAICaller:
    """A `ModelCaller` over the shared connections of a `ModelClient`."""

    def __init__(self, client: ModelClient, settings: ModelSettings) -> None:
        self._client = client
        self._settings = settings

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Return the whole answer; a stop closes the connection at once, so that the server stops too."""
        stop.raise_if_stopped()
        exchange = asyncio.ensure_future(self._exchange(request, on_delta))
        watch = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({exchange, watch}, return_when=asyncio.FIRST_COMPLETED)
            if not exchange.done():
                stop.raise_if_stopped()
            return await exchange
        finally:
            watch.cancel()
            if not exchange.done():
                exchange.cancel()
                await asyncio.wait({exchange})

    async def _exchange(self, request: ModelRequest, on_delta: OnDelta) -> ModelAnswer:
        builder = AnswerBuilder()
        body = request_body(request, self._settings)
        async with _failures_of_the_wire(), self._response(body) as response:
            if response.status_code != httpx.codes.OK:
                raise await _refusal(response)
            if "text/event-stream" in response.headers.get("content-type", ""):
                await _read_events(response, builder, on_delta)
            else:
                await _read_whole(response, builder, on_delta)
        answer = builder.answer(request)
        if request.output_schema is None:
            return answer
        return answer.model_copy(update={"text": unwrapped(answer.text, request.output_schema)})

    @asynccontextmanager
    async def _response(self, body: JsonObject) -> AsyncIterator[httpx.Response]:
        """Send the request; kept connections that the server had closed in the meantime are passed over."""
        response = None
        for _ in range(MAX_CONNECTIONS + 1):
            connection = _Connection()
            try:
                response = await self._client.ask(body, connection.trace)
                break
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if connection.is_new:
                    raise
        if response is None:
            raise ModelUnavailableError("the model endpoint closes every connection")
        try:
            yield response
        finally:
            await response.aclose()


class _Connection:
    """Learns from the transport whether a request opened its own connection."""

    is_new = False

    async def trace(self, event: str, _: Mapping[str, object]) -> None:
        if event == "connection.connect_tcp.started":
            self.is_new = True


async def _read_events(response: httpx.Response, builder: AnswerBuilder, on_delta: OnDelta) -> None:
    lines, size = EventLines(), 0
    with suppress(TimeoutError):
        async with asyncio.timeout(None) as patience:
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                _check_size(size)
                for payload in lines.feed(chunk):
                    _forward(builder.take(payload), on_delta)
                if builder.terminated:
                    # Read on, so that the pool can keep the connection, but not for ever.
                    patience.reschedule(asyncio.get_running_loop().time() + DRAIN_SECONDS)
    if not builder.done:
        raise ModelUnavailableError("the model endpoint broke off in the middle of its answer")


def _forward(text: str, on_delta: OnDelta) -> None:
    if text:
        on_delta(text)


async def _read_whole(response: httpx.Response, builder: AnswerBuilder, on_delta: OnDelta) -> None:
    """Read the answer of a server that does not stream, or fail on something that is no answer."""
    if "json" not in response.headers.get("content-type", ""):
        raise ModelUnavailableError("the model endpoint answered with neither a stream nor JSON")
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        _check_size(len(body))
    _forward(builder.take_chunk(parse_object(bytes(body)), part="message"), on_delta)


def _check_size(size: int) -> None:
    if size > MAX_BODY_BYTES:
        raise ModelUnavailableError(f"the model endpoint sent more than {MAX_BODY_BYTES} bytes")


def request_body(request: ModelRequest, settings: ModelSettings) -> JsonObject:
    """Return the JSON body of a request; the step's own numbers win over the settings."""
    temperature = settings.model_temperature if request.temperature is None else request.temperature
    optional: JsonObject = {
        "temperature": temperature,
        "top_p": settings.model_top_p if request.top_p is None else request.top_p,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "stop": [*request.stop] or None,
        "response_format": response_format(request.output_schema) if request.output_schema else None,
        "tools": [{"type": "function", "function": tool.model_dump(mode="json")} for tool in request.tools]
        or None,
    }
    return {
        "model": request.model or settings.model_name,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        **settings.model_extra_body,
        **{key: value for key, value in optional.items() if value is not None},
    }


def _message(message: ChatMessage) -> JsonObject:
    body: JsonObject = {"role": message.role, "content": message.content}
    if message.tool_calls:
        body["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    return body


async def _refusal(response: httpx.Response) -> FlowloomError:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ERROR_BYTES:
            break
    status = response.status_code
    detail = f"HTTP {status}: {bytes(body[:400]).decode('utf-8', 'replace')}"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return ModelRateLimitError(detail, retry_after=_retry_after(response))
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return ModelAuthError(f"HTTP {status}")
    if status == httpx.codes.REQUEST_TIMEOUT:
        return ModelTimeoutError(detail)
    if httpx.codes.is_client_error(status):
        return ModelInputError(detail)
    return ModelUnavailableError(detail, retry_after=_retry_after(response))


def _retry_after(response: httpx.Response) -> int | None:
    value = response.headers.get("retry-after", "")
    return min(int(value), 3600) if value.isascii() and value.isdigit() else None


@asynccontextmanager
async def _failures_of_the_wire() -> AsyncIterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise ModelTimeoutError(f"{type(error).__name__} at the model endpoint") from error
    except (httpx.HTTPError, httpx.StreamError, LineTooLongError) as error:
        raise ModelUnavailableError(f"{type(error).__name__} at the model endpoint: {error}") from error
