"""Turns values into what a request carries, and an answer's bytes into a value."""

import codecs
import re
from collections.abc import Mapping
from typing import Final, Literal

import orjson

from flowloom_contracts.base import JsonValue
from flowloom_servicekit.outbound.errors import AnswerUnreadableError, RequestRefusedError
from flowloom_servicekit.outbound.request import OutboundResponse

Parse = Literal["auto", "json", "text"]

JSON_TYPE: Final = re.compile(r"application/json|[a-z0-9.-]+/[a-z0-9.-]+\+json|text/json")
CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
# By name, because Python also knows codecs that compress or that take quadratic time.
CHARSETS: Final = frozenset(
    {"utf-8", "utf-8-sig", "ascii", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
    | {f"iso8859-{part}" for part in range(1, 17)}
    | {f"cp125{part}" for part in range(9)}
    | {"koi8-r", "koi8-u", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "cp932", "euc_jp", "euc_kr"}
    | {"iso2022_jp", "mac-roman", "cp437", "cp874"}
)


def query_pairs(query: Mapping[str, JsonValue]) -> list[tuple[str, str]]:
    """Return the parameters of a query: a list repeats its name, null is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                pairs.append((name, as_text(item)))
    return pairs


def header_values(headers: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return headers as text; a list is joined by commas, null is left out."""
    return {
        name: ", ".join(as_text(item) for item in value) if isinstance(value, list) else as_text(value)
        for name, value in headers.items()
        if value is not None
    }


def as_text(value: JsonValue) -> str:
    """Return text as it is and everything else as compact JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def request_body(value: JsonValue, headers: Mapping[str, str]) -> tuple[bytes | None, dict[str, str]]:
    """Return the bytes of a body and the headers with its type: text as it is, else JSON, null not at all.

    A type that the caller has named stays, and a character set in it is obeyed.
    """
    if value is None:
        return None, dict(headers)
    named = next((text for name, text in headers.items() if name.lower() == "content-type"), None)
    if isinstance(value, str):
        found = CHARSET.search(named or "")
        try:
            body = value.encode(_codec(found.group(1)) if found else "utf-8")
        except (LookupError, UnicodeError) as error:
            raise RequestRefusedError(f"the body cannot be written as {named!r}") from error
        return body, dict(headers) if named else {**headers, "content-type": "text/plain; charset=utf-8"}
    return orjson.dumps(value), dict(headers) if named else {**headers, "content-type": "application/json"}


def parsed_body(answer: OutboundResponse, parse: Parse) -> JsonValue:
    """Return the body as asked for; an empty one is null as JSON. Raises `AnswerUnreadableError`.

    `auto` reads JSON where the answer says that it is JSON and is right, and text everywhere else.
    """
    said = answer.headers.get("content-type", "")
    is_json = JSON_TYPE.fullmatch(said.partition(";")[0].strip().lower()) is not None
    if parse == "text" or (parse == "auto" and not is_json):
        return decoded(answer.body, said)
    if not answer.body.strip():
        return None
    try:
        value: JsonValue = orjson.loads(_as_utf8(answer.body, said))
    except orjson.JSONDecodeError as error:
        if parse == "auto":
            return decoded(answer.body, said)
        raise AnswerUnreadableError(f"the body is not JSON: {error}") from error
    return value


def decoded(body: bytes, content_type: str) -> str:
    """Return text by its byte order mark, its named character set, or UTF-8; a wrong byte becomes U+FFFD."""
    for mark, codec in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16")):
        if body.startswith(mark):
            return body.decode(codec, "replace")
    if body.startswith(codecs.BOM_UTF16_BE):
        return body.decode("utf-16", "replace")
    found = CHARSET.search(content_type)
    try:
        codec = _codec(found.group(1)) if found else "utf-8"
    except LookupError as error:
        raise AnswerUnreadableError(f"the character set {found and found.group(1)!r} is not known") from error
    return body.decode(codec, "replace")


def matches_status(status: int, expected: JsonValue) -> bool:
    """Whether a status is one of those expected: 200, "200", "2xx", "200-299", or a list of these."""
    if isinstance(expected, list):
        return any(matches_status(status, item) for item in expected)
    first, _, last = str(expected).strip().lower().partition("-")
    if first.endswith("xx"):
        return str(status)[0] == first[0]
    try:
        return int(first) <= status <= int(last or first)
    except ValueError:
        return False


def status_code(status: int) -> tuple[str, str | None]:
    """Return the error code of the workflow language for a status, and the class that it belongs to."""
    if status in (401, 403):
        return str(status), "auth"
    if status == 429:
        return str(status), "rate_limit"
    return str(status), "upstream" if status >= 500 else None


def _as_utf8(body: bytes, content_type: str) -> bytes | str:
    is_plain = not CHARSET.search(content_type) and not body.startswith(
        (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
    )
    return body if is_plain else decoded(body, content_type)


def _codec(name: str) -> str:
    found = codecs.lookup(name).name
    if found not in CHARSETS:
        raise LookupError(name)
    return found
