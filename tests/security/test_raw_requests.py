"""S44, S50, S51 against the gateway itself: smuggled requests, odd hosts, headers that claim an identity."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn

from flowloom_servicekit.serve import OPTIONS
from flowloom_servicekit.testing.waiting import wait_until
from gateway.testing.gateway import SETUP_TOKEN, FakeGateway, Server
from tests.security.raw_http import Reply, exchange

HOST = "127.0.0.1"
OWNER = {
    "setup_token": SETUP_TOKEN,
    "email": "ada@example.org",
    "password": "a long enough password",
    "workspace": "Ada",
}
END = "\r\n\r\n"
SMUGGLED = "GET /v1/runs HTTP/1.1\r\nHost: a\r\n\r\n"
LOGIN = "POST /v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    fakes = FakeGateway()
    async with fakes.app.router.lifespan_context(fakes.app):
        yield fakes


@pytest.fixture
async def server(gateway: FakeGateway) -> AsyncIterator[Server]:
    """The gateway behind the server and the options of production."""
    config = uvicorn.Config(gateway.app, port=0, lifespan="off", log_config=None, **OPTIONS)
    running = Server(config)
    serving = asyncio.create_task(running.serve())
    await wait_until(lambda: running.started)
    yield running
    running.should_exit = True
    await serving


@pytest.fixture
async def owner(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        answer = await client.post("/v1/auth/setup", json=OWNER)
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


async def ask(server: Server, text: str, *, limit_s: float = 1.0) -> Reply:
    port = int(server.url.rpartition(":")[2])
    return await exchange(HOST, port, text.encode("latin-1"), limit_s=limit_s)


def refused(reply: Reply) -> bool:
    """One problem of the 400s and a closed connection, or no answer at all."""
    is_problem = b"content-type: application/problem+json" in reply.data.lower()
    return reply.closed and (
        not reply.statuses or (len(reply.statuses) == 1 and 400 <= reply.statuses[0] < 500 and is_problem)
    )


@pytest.mark.parametrize(
    "text",
    [
        LOGIN + f"Content-Length: 5\r\nTransfer-Encoding: chunked{END}0{END}" + SMUGGLED,
        LOGIN + f"Transfer-Encoding: chunked\r\nContent-Length: {len(SMUGGLED)}{END}0{END}" + SMUGGLED,
        LOGIN + f"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity{END}0{END}" + SMUGGLED,
        LOGIN + f"Transfer-Encoding: chunked\r\nTransfer-Encoding: x{END}0{END}" + SMUGGLED,
        LOGIN + f"Transfer-Encoding: xchunked{END}0{END}" + SMUGGLED,
        LOGIN + f"Transfer-Encoding: chunked, identity{END}0{END}" + SMUGGLED,
        LOGIN + f"Transfer-Encoding:\x0bchunked{END}0{END}" + SMUGGLED,
        LOGIN + f"Content-Length: 0\r\nContent-Length: 44{END}" + SMUGGLED,
        LOGIN + f"Content-Length: +5{END}hello" + SMUGGLED,
        LOGIN + f"Content-Length: 0x5{END}hello" + SMUGGLED,
        LOGIN + f"Transfer-Encoding : chunked{END}0{END}" + SMUGGLED,
        LOGIN + f"X-Folded: a\r\n b: c{END}" + SMUGGLED,
        LOGIN + f"X-Nul: a\x00b{END}" + SMUGGLED,
        LOGIN.replace("\r\n", "\n") + "\n" + SMUGGLED,
        LOGIN + "X-Bare: a\nX-Other: b" + END + SMUGGLED,
        LOGIN + f"Transfer-Encoding: chunked{END}5\nhello\n0\n\n" + SMUGGLED,
        LOGIN + f"Transfer-Encoding: chunked{END}-1\r\nhello\r\n0{END}" + SMUGGLED,
        "GET /v1/me HTTP/1.1\r\nHost: a\r\nX-Long: " + "a" * 20_000 + END,
        "GET /v1/me?" + "a" * 70_000 + " HTTP/1.1\r\nHost: a" + END,
        "GET /v1/me HTTP/1.1\r\nHost: a\r\n" + "".join(f"X-{n}: a\r\n" for n in range(2_000)) + "\r\n",
        "GET /v1/me HTTP/1.1\r\nHost: a\r\nX-Endless: " + "a" * 200_000,
    ],
    ids=[
        "CL then TE",
        "TE then CL",
        "TE.TE identity",
        "TE.TE unknown",
        "TE unknown",
        "TE list",
        "TE vertical tab",
        "two lengths",
        "signed length",
        "hexadecimal length",
        "space before colon",
        "folded header",
        "NUL in a header",
        "bare LF",
        "bare LF between headers",
        "bare LF in chunks",
        "negative chunk",
        "header above 16 KB",
        "line above 64 KB",
        "headers above 16 KB together",
        "a head without an end",
    ],
)
async def test_s51_what_two_servers_could_read_differently_is_refused(server: Server, text: str) -> None:
    reply = await ask(server, text)
    assert refused(reply), reply.data[:300]


@pytest.mark.parametrize(
    "host",
    ["a/?x", "a#x", "user@a", "user:pass@127.0.0.1", "evil.example", "127.0.0.1:1", "[::1", "a b", "a\x7f"],
)
async def test_s50_an_odd_host_changes_neither_routing_nor_links(
    server: Server, owner: httpx.AsyncClient, host: str
) -> None:
    head = f"GET /v1/me HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    reply = await ask(server, head + f"Authorization: {owner.headers['authorization']}{END}")
    assert reply.statuses in ([200], [400]), reply.data[:200]
    unknown = await ask(server, f"GET /v1/nothing HTTP/1.1\r\nHost: {host}\r\nConnection: close{END}")
    assert unknown.statuses in ([404], [400])
    assert host.encode("latin-1") not in reply.data + unknown.data


async def test_s50_two_hosts_and_an_absolute_form_change_nothing(server: Server) -> None:
    two = await ask(server, f"GET /v1/me HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close{END}")
    assert two.statuses in ([401], [400])
    absolute = await ask(
        server, f"GET http://evil.example/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close{END}"
    )
    assert absolute.statuses in ([404], [400], [200])
    assert b"evil.example" not in absolute.data


CLAIMS = {
    "X-Consumer-ID": "1",
    "X-Consumer-Username": "ada@example.org",
    "X-Consumer-Groups": "owner",
    "X-Authenticated-Groups": "owner",
    "X-Credential-Identifier": "1",
    "X-Anonymous-Consumer": "false",
    "X-Tenant": "1",
    "X-Forwarded-User": "ada@example.org",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/v1/me",
    "X-Rewrite-URL": "/v1/me",
    "X-HTTP-Method-Override": "DELETE",
    "dapr-app-id": "orchestrator",
    "dapr-caller-app-id": "orchestrator",
    "dapr-api-token": "guess",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}


@pytest.mark.parametrize(
    "path", ["/v1/me", "/v1/runs", "/v1/api-keys", "/internal/workflows/resolve", "/metrics"]
)
async def test_s44_headers_let_nobody_in(server: Server, path: str) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as stranger:
        answer = await stranger.get(path, headers=CLAIMS)
    assert answer.status_code in (401, 404, 405)
    assert "evil" not in answer.text + str(answer.headers)


async def test_s44_headers_change_nobody_who_is_in(owner: httpx.AsyncClient) -> None:
    plain, claiming = await owner.get("/v1/me"), await owner.get("/v1/me", headers=CLAIMS)
    assert claiming.json() == plain.json()
    assert claiming.headers["x-request-id"] != "0af7651916cd43dd8448eb211c80319c", "strangers choose no trace"


async def test_s44_an_address_that_is_claimed_is_not_the_callers(
    server: Server, gateway: FakeGateway
) -> None:
    gateway.throttle.limit, statuses = 2, []
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as stranger:
        for last in range(3):
            claimed = f"203.0.113.{last}"
            headers = {"x-forwarded-for": claimed, "x-real-ip": claimed, "forwarded": f"for={claimed}"}
            body = {"email": "eve@example.org", "password": "a wrong password"}
            statuses.append((await stranger.post("/v1/auth/login", json=body, headers=headers)).status_code)
    assert statuses == [401, 401, 429], "an address of one's own choice would begin a new count each time"


async def test_s51_a_head_of_usual_size_and_the_next_one_on_the_same_connection_are_answered(
    server: Server,
) -> None:
    head = "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: " + "a" * 15_000
    twice = await ask(server, f"{head}{END}{head}\r\nConnection: close{END}")
    assert twice.statuses == [200, 200]
    closing = f"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close{END}"
    body = "{" + " " * 60_000 + "}"
    after_a_body = await ask(
        server,
        f"{LOGIN}Content-Length: {len(body)}{END}{body}" + closing,
    )
    assert after_a_body.statuses == [422, 200]
