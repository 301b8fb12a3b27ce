"""Bytes of HTTP answers and of streamed completions."""

import json
import time
from http import HTTPStatus

from pydantic import JsonValue

from benchmarks.mock_llm.plan import Answer, PlannedCall

DONE = b"data: [DONE]\n\n"


def head(
    status: int, content_type: str, *, length: int | None, headers: dict[str, str] | None = None
) -> bytes:
    """Return status line and headers; without a length the body is chunked."""
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Overloaded"
    lines = [f"HTTP/1.1 {status} {phrase}", f"content-type: {content_type}"]
    lines.append("transfer-encoding: chunked" if length is None else f"content-length: {length}")
    lines.extend(f"{name}: {value}" for name, value in (headers or {}).items())
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(
    status: int, body: bytes, *, content_type: str = "application/json", retry_after_s: int | None = None
) -> bytes:
    """Return a complete answer."""
    extra = {"retry-after": str(retry_after_s)} if retry_after_s is not None else {}
    return head(status, content_type, length=len(body), headers=extra) + body


def chunk(data: bytes) -> bytes:
    """Return one piece of a chunked body; an empty one ends it."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def completion(text: str, *, model: str, call: int) -> bytes:
    """Return the JSON body of an answer that is not streamed."""
    message: JsonValue = {"role": "assistant", "content": text}
    return json.dumps(
        {
            "id": f"mock-{call}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": usage(len(text.split())),
        }
    ).encode()


def piece(text: str | None, *, model: str, call: int, finish: str | None = None) -> bytes:
    """Return one server-sent chunk of a streamed answer."""
    delta: JsonValue = {} if text is None else {"role": "assistant", "content": text}
    choice: JsonValue = {"index": 0, "delta": delta, "finish_reason": finish}
    return _data(model, call, {"choices": [choice]})


def calls_piece(calls: list[PlannedCall], *, model: str, call: int) -> bytes:
    """Return one chunk with the tool calls of a streamed answer."""
    asked: list[JsonValue] = [
        {
            "index": number,
            "id": f"call-{call}-{number}",
            "type": "function",
            "function": {"name": one.name, "arguments": json.dumps(one.arguments)},
        }
        for number, one in enumerate(calls)
    ]
    choice: JsonValue = {
        "index": 0,
        "delta": {"role": "assistant", "tool_calls": asked},
        "finish_reason": None,
    }
    return _data(model, call, {"choices": [choice]})


def usage_piece(count: int, *, model: str, call: int) -> bytes:
    """Return the chunk that tells the tokens used (`stream_options.include_usage`)."""
    return _data(model, call, {"choices": [], "usage": usage(count)})


def usage(count: int) -> dict[str, JsonValue]:
    """Return ten prompt tokens and one token a word, so that sums can be checked."""
    return {"prompt_tokens": 10, "completion_tokens": count, "total_tokens": 10 + count}


def _data(model: str, call: int, fields: dict[str, JsonValue]) -> bytes:
    body = {"id": f"mock-{call}", "object": "chat.completion.chunk", "created": 0, "model": model, **fields}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def token_text(answer: Answer, number: int) -> str:
    """Return a token: the scripted one, or one that carries its own time of sending in nanoseconds."""
    if answer.tokens is not None:
        return answer.tokens[number]
    prefix = f"[{answer.marker}] " if number == 0 and answer.marker else ""
    return f"{prefix}{number:04d}@{time.time_ns()} "
