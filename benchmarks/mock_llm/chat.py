"""Reads a chat completion request: only the parts that decide about the answer."""

import json
import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, JsonValue

_MARKER = re.compile(r"\[\[([^\[\]]{1,120})\]\]")


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: str = "user"
    content: JsonValue = ""

    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "" if self.content is None else json.dumps(self.content)


class _JsonSchema(BaseModel):
    model_config = ConfigDict(extra="ignore")

    wanted: dict[str, JsonValue] = Field(default={}, alias="schema")


class _ResponseFormat(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str = "text"
    json_schema: _JsonSchema | None = None


class _StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")

    model: str = "mock"
    messages: list[_Message] = []
    stream: bool = False
    stream_options: _StreamOptions | None = None
    response_format: _ResponseFormat | None = None


@dataclass(frozen=True)
class ChatRequest:
    """One request: `marker` is the last `[[text]]` of the prompt, by which tests tell steps apart."""

    model: str
    prompt: str
    stream: bool
    include_usage: bool
    schema: dict[str, JsonValue] | None
    marker: str


def read_chat_request(body: bytes) -> ChatRequest:
    """Parse a body; raises `pydantic.ValidationError` for one that is no chat request."""
    parsed = _Body.model_validate_json(body)
    prompt = "\n".join(message.text() for message in parsed.messages)
    markers = _MARKER.findall(prompt)
    wanted = parsed.response_format
    schema = wanted.json_schema.wanted if wanted and wanted.json_schema else None
    if schema is None and wanted and wanted.type == "json_object":
        schema = {"type": "object"}
    return ChatRequest(
        model=parsed.model,
        prompt=prompt,
        stream=parsed.stream,
        include_usage=bool(parsed.stream_options and parsed.stream_options.include_usage),
        schema=schema,
        marker=markers[-1] if markers else "",
    )
