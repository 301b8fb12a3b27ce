"""S27 and S33: bodies that are too large, too slow, too deep, ambiguous, or of another kind."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from flowloom_servicekit.errors import InvalidRequestError
from gateway.edge.bodies import BodyMiddleware, check_json
from tests.security.gateways import client_of, gateway_with, listening, sign_in

JSON = {"content-type": "application/json"}
MEGABYTE = 1_000_000


@pytest.fixture
async def owner() -> AsyncIterator[httpx.AsyncClient]:
    async with gateway_with() as gateway, client_of(gateway) as client:
        await sign_in(client)
        yield client


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b'{"source": "' + b"x" * MEGABYTE + b'"}', 413, id="more than a megabyte"),
        pytest.param(b"[" * 65 + b"]" * 65, 422, id="65 deep"),
        pytest.param(b'{"source": ' + b'{"a":' * 64 + b"1" + b"}" * 65, 422, id="65 deep in a field"),
        pytest.param(b"[" * 500_000, 422, id="never closed"),
        pytest.param(b'{"source": "' + b"[" * 999 + b'"}', 200, id="brackets in text are text"),
        pytest.param(json.dumps({str(n): n for n in range(1_001)}).encode(), 422, id="1,001 keys"),
        pytest.param(b'{"source": ' + b"9" * 400 + b"}", 422, id="a number of 400 digits"),
        pytest.param(b'{"source": 1e999}', 422, id="a number beyond a double"),
        pytest.param(b'{"source": NaN}', 422, id="NaN"),
        pytest.param(b'{"source": -Infinity}', 422, id="infinity"),
        pytest.param(b'{"source": "a", "source": "b"}', 422, id="a key twice"),
        pytest.param(b'{"source": "a", "sour\\u0063e": "b"}', 422, id="a key twice, once escaped"),
        pytest.param(b'{"source": "\xff"}', 422, id="no UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", 422, id="a byte order mark"),
        pytest.param(b"", 422, id="nothing"),
    ],
)
async def test_s27_refuses_what_is_over_a_limit(owner: httpx.AsyncClient, body: bytes, status: int) -> None:
    began = time.process_time()
    answer = await owner.post("/v1/validate", content=body, headers=JSON)
    assert time.process_time() - began < 1
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 1_000


async def test_s27_stops_a_chunked_body_at_the_limit(owner: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50 * MEGABYTE:
            sent += 100_000
            yield b" " * 100_000

    answer = await owner.post("/v1/validate", content=endless(), headers=JSON)
    assert answer.status_code == 413
    assert sent <= 2 * MEGABYTE


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "99999999999999999999", "5, 5"])
async def test_s27_refuses_a_length_that_is_none(owner: httpx.AsyncClient, length: str) -> None:
    answer = await owner.post("/v1/validate", content=b"{}", headers={**JSON, "content-length": length})
    assert answer.status_code == 413


async def test_s27_cuts_a_body_that_comes_slowly() -> None:
    async with gateway_with() as gateway:
        (limits,) = [one for one in gateway.app.user_middleware if one.cls is BodyMiddleware]
        limits.kwargs["body_s"] = 0.3
        async with listening(gateway) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
            writer.write(b"POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n{")
            answer = await asyncio.wait_for(reader.read(), timeout=5)
            writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        (
            "/v1/validate",
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="source"',
        ),
        ("/v1/validate", "application/x-www-form-urlencoded", b"source=x"),
        ("/v1/validate", "text/plain", b'{"source": "x"}'),
        ("/v1/validate", "application/xml", b"<source>x</source>"),
        ("/v1/validate", "text/plain; application/json", b'{"source": "x"}'),
        ("/v1/workflows", "image/svg+xml", b"<svg/>"),
        ("/v1/auth/login", "text/plain", b'{"email": "a@b.c", "password": "x"}'),
    ],
)
async def test_s33_refuses_a_body_of_another_kind(
    owner: httpx.AsyncClient, path: str, kind: str, body: bytes
) -> None:
    answer = await owner.post(path, content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")


async def test_s33_refuses_a_body_in_a_content_encoding(owner: httpx.AsyncClient) -> None:
    answer = await owner.post(
        "/v1/validate", content=b"\x1f\x8b", headers={**JSON, "content-encoding": "gzip"}
    )
    assert answer.status_code == 415


async def test_s33_refuses_fields_that_nobody_asked_for(owner: httpx.AsyncClient) -> None:
    for extra in (
        {"files": [{"path": "/etc/passwd"}]},
        {"id": "1"},
        {"workspace_id": "1"},
        {"__class__": "x"},
    ):
        answer = await owner.post("/v1/workflows", json={"source": "a: 1", **extra})
        assert answer.status_code == 422, extra


def test_json_that_is_allowed_passes() -> None:
    for body in (b"{}", b"[" * 64 + b"]" * 64, b'{"a": 1.5e300}', b'"\\ud83d\\ude00"', b"not json at all"):
        check_json(body)
    check_json(json.dumps([{"a": n} for n in range(5_000)]).encode())
    with pytest.raises(InvalidRequestError):
        check_json(b'[{"a": 1, "a": 2}]')
