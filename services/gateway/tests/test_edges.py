"""What holds for every route: credentials, headers, limits, problems, the published interface."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.openapi_export import COMMITTED, openapi_text
from gateway.testing.gateway import FakeGateway, fake_settings

OPEN = {
    "/healthz",
    "/readyz",
    "/v1/openapi.json",
    "/.well-known/jwks.json",
    "/v1/auth/setup",
    "/v1/auth/login",
    "/v1/auth/refresh",
    "/v1/auth/logout",
    "/v1/auth/invitation",
    "/v1/auth/invitation/accept",
    "/v1/auth/password/forgot",
    "/v1/auth/password/reset",
    "/v1/auth/providers",
    "/v1/auth/oidc/{provider}/start",
    "/v1/auth/oidc/{provider}/callback",
    "/v1/oauth/token",
    "/hooks/{hook_id}",
}


def _routes(gateway: FakeGateway) -> list[tuple[str, str]]:
    operations = gateway.app.openapi()["paths"].items()
    return [(method.upper(), path) for path, methods in operations for method in methods]


async def test_asks_for_credentials_on_every_route_but_the_open_ones(
    gateway: FakeGateway, stranger: httpx.AsyncClient
) -> None:
    asked = []
    for method, path in _routes(gateway):
        answer = await stranger.request(method, path.replace("{", "").replace("}", ""), json={})
        if path not in OPEN:
            asked.append(path)
            assert answer.status_code == 401, (method, path)
    assert len(asked) >= 40


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/models/test", "POST"), ("/v1/models/1", "GET, PUT, DELETE"), ("/v1/workflows", "GET, POST")],
)
async def test_names_once_what_a_path_allows_and_nothing_of_its_neighbours(
    owner: httpx.AsyncClient, path: str, allowed: str
) -> None:
    answer = await owner.options(path)
    assert (answer.status_code, answer.headers.get_list("allow")) == (405, [allowed])


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/approvals", "/v1/nothing", "/docs", "/redoc", "/openapi.json"]
)
async def test_answers_404_as_a_problem_for_what_is_not_there(owner: httpx.AsyncClient, path: str) -> None:
    answer = await owner.post(path)
    assert answer.status_code in {404, 405}
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["instance"]) == (answer.status_code, path)


async def test_sends_security_headers_also_with_failures(stranger: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/v1/me", "/nothing"):
        headers = (await stranger.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["x-request-id"]


async def test_keeps_a_request_id_of_the_agreed_form(stranger: httpx.AsyncClient) -> None:
    kept = await stranger.get("/v1/me", headers={"x-request-id": "abc-123.def_4"})
    for given in ("a", "x" * 64):
        assert (await stranger.get("/v1/me", headers={"x-request-id": given})).headers[
            "x-request-id"
        ] == given
    for given in ("", "x" * 65, "a/b", "é".encode()):
        assert (await stranger.get("/v1/me", headers={"x-request-id": given})).headers[
            "x-request-id"
        ] != given
    replaced = await stranger.get("/v1/me", headers={"x-request-id": "a b"})
    assert kept.headers["x-request-id"] == kept.json()["trace_id"] == "abc-123.def_4"
    assert replaced.headers["x-request-id"] != "a b"


async def test_refuses_a_body_above_one_megabyte(owner: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"x" * 100_000

    announced = await owner.post("/v1/validate", content=b'{"source":"' + b"x" * 1_000_000 + b'"}')
    streamed = await owner.post("/v1/validate", content=chunks())
    for answer in (announced, streamed):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"


async def test_compresses_long_answers(owner: httpx.AsyncClient) -> None:
    answer = await owner.get("/v1/openapi.json", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


async def test_is_ready_only_with_all_its_parts(gateway: FakeGateway, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/readyz")).status_code == 200
    gateway.platform.missing.append("orchestrator does not answer")
    answer = await stranger.get("/readyz")
    assert (answer.status_code, "orchestrator" in answer.json()["detail"]) == (503, True)
    assert (await stranger.get("/healthz")).status_code == 200


async def test_publishes_the_key_of_its_tokens_without_the_private_half(stranger: httpx.AsyncClient) -> None:
    (key,) = (await stranger.get("/.well-known/jwks.json")).json()["keys"]
    assert {"kty", "crv", "x", "y", "kid", "use", "alg"} == set(key)


async def test_hides_metrics_from_strangers(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/metrics")).status_code == 404
    assert (await stranger.get("/internal/anything")).status_code == 401


def test_publishes_the_committed_interface() -> None:
    assert Path(__file__).parents[1] / "openapi.json" == COMMITTED
    assert COMMITTED.read_text(encoding="utf-8") == openapi_text(), (
        "run `python -m gateway.openapi_export` and commit services/gateway/openapi.json"
    )


def test_describes_every_failure_as_a_problem() -> None:
    document = json.loads(openapi_text())
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                if status == "default" or int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], (method, path)


async def test_uses_the_host_prefix_behind_tls() -> None:
    gateway = FakeGateway(settings=fake_settings(public_url="https://flowloom.example"))
    body = {"setup_token": "the-token-this-server-was-started-with", "email": "a@b.c", "workspace": "A"}
    async with gateway.app.router.lifespan_context(gateway.app):
        transport = httpx.ASGITransport(app=gateway.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://flowloom.example") as client:
            answer = await client.post("/v1/auth/setup", json={**body, "password": "a long enough one"})
    assert answer.headers["set-cookie"].startswith("__Host-flowloom_refresh=")
    assert "Secure" in answer.headers["set-cookie"] and "Path=/" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"]
