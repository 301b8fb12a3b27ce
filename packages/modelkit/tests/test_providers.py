"""The wire formats of providers, replayed through the real adapters: what was said comes out the same."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.models import ModelEndpoint, ProviderKind, ResolvedModel, ResolveModel
from flowloom_modelkit.errors import (
    ModelAuthError,
    ModelFailure,
    ModelInputError,
    ModelRateLimitError,
    ModelUnavailableError,
)
from flowloom_modelkit.requests import ChatMessage, ModelAnswer, ModelRequest, ToolCall, ToolSpec, ask
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.endpoint import FakeEndpoint, Reply, fake_endpoint, recorded
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_modelkit.workspace_models import WorkspaceModels
from flowloom_servicekit.outbound.targets import origin

HERE: Final = Path(__file__).parent / "recordings"
KEY: Final = "canary-key-of-a-workspace"
PIECES: Final = (1, 7, 4_096, 1_000_000)
"""How an answer is cut on its way; a character of several bytes is cut as well."""

VERDICT: Final[JsonObject] = {
    "type": "object",
    "required": ["verdict", "score"],
    "additionalProperties": False,
    "properties": {"verdict": {"type": "string"}, "score": {"type": "integer"}},
}
FIND: Final = ToolSpec(
    name="find_order",
    description="Find an order.",
    parameters={"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
)
PLAIN: Final = ModelRequest(messages=ask("What do bees eat?", system="Be brief."), max_tokens=200)
STRUCTURED: Final = PLAIN.model_copy(update={"output_schema": VERDICT})
TOOLS: Final = PLAIN.model_copy(update={"tools": [FIND]})


@dataclass(frozen=True)
class Provider:
    """How an endpoint of a provider is saved in a workspace, and what it must be asked with."""

    path: str
    credential: str = f"authorization: Bearer {KEY}"
    kind: ProviderKind = "openai_compatible"
    resource: str = "chat/completions"


PROVIDERS: Final = {
    "openai": Provider("/v1"),
    "azure": Provider("/openai/v1"),
    "google": Provider("/v1beta/openai"),
    "ollama": Provider("/v1"),
    "vllm": Provider("/v1"),
    "anthropic": Provider("/v1", f"x-api-key: {KEY}", "anthropic", "messages"),
}
SAID: Final = {
    "openai": ("Bees eat nectar → naïvely 🐝.", (14, 9)),
    "azure": ("Bees eat nectar.", (14, 6)),
    "google": ("Bees eat nectar.", (6, 5)),
    "ollama": ("Bees eat nectar.", (17, 6)),
    "vllm": ("Bees eat nectar.", (21, 18)),
    "anthropic": ("Bees eat nectar → naïvely 🐝.", (12, 11)),
}


@asynccontextmanager
async def model_of(
    provider: Provider, reply: Reply
) -> AsyncIterator[tuple[WorkspaceModels, ModelEndpoint, FakeEndpoint]]:
    """Give a workspace's models with an endpoint that answers as a provider does."""
    settings = ModelSettings(model_base_url="http://127.0.0.1:1/v1", model_name="platform")
    async with fake_endpoint(reply) as server:
        root = server.url.removesuffix("/v1")
        endpoint = ModelEndpoint.model_validate(
            {
                "name": "theirs",
                "kind": provider.kind,
                "base_url": root + provider.path,
                "model": "their-model",
                "api_key": KEY,
                "context_tokens": 8_192,
                "calls_tools": True,
            }
        )
        models = WorkspaceModels(_nobody_asks, settings, ScriptedModel("platform"), allow=[origin(root)])
        try:
            yield models, endpoint, server
        finally:
            await models.aclose()


async def _nobody_asks(question: ResolveModel) -> ResolvedModel:
    raise AssertionError(question)


async def replayed(
    name: str, request: ModelRequest = PLAIN, *, piece_bytes: int = 4_096, provider: Provider | None = None
) -> tuple[ModelAnswer, str, FakeEndpoint]:
    """Return the answer, the text that was streamed, and the server with what it was asked."""
    shown: list[str] = []
    theirs = provider or PROVIDERS[name.partition("-")[0]]
    async with model_of(theirs, recorded(HERE / f"{name}.http", piece_bytes=piece_bytes)) as parts:
        models, endpoint, server = parts
        answer = await models.call(endpoint, request, on_delta=shown.append, stop=StopSignal())
    return answer, "".join(shown), server


@pytest.mark.parametrize("piece_bytes", PIECES)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_text_is_streamed_and_counted(provider: str, piece_bytes: int) -> None:
    text, tokens = SAID[provider]
    answer, shown, _ = await replayed(f"{provider}-stream", piece_bytes=piece_bytes)
    assert (answer.text, shown, answer.finish_reason) == (text, text, "stop")
    assert ((answer.prompt_tokens, answer.completion_tokens), answer.estimated) == (tokens, False)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_each_is_asked_at_its_address_with_its_key(provider: str) -> None:
    *_, server = await replayed(f"{provider}-stream")
    theirs, head = PROVIDERS[provider], server.headers[0]
    assert head.splitlines()[0] == f"POST {theirs.path}/{theirs.resource} HTTP/1.1"
    assert theirs.credential.lower() in head.lower()
    assert head.count(KEY) == 1
    assert server.requests[0]["model"] == "their-model"


@pytest.mark.parametrize("piece_bytes", PIECES)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_value_of_a_schema_comes_as_its_json(provider: str, piece_bytes: int) -> None:
    answer, _, server = await replayed(f"{provider}-structured", STRUCTURED, piece_bytes=piece_bytes)
    assert json.loads(answer.text) == {"verdict": "pass", "score": 4}
    assert (answer.tool_calls, answer.finish_reason) == ([], "stop")
    (body,) = server.requests
    if provider == "anthropic":
        assert [tool["input_schema"] for tool in body["tools"]] == [VERDICT]
        assert body["tool_choice"] == {"type": "tool", "name": "answer"}
    else:
        assert body["response_format"]["json_schema"] == {"name": "answer", "strict": True, "schema": VERDICT}


@pytest.mark.parametrize("piece_bytes", PIECES)
@pytest.mark.parametrize("name", [*(f"{one}-tools" for one in PROVIDERS), "ollama-tools-without-index"])
async def test_two_calls_of_a_tool_are_two_calls(name: str, piece_bytes: int) -> None:
    answer, _, server = await replayed(name, TOOLS, piece_bytes=piece_bytes)
    assert [(one.name, json.loads(one.arguments)) for one in answer.tool_calls] == [
        ("find_order", {"id": 7}),
        ("find_order", {"id": 8}),
    ]
    assert len({one.id for one in answer.tool_calls}) == 2
    assert answer.finish_reason == ("stop" if "without" in name else "tool_calls")
    (tool,) = server.requests[0]["tools"]
    assert (tool.get("function") or tool)["name"] == "find_order"


@pytest.mark.parametrize(
    ("name", "failure", "wait", "says"),
    [
        ("openai-rate-limit", ModelRateLimitError, 20, "Rate limit reached"),
        ("openai-quota", ModelRateLimitError, None, "exceeded your current quota"),
        ("openai-auth", ModelAuthError, None, "401"),
        ("openai-context", ModelInputError, None, "maximum context length"),
        ("openai-refusal", ModelInputError, None, "refuses: I'm sorry, I can't help"),
        ("openai-server-error-in-stream", ModelUnavailableError, 1, "had an error"),
        ("azure-rate-limit", ModelRateLimitError, 8, "token rate limit"),
        ("azure-auth", ModelAuthError, None, "401"),
        ("azure-filtered", ModelInputError, None, "content management policy"),
        ("azure-deployment", ModelInputError, None, "DeploymentNotFound"),
        ("google-rate-limit", ModelRateLimitError, None, "current quota"),
        ("google-auth", ModelAuthError, None, "400"),
        ("google-unavailable", ModelUnavailableError, None, "overloaded"),
        ("ollama-no-model", ModelInputError, None, "not found"),
        ("ollama-no-tools", ModelInputError, None, "does not support tools"),
        ("ollama-crashed", ModelUnavailableError, None, "terminated"),
        ("vllm-context", ModelInputError, None, "maximum context length"),
        ("vllm-auth", ModelAuthError, None, "401"),
        ("vllm-error-in-stream", ModelUnavailableError, 1, "EngineCore"),
        ("anthropic-rate-limit", ModelRateLimitError, 12, "rate limit of 50,000"),
        ("anthropic-auth", ModelAuthError, None, "401"),
        ("anthropic-context", ModelInputError, None, "prompt is too long"),
        ("anthropic-overloaded", ModelUnavailableError, None, "Overloaded"),
        ("anthropic-overloaded-in-stream", ModelUnavailableError, 1, "Overloaded"),
    ],
)
async def test_a_failure_says_who_must_act(
    name: str, failure: type[ModelFailure], wait: int | None, says: str
) -> None:
    with pytest.raises(failure) as raised:
        await replayed(name)
    assert says in raised.value.detail
    assert getattr(raised.value, "retry_after", None) == wait
    assert KEY not in raised.value.detail


async def test_what_a_model_thinks_is_no_part_of_its_answer() -> None:
    for name in ("anthropic-thinking", "ollama-stream", "vllm-stream"):
        answer, shown, _ = await replayed(name)
        assert (answer.text, shown) == ("Bees eat nectar.", "Bees eat nectar.")


async def test_usage_without_choices_is_counted() -> None:
    answer, _, _ = await replayed("vllm-usage-with-null-choices")
    assert (answer.text, answer.prompt_tokens, answer.estimated) == ("Bees eat nectar.", 21, False)


async def test_anthropic_s_layer_for_clients_of_openai_is_understood_too() -> None:
    answer, _, _ = await replayed("anthropic-openai-layer", provider=PROVIDERS["openai"])
    assert (answer.text, answer.completion_tokens) == ("Bees eat nectar.", 8)


async def test_a_conversation_with_tools_travels_in_anthropic_s_turns() -> None:
    calls = [
        ToolCall(id="a", name="find_order", arguments='{"id": 7}'),
        ToolCall(id="b", name="x", arguments="{"),
    ]
    messages = [
        *PLAIN.messages,
        ChatMessage(role="assistant", content="I look.", tool_calls=calls),
        ChatMessage(role="tool", content="found", tool_call_id="a"),
        ChatMessage(role="tool", content="", tool_call_id="b"),
        ChatMessage(role="user", content="And now?"),
    ]
    request = PLAIN.model_copy(
        update={"messages": messages, "temperature": 1.7, "top_p": 0.5, "stop": ["END"], "seed": 3}
    )
    *_, server = await replayed("anthropic-stream", request)
    (body,) = server.requests
    assert body == {
        "model": "their-model",
        "max_tokens": 200,
        "stream": True,
        "system": "Be brief.",
        "temperature": 1.0,
        "stop_sequences": ["END"],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "What do bees eat?"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "a", "name": "find_order", "input": {"id": 7}},
                    {"type": "tool_use", "id": "b", "name": "x", "input": {"text": "{"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "a", "content": "found"},
                    {"type": "tool_result", "tool_use_id": "b", "content": "(nothing)"},
                    {"type": "text", "text": "And now?"},
                ],
            },
        ],
    }


async def test_anthropic_may_use_a_tool_before_it_answers_by_schema() -> None:
    both = TOOLS.model_copy(update={"output_schema": VERDICT})
    answer, _, server = await replayed("anthropic-tools", both)
    assert [one.name for one in answer.tool_calls] == ["find_order", "find_order"]
    assert [tool["name"] for tool in server.requests[0]["tools"]] == ["find_order", "answer"]
    assert server.requests[0]["tool_choice"] == {"type": "any"}


def test_every_recording_is_replayed() -> None:
    text = Path(__file__).read_text()
    names = {path.stem for path in HERE.glob("*.http")}
    kinds = ("stream", "structured", "tools")
    by_kind = {f"{provider}-{kind}" for provider in PROVIDERS for kind in kinds}
    assert by_kind <= names
    assert {name for name in names - by_kind if f'"{name}"' not in text} == set()
