"""One streamed call over HTTP, whatever the provider's words: read, gathered, and told how it failed."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from flowloom_contracts.base import JsonObject
from flowloom_modelkit.chunks import parse_object
from flowloom_modelkit.endpoint import ModelClient
from flowloom_modelkit.errors import (
    ModelAuthError,
    ModelInputError,
    ModelRateLimitError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from flowloom_modelkit.ports import OnDelta
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.sse import EventLines, LineTooLongError
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.structured import unwrapped
from flowloom_servicekit.errors import FlowloomError, UpstreamError
from flowloom_servicekit.outbound.client import Answer
from flowloom_servicekit.outbound.errors import (
    AddressRefusedError,
    AnswerTooLargeError,
    OutboundTimeoutError,
    UpstreamUnreachableError,
)

MAX_ERROR_BYTES: Final = 8_192
DRAIN_SECONDS: Final = 0.5
CLIENT_ERRORS: Final = range(400, 500)
BAD_KEY: Final = b"API_KEY_INVALID"
"""Google's word for a key that it does not know; its status is that of any bad request."""


class Gatherer(Protocol):
    """Takes an answer piece by piece. `take` and `take_whole` return the text in a piece."""

    @property
    def terminated(self) -> bool:
        """Whether nothing more is to come."""

    @property
    def done(self) -> bool:
        """Whether the server ended the answer itself."""

    def take(self, payload: bytes) -> str:
        """Take one event; raises a `ModelFailure` for an error or for what is none."""

    def take_whole(self, body: JsonObject) -> str:
        """Take an answer that was not streamed; raises a `ModelFailure`."""

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the whole answer; raises a `ModelFailure`."""


@dataclass(frozen=True)
class Call:
    """A request in a provider's words, and what gathers the answer to it."""

    request: ModelRequest
    body: JsonObject
    gatherer: Gatherer


async def exchanged(client: ModelClient, call: Call, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
    """Return the answer to a call; a stop closes the connection at once, so that the server stops too.

    Raises a `ModelFailure`, or `CallStoppedError`.
    """
    await _exchanged(client, call, on_delta=on_delta, stop=stop)
    answer, schema = call.gatherer.answer(call.request), call.request.output_schema
    return answer if schema is None else answer.model_copy(update={"text": unwrapped(answer.text, schema)})


async def _exchanged(client: ModelClient, call: Call, *, on_delta: OnDelta, stop: StopSignal) -> None:
    with stop.interrupting():
        try:
            async with client.ask(call.body) as answer:
                await _gather(answer, call.gatherer, on_delta)
        except OutboundTimeoutError as error:
            raise ModelTimeoutError(error.detail) from error
        except (UpstreamUnreachableError, AnswerTooLargeError, AddressRefusedError) as error:
            raise ModelUnavailableError(error.detail) from error
        except LineTooLongError as error:
            raise ModelUnavailableError(f"the model endpoint sent {error}") from error


async def _gather(answer: Answer, gatherer: Gatherer, on_delta: OnDelta) -> None:
    if answer.status != HTTPStatus.OK:
        raise await _refusal(answer)
    kind = answer.headers.get("content-type", "")
    if "text/event-stream" in kind:
        await _read_events(answer, gatherer, on_delta)
    elif "json" in kind:
        _forward(gatherer.take_whole(parse_object(await answer.whole())), on_delta)
    else:
        raise ModelUnavailableError("the model endpoint answered with neither a stream nor JSON")


async def _read_events(answer: Answer, gatherer: Gatherer, on_delta: OnDelta) -> None:
    lines = EventLines()
    while not gatherer.terminated and (piece := await answer.read()):
        for payload in lines.feed(piece):
            _forward(gatherer.take(payload), on_delta)
    if not gatherer.done:
        raise ModelUnavailableError("the model endpoint broke off in the middle of its answer")
    if not answer.is_whole:
        await _drain(answer)


async def _drain(answer: Answer) -> None:
    """Read on after the last event, so that the connection can be kept, but not for ever."""
    with suppress(TimeoutError, UpstreamError, AnswerTooLargeError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while await answer.read():
                pass


def _forward(text: str, on_delta: OnDelta) -> None:
    if text:
        on_delta(text)


async def _refusal(answer: Answer) -> FlowloomError:
    body = bytearray()
    while len(body) < MAX_ERROR_BYTES and (piece := await answer.read()):
        body += piece
    status = answer.status
    detail = f"HTTP {status}: {bytes(body[:400]).decode('utf-8', 'replace')}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ModelRateLimitError(detail, retry_after=_retry_after(answer))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) or BAD_KEY in body:
        return ModelAuthError(f"HTTP {status}")
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return ModelTimeoutError(detail)
    if status in CLIENT_ERRORS:
        return ModelInputError(detail)
    return ModelUnavailableError(detail, retry_after=_retry_after(answer))


def _retry_after(answer: Answer) -> int | None:
    value = answer.headers.get("retry-after", "")
    return min(int(value), 3600) if value.isascii() and value.isdigit() else None
