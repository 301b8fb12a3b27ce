"""What a webhook is sent: its body, headers and query as the workflow sees them, and its signature."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from email.message import Message
from typing import Final
from urllib.parse import parse_qsl

import orjson

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import DomainError, InvalidRequestError
from gateway.domain.triggers import HIDDEN_HEADERS

WINDOW_SECONDS: Final = 300
SIGNATURE_HEADER: Final = "x-flowloom-signature"
TIMESTAMP_HEADER: Final = "x-flowloom-timestamp"
MAX_FIELDS: Final = 1_000
FORM: Final = "application/x-www-form-urlencoded"


class UnsupportedBodyError(DomainError):
    """A kind of body that a webhook does not take."""

    status = 415
    title = "Send JSON, a form or text"


def hook_data(*, body: bytes, headers: Mapping[str, str], query: Iterable[tuple[str, str]]) -> JsonObject:
    """Return what expressions see as `trigger`: header names in lower case, credentials left out."""
    return {
        "body": _body(body, headers.get("content-type", "")),
        "headers": {name: value for name, value in headers.items() if name not in HIDDEN_HEADERS},
        "query": _fields(query),
    }


def is_signed(*, secret: str, body: bytes, signature: str | None, timestamp: str | None, now: float) -> bool:
    """Whether HMAC-SHA256 over `timestamp.body` fits and the timestamp is at most five minutes away."""
    if not signature or not timestamp or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if len(timestamp) > 12 or abs(now - int(timestamp)) > WINDOW_SECONDS:
        return False
    given = signature.removeprefix("sha256=").lower()
    return hmac.compare_digest(given.encode(), sign(secret, timestamp, body).encode())


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body as hexadecimal digits."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _body(body: bytes, content_type: str) -> JsonValue:
    if not body:
        return None
    message = Message()
    message["content-type"] = content_type or "text/plain"
    kind = message.get_content_type()
    if kind == "application/json" or kind.endswith("+json"):
        return _json(body)
    if kind == FORM:
        return _fields(_form(body))
    if kind.startswith("text/"):
        return _text(body, message.get_content_charset("utf-8"))
    raise UnsupportedBodyError(f"{kind[:100]!r} is not application/json, {FORM} or text/…")


def _json(body: bytes) -> JsonValue:
    try:
        value: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _wrong("json_invalid", "It is not JSON.") from error
    return value


def _form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise _wrong(
            "form_invalid", f"It is not a form in UTF-8 with at most {MAX_FIELDS} fields."
        ) from error


def _text(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset)
    except (UnicodeDecodeError, LookupError) as error:
        raise _wrong("text_invalid", "It is not text in the character set it names.") from error


def _fields(pairs: Iterable[tuple[str, str]]) -> JsonObject:
    """Return a map; a name that is there several times has a list."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else list(values) for name, values in found.items()}


def _wrong(code: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(
        "The body cannot be read.", errors=[FieldProblem(path="body", code=code, message=message)]
    )
