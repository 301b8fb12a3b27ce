"""What values become on the wire, and what answers become as values."""

import pytest

from flowloom_contracts.base import JsonValue
from flowloom_servicekit.outbound.bodies import (
    header_values,
    matches_status,
    parsed_body,
    query_pairs,
    request_body,
    status_code,
)
from flowloom_servicekit.outbound.errors import AnswerUnreadableError, RequestRefusedError
from flowloom_servicekit.outbound.request import OutboundResponse


def answered(body: bytes, content_type: str = "") -> OutboundResponse:
    return OutboundResponse(200, {"content-type": content_type} if content_type else {}, body)


def test_writes_a_query_and_headers_as_text() -> None:
    values: dict[str, JsonValue] = {"a": "x y", "b": [1, True, None], "c": None, "d": 1.5, "e": {"k": []}}
    assert query_pairs(values) == [("a", "x y"), ("b", "1"), ("b", "true"), ("d", "1.5"), ("e", '{"k":[]}')]
    assert header_values({"a": ["x", 1], "b": None, "c": False}) == {"a": "x, 1", "c": "false"}


@pytest.mark.parametrize(
    ("value", "headers", "body", "content_type"),
    [
        (None, {}, None, None),
        ({"a": "ä"}, {}, '{"a":"ä"}'.encode(), "application/json"),
        ([], {}, b"[]", "application/json"),
        (0, {}, b"0", "application/json"),
        ("ä", {}, "ä".encode(), "text/plain; charset=utf-8"),
        ("", {}, b"", "text/plain; charset=utf-8"),
        ("<a/>", {"Content-Type": "text/xml"}, b"<a/>", "text/xml"),
        ("ä", {"content-type": "text/plain; charset=ISO-8859-1"}, b"\xe4", "text/plain; charset=ISO-8859-1"),
        ({"a": 1}, {"content-type": "application/ld+json"}, b'{"a":1}', "application/ld+json"),
    ],
)
def test_writes_a_body(
    value: JsonValue, headers: dict[str, str], body: bytes | None, content_type: str | None
) -> None:
    sent, all_headers = request_body(value, headers)
    assert sent == body
    named = {name.lower(): text for name, text in all_headers.items()}
    assert (len(named), named.get("content-type")) == (content_type is not None, content_type)


@pytest.mark.parametrize("charset", ["latin-1", "zip", "rot13", "idna", "none"])
def test_refuses_a_body_that_its_character_set_cannot_hold(charset: str) -> None:
    with pytest.raises(RequestRefusedError):
        request_body("☃", {"content-type": f"text/plain; charset={charset}"})


@pytest.mark.parametrize(
    ("body", "content_type", "parse", "value"),
    [
        (b'{"a": [1]}', "application/json", "auto", {"a": [1]}),
        (b'{"a": 1}', "application/problem+json; charset=utf-8", "auto", {"a": 1}),
        (b'{"a": 1}', "text/plain", "auto", '{"a": 1}'),
        (b'{"a": 1}', "text/plain", "json", {"a": 1}),
        (b'{"a": 1}', "application/json", "text", '{"a": 1}'),
        (b"not json", "application/json", "auto", "not json"),
        (b"", "application/json", "auto", None),
        (b" ", "", "json", None),
        (b"", "", "auto", ""),
        (b"\xef\xbb\xbf[1]", "application/json", "auto", [1]),
        ('"ä"'.encode("latin-1"), "application/json; charset=iso-8859-1", "json", "ä"),
        ("ä€".encode("cp1252"), "text/html; charset=windows-1252", "auto", "ä€"),
        ("日本".encode("shift_jis"), 'text/plain; charset="Shift_JIS"', "auto", "日本"),
        ("ä".encode("utf-16"), "text/plain", "auto", "ä"),
        ("\ufeffä".encode("utf-16-be"), "text/plain", "auto", "ä"),
        (b"\xff?", "text/plain", "auto", "\ufffd?"),
    ],
)
def test_reads_a_body(body: bytes, content_type: str, parse: str, value: JsonValue) -> None:
    assert parsed_body(answered(body, content_type), parse) == value


@pytest.mark.parametrize(
    ("body", "content_type", "parse"),
    [
        (b"not json", "application/json", "json"),
        (b'{"a": NaN}', "application/json", "json"),
        (b"x", "text/plain; charset=zip", "auto"),
        (b"x", "text/plain; charset=unknown-8", "text"),
    ],
)
def test_refuses_a_body_that_is_not_what_was_asked_for(body: bytes, content_type: str, parse: str) -> None:
    with pytest.raises(AnswerUnreadableError):
        parsed_body(answered(body, content_type), parse)


@pytest.mark.parametrize(
    ("expected", "statuses"),
    [
        ("200-299", {200, 204, 299}),
        ("2xx", {200, 204, 299}),
        (404, {404}),
        ("404", {404}),
        (["2xx", 404, "500-501"], {200, 204, 299, 404, 500, 501}),
        ("nonsense", set()),
    ],
)
def test_knows_which_status_is_expected(expected: JsonValue, statuses: set[int]) -> None:
    tried = {199, 200, 204, 299, 300, 404, 500, 501, 503}
    assert {status for status in tried if matches_status(status, expected)} == statuses


def test_gives_a_status_its_class() -> None:
    classes = {status: status_code(status) for status in (400, 401, 403, 429, 500, 599)}
    assert classes[400] == ("400", None)
    assert {classes[401][1], classes[403][1]} == {"auth"}
    assert classes[429] == ("429", "rate_limit")
    assert {classes[500][1], classes[599][1]} == {"upstream"}
