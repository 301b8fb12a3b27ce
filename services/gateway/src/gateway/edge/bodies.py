"""Request bodies: limits of size and time, and JSON that is not too deep, too wide or ambiguous."""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowloom_contracts.base import JsonValue
from flowloom_contracts.memory import MAX_DOCUMENT_BYTES
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import (
    DomainError,
    InvalidRequestError,
    PayloadTooLargeError,
    RequestTimeoutError,
    UnsupportedMediaTypeError,
)
from flowloom_servicekit.problems import JSON_KIND, problem_response

MAX_BODY_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 64
MAX_KEYS: Final = 1_000
"""Of one object."""

MAX_DIGITS: Final = 309
"""Of one number: no more than the largest that a double can hold."""

BODY_SECONDS: Final = 15.0

UPLOADS: Final = "/v1/documents"
MAX_UPLOAD_BYTES: Final = MAX_DOCUMENT_BYTES + 64 * 1024
"""A file and what a form puts around it."""

UPLOAD_SECONDS: Final = 120.0
ON_A_THREAD_FROM_BYTES: Final = 100_000

# A text that never ends is taken to the end, so that its quotes are not looked at one by one.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{}\]]', re.DOTALL)


class BodyMiddleware:
    """Reads a body whole before the routes see it, so that a slow or hostile one costs them nothing.

    An upload passes as it comes, with limits of its own.
    """

    def __init__(self, app: ASGIApp, *, body_s: float = BODY_SECONDS) -> None:
        self._app = app
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes and requests without a body pass."""
        headers = _body_headers(scope) if scope["type"] == "http" else None
        if headers is None:
            await self._app(scope, receive, send)
            return
        try:
            onward = await self._onward(scope, headers, receive)
        except DomainError as error:
            # What is left of the body is not read, so nothing can follow on this connection.
            close = {"connection": "close"} if not isinstance(error, InvalidRequestError) else {}
            await problem_response(error.problem(), Request(scope), close)(scope, receive, send)
            return
        await self._app(scope, onward, send)

    async def _onward(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        if _is_upload(scope, headers):
            # Who may not send it is refused before it is read, and nothing holds it whole.
            return _counted(headers, receive, idle_s=self._body_s)
        body = await _read(headers, receive, self._body_s)
        await _check(headers, body)
        return _again(body, receive)


def check_json(body: bytes) -> None:
    """Raise InvalidRequestError for JSON that is too deep, too wide or ambiguous.

    What is no JSON at all passes: whoever reads it says so.
    """
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise _refusal("too_deep", f"The body is nested deeper than {MAX_DEPTH} levels.")
    try:
        json.loads(
            body, object_pairs_hook=_pairs, parse_int=_integer, parse_float=_float, parse_constant=_no_number
        )
    except UnicodeDecodeError as error:
        raise _refusal("json_invalid", "The body is not UTF-8.") from error
    except json.JSONDecodeError:
        return


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif mark in (b"]", b"}"):
            depth -= 1
    return deepest


def _pairs(pairs: Sequence[tuple[str, JsonValue]]) -> None:
    if len(pairs) > MAX_KEYS:
        raise _refusal("too_many_keys", f"An object has more than {MAX_KEYS} keys.")
    if len({name for name, _ in pairs}) < len(pairs):
        raise _refusal("duplicate_key", "An object has a key twice.")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _refusal("number_too_large", f"A number has more than {MAX_DIGITS} digits.")
    return 0


def _float(text: str) -> float:
    if len(text) > MAX_DIGITS or float(text) in (float("inf"), float("-inf")):
        raise _refusal("number_too_large", "A number is larger than a double can hold.")
    return 0.0


def _no_number(name: str) -> None:
    raise _refusal("json_invalid", f"{name} is not JSON.")


def _refusal(code: str, message: str) -> InvalidRequestError:
    wrong = FieldProblem(path="", code=code, message=message)
    return InvalidRequestError("the request does not match its schema", errors=[wrong])


def _body_headers(scope: Scope) -> dict[bytes, bytes] | None:
    """Return what the headers say about the body, None if there is none."""
    found = {
        name: value
        for name, value in scope["headers"]
        if name in (b"content-length", b"transfer-encoding", b"content-type", b"content-encoding")
    }
    has_body = found.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in found
    return found if has_body else None


def _is_upload(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    is_form = headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data")
    return bool(scope["path"] == UPLOADS and scope["method"] == "POST" and is_form)


def _counted(headers: dict[bytes, bytes], receive: Receive, *, idle_s: float) -> Receive:
    """Return a `receive` that raises when an upload becomes too large or too slow."""
    _check_headers(headers, MAX_UPLOAD_BYTES)
    size = 0
    ends_at = asyncio.get_running_loop().time() + UPLOAD_SECONDS

    async def receive_counted() -> Message:
        nonlocal size
        left = ends_at - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(idle_s, left)):
                message = await receive()
        except TimeoutError as error:
            raise RequestTimeoutError("The file comes too slowly.") from error
        size += len(message.get("body", b""))
        if size > MAX_UPLOAD_BYTES:
            raise PayloadTooLargeError(f"At most {MAX_UPLOAD_BYTES} bytes.")
        return message

    return receive_counted


async def _read(headers: dict[bytes, bytes], receive: Receive, within_s: float) -> bytes:
    _check_headers(headers, MAX_BODY_BYTES)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(within_s):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return b""
                chunks.append(message.get("body", b""))
                size += len(chunks[-1])
                if size > MAX_BODY_BYTES:
                    raise PayloadTooLargeError(f"At most {MAX_BODY_BYTES} bytes.")
                if not message.get("more_body", False):
                    return b"".join(chunks)
    except TimeoutError as error:
        raise RequestTimeoutError(f"The body must be here within {within_s:g} s.") from error


async def _check(headers: dict[bytes, bytes], body: bytes) -> None:
    if JSON_KIND.match(headers.get(b"content-type", b"").decode("latin-1")) is None:
        return
    if len(body) < ON_A_THREAD_FROM_BYTES:
        check_json(body)
    else:
        await asyncio.to_thread(check_json, body)


def _check_headers(headers: dict[bytes, bytes], most: int) -> None:
    announced = headers.get(b"content-length", b"0")
    if not announced.isdigit() or int(announced) > most:
        raise PayloadTooLargeError(f"At most {most} bytes.")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedMediaTypeError("Send the body without a content encoding.")


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body that was read, then what really comes."""
    is_given = False

    async def receive_again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
