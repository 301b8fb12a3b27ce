"""Faults of every provider's servers: late, limited, cut anywhere, malformed, ten megabytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from flowloom_modelkit.anthropic_api import AnthropicCaller
from flowloom_modelkit.endpoint import model_client
from flowloom_modelkit.errors import (
    ModelFailure,
    ModelRateLimitError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from flowloom_modelkit.openai_api import OpenAICaller
from flowloom_modelkit.requests import ModelAnswer, ModelRequest, ask
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.endpoint import Reply, fake_endpoint, silent_after, status, streaming

HERE: Final = Path(__file__).parent / "recordings"
PROVIDERS: Final = ("openai", "azure", "google", "ollama", "vllm", "anthropic")
REQUEST: Final = ModelRequest(messages=ask("What do bees eat?"))
each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def events_of(provider: str) -> list[bytes]:
    """Return the events of a recorded stream, each with its empty line."""
    body = (HERE / f"{provider}-stream.http").read_bytes().partition(b"\n\n")[2]
    return [event + b"\n\n" for event in body.split(b"\n\n") if event]


async def answered(provider: str, reply: Reply, **settings: float) -> ModelAnswer:
    async with fake_endpoint(reply) as endpoint:
        made = ModelSettings(model_base_url=endpoint.url, model_name="m", **settings)
        kind = "anthropic" if provider == "anthropic" else "openai_compatible"
        caller = AnthropicCaller if provider == "anthropic" else OpenAICaller
        async with model_client(made, kind=kind) as client:
            return await caller(client, made).stream(REQUEST, on_delta=len, stop=StopSignal())


@each_provider
async def test_a_server_that_falls_silent_is_a_timeout(provider: str) -> None:
    for pieces in ((), events_of(provider)[:2]):
        with pytest.raises(ModelTimeoutError):
            await answered(provider, silent_after(*pieces), model_read_timeout_s=0.1)


@each_provider
@pytest.mark.parametrize(("said", "wait"), [("7", 7), ("99999", 3_600), ("soon", None), ("-1", None)])
async def test_a_limit_says_how_long_to_wait(provider: str, said: str, wait: int | None) -> None:
    with pytest.raises(ModelRateLimitError) as raised:
        await answered(provider, status(429, "{}", f"retry-after: {said}\r\n"))
    assert raised.value.retry_after == wait


@each_provider
async def test_an_answer_that_is_cut_anywhere_is_none(provider: str) -> None:
    """Each event is cut off, and cut through; only what comes after the server's own end may be missing."""
    events = events_of(provider)
    ends = [b'"finish_reason": "', b'"stop_reason": "']
    last = next(n for n, event in enumerate(events) if any(end in event for end in ends))
    for count in range(1, last + 1):
        whole, half = events[:count], events[count][: len(events[count]) // 2]
        for pieces in (whole, [*whole, half]):
            with pytest.raises(ModelUnavailableError):
                await answered(provider, streaming(*pieces, end=False))
            with pytest.raises(ModelUnavailableError):
                await answered(provider, streaming(*pieces))


MALFORMED: Final[tuple[bytes, ...]] = (
    b"data: {not json\n\n",
    b"data: []\n\n",
    b"data: 7\n\n",
    b'data: "text"\n\n',
    b"data: \xff\xfe\n\n",
    b'data: {"type": "content_block_delta", "index": 0, "choices": 3}\n\n',
    b'data: {"type": "content_block_start", "index": -1, "content_block": {}, "choices": [4]}\n\n',
    b'data: {"type": "content_block_start", "index": 1e9, "content_block": {}, "choices": {"a": 1}}\n\n',
    b'data: {"type": "message_start", "choices": [{"delta": {"tool_calls": [7]}}]}\n\n',
    b'data: {"type": "error", "error": {"message": "boom"}}\n\n',
    b"data: " + b"[" * 100_000 + b"\n\n",
)


@each_provider
@pytest.mark.parametrize("broken", MALFORMED)
async def test_what_is_no_event_fails_the_call(provider: str, broken: bytes) -> None:
    first = events_of(provider)[0]
    with pytest.raises(ModelUnavailableError):
        await answered(provider, streaming(first, broken))


@each_provider
@pytest.mark.parametrize("body", ["", "[]", "{}", "null", '{"choices": []}', '{"content": 7}', "<html>"])
async def test_a_whole_answer_that_is_none_fails_or_is_empty(provider: str, body: str) -> None:
    try:
        answer = await answered(provider, status(200, body))
    except ModelUnavailableError:
        return
    assert answer.text == ""


def _text(piece: bytes) -> bytes:
    return b'data: {"choices": [{"index": 0, "delta": {"content": "' + piece + b'"}}]}\n\n'


def _block(piece: bytes) -> bytes:
    delta = b'{"type": "text_delta", "text": "' + piece + b'"}'
    return b'data: {"type": "content_block_delta", "index": 0, "delta": ' + delta + b"}\n\n"


BEGUN: Final = (
    b'data: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}\n\n'
)


@each_provider
async def test_ten_megabytes_are_refused_however_they_come(provider: str) -> None:
    make: Callable[[bytes], bytes] = _block if provider == "anthropic" else _text
    begun = [BEGUN] if provider == "anthropic" else []
    many = [make(b"x" * 100_000)] * 100
    for pieces in ([*begun, *many], [*begun, make(b"x" * 10_000_000)], [b"y" * 100_000] * 100):
        with pytest.raises(ModelUnavailableError):
            await answered(provider, streaming(*pieces))
    with pytest.raises(ModelFailure):
        await answered(provider, status(500, "z" * 10_000_000))
