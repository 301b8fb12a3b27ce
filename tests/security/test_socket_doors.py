"""S53: sockets of both kinds refuse foreign pages, strangers, floods, large and binary messages."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx
import pytest

from flowloom_contracts.runs import RunStatus
from flowloom_servicekit.testing.waiting import wait_until
from gateway.testing.gateway import PUBLIC_URL, FakeGateway, Server
from tests.security.gateways import client_of, gateway_with, listening, sign_in

GOOD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: a}\nsteps: {b: {transform: 1}}\n"
PROTOCOL = "flowloom.v1"


class Site:
    """A gateway that listens, its owner, and a run to follow."""

    def __init__(self, gateway: FakeGateway, server: Server, owner: httpx.AsyncClient, run_id: str) -> None:
        self.gateway = gateway
        self.url = server.url
        self.token = owner.headers["authorization"].removeprefix("Bearer ")
        self.owner = owner
        self.run_id = run_id

    @asynccontextmanager
    async def plain(
        self, *, token: str | None = None, **headers: str
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A plain WebSocket that has said who it is."""
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{self.url}/v1/ws", protocols=[PROTOCOL], headers=headers) as socket,
        ):
            await socket.send_json({"auth": {"token": token or self.token}})
            yield socket


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with gateway_with() as gateway, client_of(gateway) as owner, listening(gateway) as server:
        await sign_in(owner)
        workflow = (await owner.post("/v1/workflows", json={"source": GOOD})).json()["id"]
        run_id = (await owner.post(f"/v1/workflows/{workflow}/runs", json={})).json()["id"]
        await gateway.runs.happen(run_id, "run.started.v1", RunStatus.RUNNING)
        yield Site(gateway, server, owner, run_id)


async def _says(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(await socket.receive_str(timeout=5))
    return said


async def _ends(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Read until the end, and return its code."""
    while (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
        pass
    return socket.close_code


async def test_the_plain_socket_follows_a_run_to_its_end(site: Site) -> None:
    async with site.plain() as socket:
        assert (await _says(socket))["event"] == "ready"
        await socket.send_json({"id": 7, "call": "subscribe", "stream": f"run:{site.run_id}", "after": "0"})
        answer = await _says(socket)
        assert (answer["id"], answer["ok"], answer["cursor"]) == (7, True, "1:1")
        assert [event["type"] for event in answer["events"]] == ["run.started.v1"]
        await site.gateway.runs.say(site.run_id, "one")
        await site.gateway.runs.happen(site.run_id, "run.finished.v1", RunStatus.SUCCEEDED)
        seen: list[int] = []
        while len(seen) < 2:
            said = await _says(socket)
            data = said["data"] if isinstance(said["data"], list) else [said["data"]]
            seen += [event["seq"] for event in data]
        assert seen == [2, 3]
        await wait_until(lambda: site.gateway.app.state.plain_sockets.open_streams == 0)


async def test_the_plain_socket_answers_what_it_refuses_and_goes_on(site: Site) -> None:
    async with site.plain() as socket:
        await _says(socket)
        for number, wish in enumerate(({"stream": "run:nothing"}, {"stream": "user:1"}, {"colour": "red"})):
            await socket.send_json({"id": str(number), "call": "subscribe", **wish})
            answer = await _says(socket)
            assert (answer["id"], answer["ok"]) == (str(number), False)
            assert answer["problem"]["status"] in (404, 422)
        await socket.send_json({"id": "x", "call": "renew", "auth": {"token": site.token}})
        assert await _says(socket) == {"id": "x", "ok": True}
        await socket.send_json({"id": "y", "call": "unsubscribe", "stream": f"run:{site.run_id}"})
        assert await _says(socket) == {"id": "y", "ok": True}


async def test_s53_a_plain_socket_ends_with_its_session(site: Site) -> None:
    async with site.plain() as socket:
        await _says(socket)
        await site.owner.post("/v1/auth/logout", headers={"x-flowloom-csrf": "1", "origin": PUBLIC_URL})
        site.gateway.clock.advance(2)
        assert (await _says(socket))["data"]["status"] == 401
        assert await _ends(socket) == 1001
    assert site.gateway.connections.count == 0


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example:8080"])
async def test_s53_refuses_a_foreign_page_by_every_door(site: Site, origin: str) -> None:
    async with aiohttp.ClientSession(headers={"origin": origin}) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{site.url}/v1/ws", protocols=[PROTOCOL])
        assert refused.value.status == 403
        polling = await session.get(f"{site.url}/socket.io/?EIO=4&transport=polling")
        assert polling.status == 400
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{site.url}/socket.io/?EIO=4&transport=websocket")


async def test_s53_our_own_page_may_open_both(site: Site) -> None:
    async with site.plain(origin=PUBLIC_URL) as socket:
        assert (await _says(socket))["event"] == "ready"
    async with aiohttp.ClientSession(headers={"origin": PUBLIC_URL}) as session:
        polling = await session.get(f"{site.url}/socket.io/?EIO=4&transport=polling")
        assert polling.status == 200


Break = Callable[[aiohttp.ClientWebSocketResponse], Awaitable[None]]


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (lambda socket: socket.send_json({"auth": {"token": "nonsense"}}), 4401),
        (lambda socket: socket.send_json({"auth": {}}), 4401),
        (lambda socket: socket.send_json({"auth": {"token": "flk_live_x"}}), 4401),
        (lambda socket: socket.send_json({"id": 1, "call": "subscribe", "stream": "run:x"}), 4422),
        (lambda socket: socket.send_str("no json"), 4422),
        (lambda socket: socket.send_str("[" * 10_000), 4422),
        (lambda socket: socket.send_bytes(b"{}"), 1003),
        (lambda socket: socket.send_str('{"auth": {"token": "' + "x" * 70_000 + '"}}'), 1009),
    ],
)
async def test_s53_ends_a_socket_that_does_not_say_who_it_is(site: Site, first: Break, code: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{site.url}/v1/ws", protocols=[PROTOCOL]) as socket,
    ):
        await first(socket)
        assert await _ends(socket) == code
    assert site.gateway.connections.count == 0


@pytest.mark.parametrize(
    ("then", "code"),
    [
        (lambda socket: socket.send_bytes(b"{}"), 1003),
        (lambda socket: socket.send_str('"' + "x" * 70_000 + '"'), 1009),
        (lambda socket: socket.send_json({"id": 1, "call": "cancel"}), 4422),
        (lambda socket: socket.send_json({"call": "renew"}), 4422),
    ],
)
async def test_s53_ends_a_socket_that_breaks_the_rules_later(site: Site, then: Break, code: int) -> None:
    async with site.plain() as socket:
        await _says(socket)
        await then(socket)
        assert await _ends(socket) == code
    await wait_until(lambda: site.gateway.connections.count == 0)


async def test_s53_asks_for_the_subprotocol(site: Site) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{site.url}/v1/ws")


async def test_s53_another_workspace_sees_no_run_of_this_one(site: Site) -> None:
    key = await site.owner.post("/v1/api-keys", json={"name": "k", "scopes": ["workflows:read"]})
    async with site.plain(token=key.json()["key"]) as socket:
        await _says(socket)
        await socket.send_json({"id": 1, "call": "subscribe", "stream": f"run:{site.run_id}"})
        assert (await _says(socket))["problem"]["status"] == 403


async def test_s53_nobody_opens_more_than_ten_in_a_minute(site: Site) -> None:
    codes = []
    for _ in range(11):
        async with site.plain() as socket:
            first = await _says(socket)
            codes.append(first["data"].get("status", 200))
    assert codes == [200] * 10 + [429]


async def test_s53_does_not_wait_for_ever_for_a_name(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.live.plain_sockets.AUTH_SECONDS", 0.2)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{site.url}/v1/ws", protocols=[PROTOCOL]) as socket,
    ):
        assert await asyncio.wait_for(_ends(socket), timeout=5) == 4401
