"""Gathers the events of a streamed message of Anthropic's into one answer."""

from dataclasses import dataclass, field
from typing import Final

import orjson

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_modelkit.chunks import (
    MAX_ANSWER_CHARS,
    MAX_TOOL_CALLS,
    estimated_tokens,
    parse_object,
    raise_reported,
)
from flowloom_modelkit.errors import ModelInputError, ModelUnavailableError
from flowloom_modelkit.requests import ModelAnswer, ModelRequest, ToolCall

ANSWER: Final = "answer"
"""The tool whose arguments are the value of a schema."""

REASONS: Final = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
}
INPUT_COUNTS: Final = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


@dataclass
class _Block:
    kind: str
    id: str = ""
    name: str = ""
    text: list[str] = field(default_factory=list)
    whole: JsonValue = None

    def arguments(self) -> str:
        return "".join(self.text) or orjson.dumps(self.whole or {}).decode()


@dataclass
class MessageBuilder:
    """Takes event after event; `done` once the server said that the message is whole."""

    terminated: bool = False
    stop_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    chars: int = 0
    _blocks: dict[int, _Block] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether the server ended the message itself."""
        return self.terminated or self.stop_reason is not None

    def take(self, payload: bytes) -> str:
        """Take one event, return the text in it; raises a `ModelFailure`. New kinds are let be."""
        event = parse_object(payload)
        match event.get("type"):
            case "error":
                raise_reported(event.get("error"))
            case "message_start":
                self._take_usage(_object(event, "message").get("usage"))
            case "content_block_start":
                return self._begin(event.get("index"), _object(event, "content_block"))
            case "content_block_delta":
                return self._go_on(event.get("index"), _object(event, "delta"))
            case "message_delta":
                self._take_reason(_object(event, "delta").get("stop_reason"))
                self._take_usage(event.get("usage"))
            case "message_stop":
                self.terminated = True
        return ""

    def take_whole(self, body: JsonObject) -> str:
        """Take a message that was not streamed."""
        if body.get("type") == "error":
            raise_reported(body.get("error"))
        content = body.get("content")
        if not isinstance(content, list):
            raise ModelUnavailableError("the model endpoint sent a message without `content`")
        self._take_usage(body.get("usage"))
        self._take_reason(body.get("stop_reason"))
        self.terminated = True
        blocks = [block for block in content if isinstance(block, dict)]
        return "".join(self._begin(index, block) for index, block in enumerate(blocks))

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the whole answer; raises `ModelInputError` when the model refuses."""
        if self.stop_reason == "refusal":
            raise ModelInputError("the model refuses to answer this")
        blocks = [block for _, block in sorted(self._blocks.items())]
        uses = [block for block in blocks if block.kind == "tool_use"]
        values = [block for block in uses if block.name == ANSWER] if request.output_schema else []
        text = "".join("".join(block.text) for block in blocks if block.kind == "text")
        calls = [] if values else uses
        counted = self.prompt_tokens is not None and self.completion_tokens is not None
        asked = sum(len(message.content or "") for message in request.messages)
        reason = REASONS.get(self.stop_reason or "", self.stop_reason)
        return ModelAnswer(
            text=values[0].arguments() if values else text,
            tool_calls=[ToolCall(id=one.id, name=one.name, arguments=one.arguments()) for one in calls],
            finish_reason="stop" if values and reason == "tool_calls" else reason,
            prompt_tokens=self.prompt_tokens or 0 if counted else estimated_tokens(asked),
            completion_tokens=self.completion_tokens or 0 if counted else estimated_tokens(self.chars),
            estimated=not counted,
        )

    def _begin(self, index: JsonValue, block: JsonObject) -> str:
        if not isinstance(index, int) or not 0 <= index < MAX_TOOL_CALLS:
            raise ModelUnavailableError(f"the model endpoint sent more than {MAX_TOOL_CALLS} blocks")
        begun = self._blocks[index] = _Block(str(block.get("type")))
        begun.id, begun.name = str(block.get("id") or ""), str(block.get("name") or "")
        begun.whole = block.get("input")
        return self._add(begun, block.get("text") if begun.kind == "text" else None)

    def _go_on(self, index: JsonValue, delta: JsonObject) -> str:
        block = self._blocks.get(index) if isinstance(index, int) else None
        if block is None:
            raise ModelUnavailableError("the model endpoint goes on with a block that it has not begun")
        if delta.get("type") == "text_delta":
            return self._add(block, delta.get("text"))
        if delta.get("type") == "input_json_delta":
            self._add(block, delta.get("partial_json"))
        return ""

    def _add(self, block: _Block, text: JsonValue) -> str:
        """Take a piece; only that of a text is one that people are shown."""
        if not isinstance(text, str):
            return ""
        block.text.append(text)
        self.chars += len(text)
        if self.chars > MAX_ANSWER_CHARS:
            raise ModelUnavailableError(f"the answer is longer than {MAX_ANSWER_CHARS} characters")
        return text if block.kind == "text" else ""

    def _take_reason(self, reason: JsonValue) -> None:
        if isinstance(reason, str):
            self.stop_reason = reason

    def _take_usage(self, usage: JsonValue) -> None:
        if not isinstance(usage, dict):
            return
        counts = [usage.get(name) for name in INPUT_COUNTS]
        if isinstance(counts[0], int):
            self.prompt_tokens = sum(count for count in counts if isinstance(count, int))
        if isinstance(told := usage.get("output_tokens"), int):
            self.completion_tokens = told


def _object(event: JsonObject, name: str) -> JsonObject:
    value = event.get(name)
    if not isinstance(value, dict):
        raise ModelUnavailableError(f"the model endpoint sent an event without {name!r}")
    return value
