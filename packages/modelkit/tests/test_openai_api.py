"""The wire format of OpenAI-compatible endpoints, with every fault a server can have."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flowloom_modelkit.endpoint import model_client
from flowloom_modelkit.errors import (
    CallStoppedError,
    ModelAuthError,
    ModelInputError,
    ModelRateLimitError,
    ModelTimeoutError,
    ModelUnavailableError,
    ProviderForbiddenError,
)
from flowloom_modelkit.openai_api import OpenAICaller
from flowloom_modelkit.requests import ModelAnswer, ModelRequest, ToolSpec, ask
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.endpoint import (
    DONE,
    USAGE,
    FakeEndpoint,
    Reply,
    chunk,
    fake_endpoint,
    hang_up,
    silent_after,
    status,
    streaming,
)

QUESTION = ModelRequest(messages=ask("Why?"), max_tokens=20)


def settings_for(url: str, **more: object) -> ModelSettings:
    return ModelSettings(model_base_url=url, model_name="tiny", **more)


@asynccontextmanager
async def caller_of(*replies: Reply, **more: object) -> AsyncIterator[tuple[OpenAICaller, FakeEndpoint]]:
    async with fake_endpoint(*replies) as endpoint:
        settings = settings_for(endpoint.url, **more)
        async with model_client(settings) as client:
            yield OpenAICaller(client, settings), endpoint


async def answer_of(
    *replies: Reply, request: ModelRequest = QUESTION, **more: object
) -> tuple[ModelAnswer, list[str]]:
    deltas: list[str] = []
    async with caller_of(*replies, **more) as (caller, _):
        return await caller.stream(request, on_delta=deltas.append, stop=StopSignal()), deltas


async def test_streams_text_and_counts_tokens() -> None:
    reply = streaming(chunk("Be"), chunk("cause."), chunk(finish_reason="stop"), USAGE, DONE)
    answer, deltas = await answer_of(reply)
    assert (answer.text, deltas) == ("Because.", ["Be", "cause."])
    assert (answer.usage.tokens, answer.estimated, answer.finish_reason) == (10, False, "stop")


async def test_reads_events_cut_anywhere_between_packets() -> None:
    whole = chunk("é") + chunk("ü", finish_reason="stop") + DONE
    answer, _ = await answer_of(streaming(*[whole[i : i + 1] for i in range(len(whole))]))
    assert answer.text == "éü"


async def test_estimates_tokens_when_the_server_does_not_count() -> None:
    answer, _ = await answer_of(streaming(chunk("12345678"), DONE))
    assert (answer.completion_tokens, answer.prompt_tokens, answer.estimated) == (2, 1, True)


async def test_sends_the_steps_numbers_over_those_of_the_settings() -> None:
    request = ModelRequest(messages=ask("Why?", system="Be brief."), temperature=0.0, max_tokens=5, seed=7)
    more = {"model_temperature": 0.9, "model_extra_body": {"repeat_penalty": 1.15}, "model_api_key": "sk-1"}
    async with caller_of(streaming(chunk("a"), DONE), **more) as (caller, endpoint):
        await caller.stream(request, on_delta=lambda _: None, stop=StopSignal())
    body = endpoint.requests[0]
    assert (body["temperature"], body["top_p"], body["max_tokens"], body["seed"]) == (0.0, 0.9, 5, 7)
    assert (body["repeat_penalty"], body["model"], body["stream"]) == (1.15, "tiny", True)
    assert body["stream_options"] == {"include_usage": True}
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "authorization: bearer sk-1" in endpoint.headers[0].lower()


async def test_wraps_a_schema_whose_root_is_no_object_and_takes_the_value_out_again() -> None:
    request = QUESTION.model_copy(update={"output_schema": {"type": "array", "items": {"type": "string"}}})
    async with caller_of(streaming(chunk('{"value": ["a", "ö"]}'), DONE)) as (caller, endpoint):
        answer = await caller.stream(request, on_delta=lambda _: None, stop=StopSignal())
    sent = endpoint.requests[0]["response_format"]["json_schema"]
    assert (sent["strict"], sent["schema"]["required"]) == (True, ["value"])
    assert answer.text == '["a", "ö"]'


async def test_gathers_tool_calls_from_pieces() -> None:
    first = {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "search", "arguments": '{"q"'}}]}
    rest = {"tool_calls": [{"index": 0, "function": {"arguments": ': "x"}'}}]}
    reply = streaming(chunk(delta=first), chunk(delta=rest), chunk(finish_reason="tool_calls"), DONE)
    tool = ToolSpec(name="search", description="Find.", parameters={"type": "object"})
    answer, deltas = await answer_of(reply, request=QUESTION.model_copy(update={"tools": [tool]}))
    call = answer.tool_calls[0]
    assert (call.id, call.name, json.loads(call.arguments), deltas) == ("c1", "search", {"q": "x"}, [])


async def test_accepts_a_server_that_does_not_stream() -> None:
    body = {"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]}
    answer, deltas = await answer_of(status(200, json.dumps(body)))
    assert (answer.text, deltas) == ("whole", ["whole"])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (401, ModelAuthError),
        (403, ModelAuthError),
        (400, ModelInputError),
        (404, ModelInputError),
        (408, ModelTimeoutError),
        (429, ModelRateLimitError),
        (500, ModelUnavailableError),
        (529, ModelUnavailableError),
        (302, ModelUnavailableError),
    ],
)
async def test_maps_a_status_to_a_code_of_the_language(code: int, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        await answer_of(status(code, '{"error": {"message": "no"}}'))


async def test_keeps_how_long_a_limiting_server_asks_to_wait() -> None:
    with pytest.raises(ModelRateLimitError) as caught:
        await answer_of(status(429, headers="retry-after: 3\r\n"))
    assert caught.value.retry_after == 3


@pytest.mark.parametrize(
    "reply",
    [
        streaming(chunk("Be"), end=False),
        streaming(chunk("Be")),
        streaming(b"data: {not json\n\n"),
        streaming(b'data: {"choices": 3}\n\n'),
        streaming(b"<html>busy</html>", content_type="text/html"),
        streaming(chunk("x" * 100_000), *[chunk("x" * 100_000)] * 99, DONE),
        streaming(*[b"y" * 100_000] * 100),
        streaming(b'data: {"error": {"message": "boom"}}\n\n'),
    ],
    ids=["cut", "ended early", "not json", "odd chunk", "html", "10 MB", "endless line", "reported"],
)
async def test_fails_as_upstream_when_the_answer_is_broken(reply: Reply) -> None:
    with pytest.raises(ModelUnavailableError):
        await answer_of(reply)


async def test_fails_as_rate_limit_when_the_stream_says_so() -> None:
    with pytest.raises(ModelRateLimitError):
        await answer_of(streaming(b'data: {"error": {"message": "slow down", "code": 429}}\n\n'))


async def test_fails_as_timeout_when_the_server_is_silent() -> None:
    with pytest.raises(ModelTimeoutError):
        await answer_of(silent_after(chunk("Be")), model_read_timeout_s=0.05)


async def test_fails_as_upstream_when_nobody_listens() -> None:
    async with fake_endpoint(status(200)) as endpoint:
        pass
    settings = settings_for(endpoint.url)
    async with model_client(settings) as client:
        with pytest.raises(ModelUnavailableError):
            await OpenAICaller(client, settings).stream(QUESTION, on_delta=print, stop=StopSignal())


async def test_closes_the_connection_within_a_second_when_stopped() -> None:
    stop, started = StopSignal(), asyncio.Event()
    async with caller_of(silent_after(chunk("Be"))) as (caller, endpoint):
        call = asyncio.ensure_future(caller.stream(QUESTION, on_delta=lambda _: started.set(), stop=stop))
        await asyncio.wait_for(started.wait(), 5)
        stop.stop("cancelled")
        with pytest.raises(CallStoppedError):
            await asyncio.wait_for(call, 1)
        await asyncio.wait_for(endpoint.hung_up.wait(), 1)


async def test_makes_no_call_when_stopped_before() -> None:
    stop = StopSignal()
    stop.stop("cancelled")
    async with caller_of(status(200)) as (caller, endpoint):
        with pytest.raises(CallStoppedError):
            await caller.stream(QUESTION, on_delta=print, stop=stop)
        assert endpoint.requests == []


async def test_uses_one_connection_for_calls_one_after_the_other() -> None:
    async with caller_of(streaming(chunk("a"), DONE)) as (caller, endpoint):
        for _ in range(3):
            await caller.stream(QUESTION, on_delta=lambda _: None, stop=StopSignal())
        assert endpoint.connections == 1


async def test_opens_a_new_connection_when_the_server_has_closed_the_kept_one() -> None:
    async with caller_of(streaming(chunk("a"), DONE), hang_up, streaming(chunk("b"), DONE)) as (
        caller,
        endpoint,
    ):
        answers = [await caller.stream(QUESTION, on_delta=len, stop=StopSignal()) for _ in range(2)]
        assert ([answer.text for answer in answers], endpoint.connections) == (["a", "b"], 2)


async def test_makes_one_request_when_a_new_connection_is_closed_without_an_answer() -> None:
    async with caller_of(hang_up) as (caller, endpoint):
        with pytest.raises(ModelUnavailableError):
            await caller.stream(QUESTION, on_delta=len, stop=StopSignal())
        assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "url", ["https://api.example.com/v1", "http://10.0.0.8/v1", "http://localhost.example/v1"]
)
def test_refuses_an_endpoint_elsewhere_when_provider_calls_are_forbidden(url: str) -> None:
    with pytest.raises(ProviderForbiddenError):
        model_client(settings_for(url, forbid_provider_calls=True))
