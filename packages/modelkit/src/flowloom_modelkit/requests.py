"""What a model is asked and what it answers, whatever the provider."""

import hashlib
from typing import Literal

import orjson

from flowloom_contracts.base import Document, JsonObject, JsonValue
from flowloom_contracts.runs import Usage


class ToolCall(Document):
    """A call that the model wants made; `arguments` is JSON text as it came."""

    id: str
    name: str
    arguments: str


class ToolSpec(Document):
    """A tool that the model may ask for."""

    name: str
    description: str
    parameters: JsonObject


class ChatMessage(Document):
    """One turn of the conversation."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | None = None
    tool_calls: list[ToolCall] = []
    tool_call_id: str | None = None


class ModelRequest(Document):
    """One call of a model; None leaves a parameter to the settings or the server."""

    messages: list[ChatMessage]
    model: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: list[str] = []
    output_schema: JsonObject | None = None
    tools: list[ToolSpec] = []

    def digest(self) -> str:
        """Return the SHA-256 of the request's canonical JSON, in hex."""
        return digest_of(self.model_dump(mode="json", exclude_defaults=True))


class ModelAnswer(Document):
    """What came back. `estimated`: the server did not count tokens, four characters are taken as one."""

    text: str
    model: str | None = None
    """Which model it was, once the call has been counted."""
    tool_calls: list[ToolCall] = []
    finish_reason: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False

    @property
    def usage(self) -> Usage:
        """What it cost."""
        return Usage(tokens=self.prompt_tokens + self.completion_tokens)


def ask(prompt: str, *, system: str | None = None) -> list[ChatMessage]:
    """Return the messages of a plain question."""
    persona = [ChatMessage(role="system", content=system)] if system else []
    return [*persona, ChatMessage(role="user", content=prompt)]


def digest_of(value: JsonValue) -> str:
    """Return the SHA-256 of a value's canonical JSON, in hex."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
