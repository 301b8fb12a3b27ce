"""S49 and S51 on a real Kong in front of a real gateway over fakes; needs `kong` on PATH (make test-kong)."""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from flowloom_cli.parts.kong import kong, render
from flowloom_cli.secrets import ensure_keys
from flowloom_cli.supervision.readiness import wait_ready
from flowloom_cli.topology import Topology
from flowloom_servicekit.serve import OPTIONS
from flowloom_servicekit.testing.waiting import wait_until
from gateway.adapters.signing_keys import read_keys
from gateway.testing.gateway import SETUP_TOKEN, FakeGateway, Server, fake_settings
from tests.security.raw_http import Reply, exchange

pytestmark = pytest.mark.kong

SECRET = "an-edge-secret-of-more-than-32-characters"
END = "\r\n\r\n"
OWNER = {
    "setup_token": SETUP_TOKEN,
    "email": "ada@example.org",
    "password": "a long enough password",
    "workspace": "Ada",
}


@dataclass(frozen=True)
class Edge:
    """Kong with a gateway behind it."""

    topology: Topology

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.topology.gateway}"

    async def raw(self, text: str) -> Reply:
        return await exchange("127.0.0.1", self.topology.gateway, text.encode("latin-1"), limit_s=2)


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        base: int = free.getsockname()[1] - 30
    topology = Topology(base=base, gateway=base + 30, edge=True)
    ensure_keys(tmp_path / "keys")
    (tmp_path / "run").mkdir()
    render(tmp_path, topology, secret=SECRET)
    signing_key = read_keys(tmp_path / "keys" / "gateway-access.key.pem")[0].key
    url = f"http://127.0.0.1:{topology.gateway}"
    fakes = FakeGateway(settings=fake_settings(edge_secret=SECRET, public_url=url), signing_key=signing_key)
    async with fakes.app.router.lifespan_context(fakes.app):
        options = uvicorn.Config(
            fakes.app, port=topology.behind_edge, lifespan="off", log_config=None, **OPTIONS
        )
        server = Server(options)
        serving = asyncio.create_task(server.serve())
        await wait_until(lambda: server.started)
        program = shutil.which("kong")
        assert program is not None, "install Kong 3.9 and put it on PATH"
        part = kong(Path(program), tmp_path, topology, env={"PATH": os.environ["PATH"]})
        process = await asyncio.create_subprocess_exec(*part.command, cwd=part.cwd, env=dict(part.env))
        try:
            assert await wait_ready(part.ready, limit_s=60)
            yield Edge(topology)
        finally:
            process.terminate()
            await process.wait()
            server.should_exit = True
            await serving


async def test_lets_in_who_is_signed_in_and_nobody_else(edge: Edge) -> None:
    async with httpx.AsyncClient(base_url=edge.url, trust_env=False) as client:
        refused = await client.get("/v1/me")
        assert (refused.status_code, refused.json()["type"]) == (401, "/problems/unauthenticated")
        token = (await client.post("/v1/auth/setup", json=OWNER)).json()["access_token"]
        signed_in = {"authorization": f"Bearer {token}"}
        assert (await client.get("/v1/me", headers=signed_in)).status_code == 200
        made = await client.post(
            "/v1/api-keys", json={"name": "ci", "scopes": ["runs:read"]}, headers=signed_in
        )
        key = made.json()["key"]
        assert (await client.get("/v1/runs", headers={"x-api-key": key})).status_code == 200
        for query in (f"jwt={token}", f"apikey={key}", f"x-api-key={key}"):
            assert (await client.get(f"/v1/runs?{query}")).status_code == 401
        for forged in (token[:-4] + "AAAA", "a.b.c", ""):
            answer = await client.get("/v1/me", headers={"authorization": f"Bearer {forged}x"})
            assert answer.status_code == 401
        for shape in ("guess", key.replace("_", "-")):
            assert (await client.get("/v1/runs", headers={"x-api-key": shape})).status_code == 401


async def test_the_gateway_answers_nobody_who_goes_around(edge: Edge) -> None:
    direct = f"http://127.0.0.1:{edge.topology.behind_edge}"
    async with httpx.AsyncClient(base_url=direct, trust_env=False) as client:
        assert (await client.get("/v1/openapi.json")).status_code == 403
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/internal/runs/list", "/metrics", "//metrics", "/v1/../metrics", "/%6detrics", "/dapr/subscribe"],
)
async def test_no_route_reaches_what_sidecars_call(edge: Edge, path: str) -> None:
    reply = await edge.raw(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close{END}")
    assert reply.statuses == [404]


async def test_says_nothing_about_itself_and_names_each_request(edge: Edge) -> None:
    async with httpx.AsyncClient(base_url=edge.url, trust_env=False) as client:
        answer = await client.get("/healthz", headers={"x-request-id": "mine-1"})
    assert answer.headers["x-request-id"] == "mine-1"
    assert not {"via", "server", "x-kong-upstream-latency", "x-kong-proxy-latency"} & set(answer.headers)


async def test_caps_bodies_with_and_without_a_length(edge: Edge) -> None:
    async with httpx.AsyncClient(base_url=edge.url, trust_env=False) as client:
        answer = await client.post("/v1/auth/login", content=b"x" * 2_000_000)
        assert answer.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1_000_000

    async with httpx.AsyncClient(base_url=edge.url, trust_env=False, timeout=30) as client:
        # It may be cut while it is still sending.
        with contextlib.suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
            assert (await client.post("/hooks/x", content=endless())).status_code == 413


@pytest.mark.parametrize(
    "text",
    [
        f"POST /hooks/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked{END}0{END}",
        f"POST /hooks/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x{END}0{END}",
        f"POST /hooks/x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 9{END}",
        f"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b{END}",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: " + "a" * 70_000 + END,
    ],
)
async def test_what_two_servers_could_read_differently_is_refused(edge: Edge, text: str) -> None:
    reply = await edge.raw(text + "GET /v1/me HTTP/1.1\r\nHost: a" + END)
    assert reply.closed
    assert len(reply.statuses) <= 1
    assert not reply.statuses or 400 <= reply.statuses[0] < 500


async def test_only_our_pages_may_call(edge: Edge) -> None:
    ask = {"access-control-request-method": "POST"}
    async with httpx.AsyncClient(base_url=edge.url, trust_env=False) as client:
        ours = await client.options("/v1/runs", headers=ask | {"origin": edge.url})
        assert ours.headers["access-control-allow-origin"] == edge.url
        assert int(ours.headers["access-control-max-age"]) <= 600
        for origin in ("https://evil.example", "null", edge.url + ".evil.example"):
            theirs = await client.options("/v1/runs", headers=ask | {"origin": origin})
            assert theirs.headers.get("access-control-allow-origin") not in (origin, "*")


async def test_floods_end_at_the_edge(edge: Edge) -> None:
    body = {"email": "eve@example.org", "password": "a wrong password"}
    async with httpx.AsyncClient(base_url=edge.url, trust_env=False) as client:
        answers = await asyncio.gather(*(client.post("/v1/auth/login", json=body) for _ in range(40)))
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in limited)
