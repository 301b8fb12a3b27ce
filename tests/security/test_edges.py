"""S50, S52, S55, S56: hosts, foreign origins, headers of every answer, and errors that say nothing."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import ValidationError

from gateway.testing.gateway import FakeGateway, fake_settings
from tests.security.gateways import client_of, gateway_with, listening, sign_in

FRIEND = "https://app.example.org"


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    async with gateway_with() as fakes:
        yield fakes


@pytest.fixture
async def owner(gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(gateway) as client:
        await sign_in(client)
        yield client


@pytest.mark.parametrize(
    "host",
    [
        "a/?x",
        "a#b",
        "user@a",
        "a:b@c",
        "a b",
        "a\tb",
        "a,b",
        "[::1",
        "::1",
        "a:",
        "a:99999999",
        "",
        "a\\b",
        "a%2fb",
    ],
)
async def test_s50_refuses_a_host_that_is_none(owner: httpx.AsyncClient, host: str) -> None:
    answer = await owner.get("/v1/me", headers={"host": host})
    assert (answer.status_code, answer.json()["instance"]) == (400, "/v1/me")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["a", "a.example:8080", "127.0.0.1:1", "[::1]:8080", "gateway_1"])
async def test_s50_routes_by_the_path_whatever_the_host(owner: httpx.AsyncClient, host: str) -> None:
    assert (await owner.get("/v1/me", headers={"host": host})).status_code == 200


async def test_s50_links_do_not_follow_the_host(owner: httpx.AsyncClient) -> None:
    made = await owner.post("/v1/workflows", json={"source": "a: 1"}, headers={"host": "evil.example"})
    assert made.headers["location"].startswith("/v1/workflows/")
    slash = await owner.get("/v1/workflows/", headers={"host": "evil.example"})
    assert "evil" not in slash.headers.get("location", "")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        (b"GET http://evil.example/healthz HTTP/1.1\r\nHost: a\r\n\r\n", b"200"),
        (b"GET http://evil.example/v1/me HTTP/1.1\r\nHost: a\r\n\r\n", b"401"),
        (b"GET /healthz HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /healthz#/v1/me HTTP/1.1\r\nHost: a\r\n\r\n", b"200"),
    ],
)
async def test_s50_judges_what_really_arrives(
    gateway: FakeGateway, request_bytes: bytes, status: bytes
) -> None:
    async with listening(gateway) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(request_bytes.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = await asyncio.wait_for(reader.read(), timeout=5)
        writer.close()
    assert answer.split(b" ", 2)[1] == status


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://app.example.org", f"{FRIEND}.a.org"]
)
async def test_s52_a_foreign_page_is_told_nothing(origin: str) -> None:
    async with gateway_with(cors_origins=FRIEND) as gateway, client_of(gateway) as client:
        simple = await client.get("/healthz", headers={"origin": origin})
        asked = {"origin": origin, "access-control-request-method": "PUT"}
        preflight = await client.options("/v1/workflows", headers=asked)
    assert "access-control-allow-origin" not in simple.headers
    assert "access-control-allow-origin" not in preflight.headers
    assert preflight.status_code >= 400


async def test_s52_a_page_that_the_operator_names_may_call_without_cookies() -> None:
    async with (
        gateway_with(cors_origins=f"{FRIEND}, http://127.0.0.1:5173") as gateway,
        client_of(gateway) as client,
    ):
        asked = {
            "origin": FRIEND,
            "access-control-request-method": "PUT",
            "access-control-request-headers": "authorization, if-match",
        }
        preflight = await client.options("/v1/workflows/x", headers=asked)
        refused = await client.get("/v1/me", headers={"origin": FRIEND})
    assert preflight.headers["access-control-allow-origin"] == FRIEND
    assert int(preflight.headers["access-control-max-age"]) <= 600
    assert "access-control-allow-credentials" not in preflight.headers
    assert refused.headers["access-control-allow-origin"] == FRIEND
    assert "origin" in refused.headers["vary"].lower()


async def test_s52_without_such_a_page_nobody_is_answered(owner: httpx.AsyncClient) -> None:
    answer = await owner.get("/v1/me", headers={"origin": FRIEND})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "origins", ["*", "null", "https://*.example.org", "https://a.example/", "a.example.org"]
)
def test_s52_only_exact_origins_can_be_named(origins: str) -> None:
    with pytest.raises(ValidationError):
        fake_settings(cors_origins=origins)


async def test_s55_every_answer_carries_the_headers(gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
    paths = [
        "/v1/me",
        "/v1/nothing",
        "/healthz",
        "/v1/docs",
        "/v1/openapi.json",
        "/.well-known/jwks.json",
        "/",
    ]
    answers = [await owner.get(path) for path in paths]
    answers.append(
        await owner.post("/v1/validate", content=b"{", headers={"content-type": "application/json"})
    )
    answers.append(await owner.request("TRACE", "/v1/me"))
    answers.append(await owner.get("/v1/me", headers={"authorization": "Bearer x"}))
    for answer in answers:
        headers = answer.headers
        policy = headers["content-security-policy"]
        for directive in (
            "default-src 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'none'",
        ):
            assert directive in policy, answer.url
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert not headers.keys() & {"server", "x-powered-by"}
    for answer in answers[:4]:
        assert answer.headers["cache-control"] == "no-store"


async def test_s55_asks_for_tls_where_there_is_tls() -> None:
    for url, said in (("https://flowloom.example", True), ("http://127.0.0.1:8080", False)):
        async with gateway_with(public_url=url) as gateway, client_of(gateway) as client:
            headers = (await client.get("/healthz")).headers
            assert ("strict-transport-security" in headers) is said


async def test_s56_an_error_in_any_layer_says_nothing_but_an_id(
    gateway: FakeGateway, owner: httpx.AsyncClient
) -> None:
    secret = "postgresql://flowloom:hunter2@10.0.0.7/flowloom"

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(secret)

    gateway.workflows.page = broken  # type: ignore[method-assign,assignment]  # a failure of the store
    gateway.runs.page = broken  # type: ignore[method-assign,assignment]  # a failure of another service
    gateway.accounts.live_session = broken  # type: ignore[method-assign,assignment]  # a failure while judging
    for path in ("/v1/workflows", "/v1/runs", "/v1/me"):
        gateway.clock.advance(2)
        answer = await owner.get(path)
        problem = answer.json()
        assert answer.status_code == 500
        assert set(problem) == {"type", "title", "status", "detail", "instance", "trace_id"}
        assert (problem["type"], problem["detail"]) == ("/problems/internal-error", "")
        assert problem["trace_id"] == answer.headers["x-request-id"]
        assert "hunter2" not in answer.text and "Traceback" not in answer.text
        assert re.fullmatch(r"[0-9a-f]{32}", problem["trace_id"])


async def test_s56_a_wrong_field_is_named_and_its_value_is_not(owner: httpx.AsyncClient) -> None:
    canary = "canary-" + "x" * 40
    bodies: list[tuple[str, dict[str, object]]] = [
        ("/v1/auth/login", {"email": canary * 20, "password": [canary]}),
        ("/v1/api-keys", {"name": {"a": canary}, "scopes": canary}),
        ("/v1/secrets/x", {"value": {"a": canary}}),
        ("/v1/workflows", {"source": 7, canary: canary}),
    ]
    for path, body in bodies:
        verb = "PUT" if "secrets" in path else "POST"
        answer = await owner.request(verb, path, json=body)
        assert answer.status_code == 422, path
        values = [error["message"] for error in answer.json()["errors"]]
        assert not any(canary in value for value in values), path
        assert "input" not in json.dumps([list(error) for error in answer.json()["errors"]])


@pytest.mark.parametrize(
    "path",
    [
        *("/metrics", "/internal/anything", "/dapr/config", "/dapr/subscribe", "/debug", "/docs", "/redoc"),
        *(
            "/openapi.json",
            "/debug/pprof",
            "/console",
            "/.env",
            "/.git/config",
            "/v1/debug",
            "/server-status",
        ),
    ],
)
async def test_s56_nothing_of_the_inside_is_public(owner: httpx.AsyncClient, path: str) -> None:
    assert (await owner.get(path)).status_code in (401, 404)
