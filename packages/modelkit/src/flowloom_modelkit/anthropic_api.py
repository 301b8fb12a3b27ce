"""Calls Anthropic's own interface, the Messages API: one streamed message a call, no retries of its own."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_modelkit.anthropic_events import ANSWER, MessageBuilder
from flowloom_modelkit.endpoint import ModelClient
from flowloom_modelkit.exchange import Call, exchanged
from flowloom_modelkit.ports import OnDelta
from flowloom_modelkit.prices import DEFAULT_MODEL
from flowloom_modelkit.requests import ChatMessage, ModelAnswer, ModelRequest
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.structured import strict_root

DEFAULT_MAX_TOKENS: Final = 4_096
"""The interface asks for a number; what says nothing gets this one."""

NOTHING_SAID: Final = "(nothing)"
"""A message must not be empty."""


class AnthropicCaller:
    """A `ModelCaller` over the shared connections of a `ModelClient` of the kind `anthropic`."""

    def __init__(self, client: ModelClient, settings: ModelSettings) -> None:
        self._client = client
        self._settings = settings

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Return the whole answer; a stop closes the connection at once, so that the server stops too."""
        call = Call(request, request_body(request, self._settings), MessageBuilder())
        return await exchanged(self._client, call, on_delta=on_delta, stop=stop)


def request_body(request: ModelRequest, settings: ModelSettings) -> JsonObject:
    """Return the JSON body of a request; the step's own numbers win over the settings.

    A value of a schema is asked for as the arguments of a tool, which every model of this interface knows.
    There is no seed, temperatures end at 1, and newer models take a temperature or `top_p`, not both.
    """
    temperature = settings.model_temperature if request.temperature is None else request.temperature
    top_p = settings.model_top_p if request.top_p is None else request.top_p
    optional: JsonObject = {
        "system": "\n\n".join(one.content or "" for one in request.messages if one.role == "system") or None,
        "temperature": None if temperature is None else min(temperature, 1.0),
        "top_p": top_p if temperature is None else None,
        "stop_sequences": [*request.stop] or None,
        **_tools(request),
    }
    return {
        "model": settings.model_name if request.model in (None, DEFAULT_MODEL) else request.model,
        "max_tokens": request.max_tokens or DEFAULT_MAX_TOKENS,
        "messages": _turns(request.messages),
        "stream": True,
        **settings.model_extra_body,
        **{key: value for key, value in optional.items() if value is not None},
    }


def _tools(request: ModelRequest) -> JsonObject:
    tools: list[JsonValue] = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
        for tool in request.tools
    ]
    if request.output_schema is None:
        return {"tools": tools or None}
    answer: JsonObject = {
        "name": ANSWER,
        "description": "Give the answer.",
        "input_schema": strict_root(request.output_schema),
    }
    # With tools of its own the model may look something up first; it must not end without one of them.
    choice: JsonObject = {"type": "any"} if tools else {"type": "tool", "name": ANSWER}
    return {"tools": [*tools, answer], "tool_choice": choice}


def _turns(messages: Sequence[ChatMessage]) -> list[JsonValue]:
    """Return the conversation in turns: what the tools gave belongs into one message of the user's."""
    said = [(_role(one), one) for one in messages if one.role != "system"]
    turns: list[JsonValue] = []
    for role, group in groupby(said, key=lambda pair: pair[0]):
        blocks: list[JsonValue] = [block for _, message in group for block in _blocks(message)]
        turns.append({"role": role, "content": blocks or [{"type": "text", "text": NOTHING_SAID}]})
    return turns


def _role(message: ChatMessage) -> str:
    return "assistant" if message.role == "assistant" else "user"


def _blocks(message: ChatMessage) -> Iterator[JsonObject]:
    if message.role == "tool":
        result = message.content or NOTHING_SAID
        yield {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": result}
        return
    if message.content and message.content.strip():
        yield {"type": "text", "text": message.content}
    for call in message.tool_calls:
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": _arguments(call.arguments)}


def _arguments(text: str) -> JsonObject:
    """Return a call's arguments; text that is none goes back as it was, for the model to see."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {"text": text}
    return value if isinstance(value, dict) else {"value": value}
