"""Gathers the chunks of a streamed chat completion into one answer."""

from dataclasses import dataclass, field
from typing import Final

import orjson

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_modelkit.errors import (
    ModelAuthError,
    ModelInputError,
    ModelRateLimitError,
    ModelUnavailableError,
)
from flowloom_modelkit.requests import ModelAnswer, ModelRequest, ToolCall

MAX_ANSWER_CHARS: Final = 1_000_000
MAX_TOOL_CALLS: Final = 64
CHARS_PER_TOKEN: Final = 4
LIMITED: Final = ("rate_limit", "ratelimit", "resource_exhausted", "429")
"""Words by which servers say in the middle of a stream that they want fewer calls."""


@dataclass
class _PartialCall:
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class AnswerBuilder:
    """Takes chunk after chunk; `done` once the server said that the answer is whole."""

    text: list[str] = field(default_factory=list)
    chars: int = 0
    finish_reason: str | None = None
    terminated: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    _calls: list[_PartialCall] = field(default_factory=list)
    _at: dict[int, _PartialCall] = field(default_factory=dict)
    _refusal: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether the server ended the answer itself."""
        return self.terminated or self.finish_reason is not None

    def take(self, payload: bytes) -> str:
        """Take one event, return the text in it; raises a `ModelFailure` for an error or a broken chunk."""
        if payload == b"[DONE]":
            self.terminated = True
            return ""
        return self.take_chunk(parse_object(payload), part="delta")

    def take_chunk(self, chunk: JsonObject, *, part: str) -> str:
        """Take a parsed chunk, or with `part="message"` the whole body of an answer that was not streamed."""
        if chunk.get("error"):
            raise_reported(chunk["error"])
        self._take_usage(chunk.get("usage"))
        choices = chunk.get("choices")
        if choices is None and isinstance(chunk.get("usage"), dict):
            return ""  # some servers tell the usage in a chunk that has nothing else
        if not isinstance(choices, list):
            raise ModelUnavailableError("the model endpoint sent a chunk without `choices`")
        text = ""
        for choice in choices[:1]:
            text += self._take_choice(choice, part)
        return text

    def take_whole(self, body: JsonObject) -> str:
        """Take an answer that was not streamed."""
        return self.take_chunk(body, part="message")

    def _take_choice(self, choice: JsonValue, part: str) -> str:
        if not isinstance(choice, dict):
            raise ModelUnavailableError("the model endpoint sent a malformed choice")
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            self.finish_reason = reason
        delta = choice.get(part)
        if not isinstance(delta, dict):
            return ""
        calls = delta.get("tool_calls")
        for index, call in enumerate(calls if isinstance(calls, list) else []):
            self._take_call(call, index)
        if isinstance(refused := delta.get("refusal"), str):
            self._refusal.append(refused)
            self._count(len(refused))
        content = delta.get("content")
        return self._take_text(content) if isinstance(content, str) else ""

    def _take_text(self, text: str) -> str:
        self.text.append(text)
        self._count(len(text))
        return text

    def _take_call(self, call: JsonValue, position: int) -> None:
        if not isinstance(call, dict):
            raise ModelUnavailableError("the model endpoint sent a malformed tool call")
        partial = self._call_of(call, position)
        function = call.get("function")
        if isinstance(call.get("id"), str):
            partial.id = str(call["id"])
        if isinstance(function, dict):
            partial.name += str(function.get("name") or "")
            arguments = str(function.get("arguments") or "")
            partial.arguments += arguments
            self._count(len(arguments))

    def _call_of(self, call: JsonObject, position: int) -> _PartialCall:
        """Return the call that a piece belongs to.

        Some servers number every call 0, or none: another id at a number that has one begins another call.
        """
        index = call.get("index", position)
        named = call.get("id")
        if isinstance(index, int) and index >= 0:
            known = self._at.get(index)
            if known is not None and (not isinstance(named, str) or named in ("", known.id) or not known.id):
                return known
            if index < MAX_TOOL_CALLS and len(self._calls) < MAX_TOOL_CALLS:
                partial = self._at[index] = _PartialCall()
                self._calls.append(partial)
                return partial
        raise ModelUnavailableError(f"the model endpoint asked for more than {MAX_TOOL_CALLS} tool calls")

    def _count(self, chars: int) -> None:
        self.chars += chars
        if self.chars > MAX_ANSWER_CHARS:
            raise ModelUnavailableError(f"the answer is longer than {MAX_ANSWER_CHARS} characters")

    def _take_usage(self, usage: JsonValue) -> None:
        if isinstance(usage, dict):
            prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
            if isinstance(prompt, int) and isinstance(completion, int):
                self.prompt_tokens, self.completion_tokens = prompt, completion

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the whole answer; tokens that the server did not count are estimated.

        Raises `ModelInputError` when the model says nothing but that it refuses.
        """
        if self._refusal and not any(self.text) and not self._calls:
            raise ModelInputError(f"the model refuses: {''.join(self._refusal)[:400]}")
        counted = self.prompt_tokens is not None and self.completion_tokens is not None
        asked = sum(len(message.content or "") for message in request.messages)
        return ModelAnswer(
            text="".join(self.text),
            tool_calls=[
                ToolCall(id=call.id or f"call_{index}", name=call.name, arguments=call.arguments)
                for index, call in enumerate(self._calls)
            ],
            finish_reason=self.finish_reason,
            prompt_tokens=self.prompt_tokens or 0 if counted else estimated_tokens(asked),
            completion_tokens=self.completion_tokens or 0 if counted else estimated_tokens(self.chars),
            estimated=not counted,
        )


def estimated_tokens(chars: int) -> int:
    """Return about how many tokens a text of this length has."""
    return -(-chars // CHARS_PER_TOKEN)


def parse_object(payload: bytes) -> JsonObject:
    """Return the JSON object in a payload; raises `ModelUnavailableError` when it is none."""
    try:
        value: JsonValue = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise ModelUnavailableError("the model endpoint sent a chunk that is not JSON") from error
    if not isinstance(value, dict):
        raise ModelUnavailableError("the model endpoint sent a chunk that is not an object")
    return value


def raise_reported(error: JsonValue) -> None:
    """Raise the failure that a server reports inside its stream."""
    fields = error if isinstance(error, dict) else {}
    message = str(fields.get("message") or error)[:500]
    words = f"{fields.get('type')} {fields.get('code')} {fields.get('status')}".lower()
    if any(word in words for word in LIMITED):
        raise ModelRateLimitError(message)
    if "auth" in words or "401" in words:
        raise ModelAuthError(message)
    if "invalid" in words or "context" in words:
        raise ModelInputError(message)
    raise ModelUnavailableError(message)
