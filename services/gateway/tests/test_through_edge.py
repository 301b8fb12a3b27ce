"""With a secret configured the gateway answers the edge alone, and believes it about addresses."""

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.testing.gateway import FakeGateway, fake_settings
from gateway.through_edge import ThroughEdgeMiddleware

SECRET = "an-edge-secret-of-more-than-32-characters"
HEADER = {"x-gateway-secret": SECRET}


class Behind:
    """Stands for the application and remembers what reached it."""

    def __init__(self) -> None:
        self.seen: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})


def asking(behind: Behind, secret: str | None = SECRET) -> httpx.AsyncClient:
    guarded = ThroughEdgeMiddleware(behind, secret=secret)
    transport = httpx.ASGITransport(app=guarded, client=("10.0.0.9", 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://gateway")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("x-gateway-secret", "")],
        [("x-gateway-secret", SECRET[:-1])],
        [("x-gateway-secret", SECRET + "x")],
        [("x-gateway-secret", SECRET), ("x-gateway-secret", SECRET)],
        [("x-gateway-secret", "other"), ("x-gateway-secret", SECRET)],
        [("x_gateway_secret", SECRET)],
    ],
    ids=["none", "empty", "short", "long", "twice", "beside another", "underscores"],
)
async def test_refuses_what_did_not_come_through_the_edge(headers: list[tuple[str, str]]) -> None:
    behind = Behind()
    async with asking(behind) as client:
        answer = await client.get("/v1/me", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/not-through-edge"
    assert SECRET not in answer.text
    assert behind.seen == []


async def test_takes_the_callers_address_from_the_edge_and_hides_its_headers() -> None:
    behind = Behind()
    async with asking(behind) as client:
        await client.get(
            "/v1/me", headers=HEADER | {"x-real-ip": "203.0.113.7", "x-forwarded-for": "1.2.3.4"}
        )
    [scope] = behind.seen
    assert scope["client"] == ("203.0.113.7", 0)
    assert not {b"x-gateway-secret", b"x-real-ip"} & {name for name, _ in scope["headers"]}


@pytest.mark.parametrize("claimed", ["", "not an address", "203.0.113.7, 1.2.3.4", "203.0.113.7\t; drop"])
async def test_keeps_the_peers_address_when_the_claimed_one_is_none(claimed: str) -> None:
    behind = Behind()
    async with asking(behind) as client:
        await client.get("/v1/me", headers=HEADER | {"x-real-ip": claimed})
    assert behind.seen[0]["client"] == ("10.0.0.9", 4000)


async def test_believes_no_address_where_nothing_is_in_front() -> None:
    behind = Behind()
    async with asking(behind, secret=None) as client:
        await client.get("/v1/me", headers={"x-real-ip": "203.0.113.7"})
    assert behind.seen[0]["client"] == ("10.0.0.9", 4000)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/internal/workflows/resolve", "/job/a"])
async def test_lets_those_inside_pass(path: str) -> None:
    behind = Behind()
    async with asking(behind) as client:
        assert (await client.get(path)).status_code == 204


async def test_closes_a_socket_that_did_not_come_through_the_edge() -> None:
    behind, sent = Behind(), []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/internal/../v1/ws", "headers": [(b"x-real-ip", b"203.0.113.7")]}
    await ThroughEdgeMiddleware(behind, secret=SECRET)(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert behind.seen == []


async def test_the_whole_gateway_asks_for_the_secret_and_then_for_a_sign_in() -> None:
    fakes = FakeGateway(settings=fake_settings(edge_secret=SECRET))
    async with fakes.app.router.lifespan_context(fakes.app):
        transport = httpx.ASGITransport(app=fakes.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            refused, let_through = await client.get("/v1/me"), await client.get("/v1/me", headers=HEADER)
            well = await client.get("/healthz")
    assert (refused.status_code, let_through.status_code, well.status_code) == (403, 401, 200)
    assert refused.headers["x-content-type-options"] == "nosniff"
