"""S39: no spelling, name or redirect makes the platform call itself or its neighbours."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.errors import AddressRefusedError
from flowloom_servicekit.outbound.request import OutboundRequest, OutboundResponse
from flowloom_servicekit.outbound.targets import origin
from flowloom_servicekit.testing.outside import (
    PUBLIC,
    FakeInternet,
    FakeServer,
    answer,
    fake_server,
    redirect,
)

NAME = "innocent.example"
# What the rule "global addresses only" of Python 3.11 lets through, what deny lists forget, and the obvious.
INTERNAL = [
    "0.0.0.0",
    "0.0.0.1",
    "10.0.0.5",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
SPELLINGS = [
    "http://localhost/",
    "http://LOCALHOST./",
    "http://127.1/",
    "http://127.0.1/",
    "http://0/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:127.0.0.1%25lo]/",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://127\u30020\u30020\u30021/",
    "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
    "http://loc\u00adalhost/",
    "http://innocent.example@127.0.0.1/",
    "http://innocent.example:80@127.0.0.1/",
    "http://innocent.example\\@127.0.0.1/",
    "http://127.0.0.1\\@innocent.example/",
    "http://127.0.0.1#@innocent.example/",
    "http://127.0.0.1?@innocent.example/",
    "http://127.0.0.1\t/",
    "http://127.0.0.1 innocent.example/",
    "http:127.0.0.1/",
    "http:/127.0.0.1/",
    "http:///127.0.0.1/",
    "//127.0.0.1/",
    "ftp://innocent.example/",
    "file:///etc/passwd",
    "gopher://innocent.example:6379/_INFO",
    "http://innocent.example:6379/",
    "http://innocent.example:22/",
    "http://innocent.example:5432/",
    "http://innocent.example/\r\nx: y",
]


@asynccontextmanager
async def a_canary(
    names: dict[str, list[list[str]]] | None = None,
) -> AsyncIterator[tuple[OutboundClient, FakeServer, FakeInternet]]:
    """A client all of whose connections, wherever they go, would be heard by one listener."""
    async with fake_server(answer(200, b"inside")) as canary:
        internet = FakeInternet(
            elsewhere=canary, names={"localhost": [["127.0.0.1", "::1"]], **(names or {})}
        )
        async with OutboundClient(resolver=internet, dialler=internet) as client:
            yield client, canary, internet


async def get(client: OutboundClient, url: str, *, redirects: int = 0) -> OutboundResponse:
    return await client.request(
        OutboundRequest("GET", url, {"Authorization": "Bearer s"}, redirects=redirects)
    )


async def refused(client: OutboundClient, url: str, *, redirects: int = 0) -> str:
    with pytest.raises(AddressRefusedError) as caught:
        await get(client, url, redirects=redirects)
    assert caught.value.code == "denied"
    return str(caught.value)


async def test_s39_the_canary_hears_what_is_allowed() -> None:
    async with a_canary() as (client, canary, internet):
        assert (await get(client, f"http://{NAME}/")).body == b"inside"
        assert canary.connections == 1
        assert internet.dialled == [(f"http://{NAME}", PUBLIC)]


@pytest.mark.parametrize("address", INTERNAL)
async def test_s39_refuses_an_internal_address(address: str) -> None:
    async with a_canary() as (client, canary, internet):
        host = f"[{address}]" if ":" in address else address
        for url in (f"http://{host}/", f"https://{host}:8443/x"):
            await refused(client, url)
        assert (canary.connections, internet.dialled) == (0, [])


@pytest.mark.parametrize("address", INTERNAL)
async def test_s39_refuses_a_name_that_leads_inside(address: str) -> None:
    async with a_canary({NAME: [[address], [PUBLIC, address], [address, PUBLIC]]}) as (
        client,
        canary,
        internet,
    ):
        for _ in range(3):
            assert address not in await refused(client, f"http://{NAME}/")  # no map of the network
        assert (canary.connections, internet.dialled) == (0, [])


@pytest.mark.parametrize("url", SPELLINGS)
async def test_s39_refuses_an_odd_spelling(url: str) -> None:
    async with a_canary() as (client, canary, internet):
        await refused(client, url)
        assert (canary.connections, internet.dialled) == (0, [])


@pytest.mark.parametrize("where", [f"http://{host}/" for host in INTERNAL if ":" not in host] + SPELLINGS[:8])
async def test_s39_refuses_a_redirect_that_leads_inside(where: str) -> None:
    async with fake_server(redirect(where)) as outside, fake_server(answer()) as canary:
        internet = FakeInternet({f"http://{NAME}": outside}, elsewhere=canary)
        internet.names["localhost"] = [["127.0.0.1"]]
        async with OutboundClient(resolver=internet, dialler=internet) as client:
            await refused(client, f"http://{NAME}/", redirects=3)
        assert canary.connections == 0


async def test_s39_a_name_that_changes_its_address_is_judged_for_every_connection() -> None:
    async with a_canary({NAME: [[PUBLIC], ["127.0.0.1"]]}) as (client, canary, internet):
        canary.replies[:] = [answer(200, b"outside", "connection: close\r\n")]
        assert (await get(client, f"http://{NAME}/")).body == b"outside"
        assert internet.asked == [NAME]  # once: the address that was judged is the one that was called
        await refused(client, f"http://{NAME}/")
        assert internet.dialled == [(f"http://{NAME}", PUBLIC)]


async def test_s39_the_real_resolver_and_dialler_leave_this_machine_alone() -> None:
    async with fake_server(answer()) as canary, OutboundClient() as client:
        for host in ("127.0.0.1", "localhost", "127.1", "[::1]", "0.0.0.0", socket.gethostname()):
            await refused(client, f"http://{host}:{canary.port}/")
        await refused(client, "http://localhost/")
        assert canary.connections == 0


async def test_s39_an_allowed_origin_opens_no_other_door() -> None:
    async with fake_server(redirect("http://127.0.0.1/")) as allowed, fake_server(answer()) as canary:
        async with OutboundClient(allow=[origin(allowed.url)]) as client:
            assert (await get(client, allowed.url)).status == 302
            await refused(client, allowed.url, redirects=1)
            for other in (canary.url, allowed.url.replace("127.0.0.1", "localhost")):
                await refused(client, other)
        assert canary.connections == 0


async def test_s39_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with fake_server(answer(200, b"proxy")) as proxy, fake_server(answer(200, b"direct")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        async with OutboundClient(allow=[origin(server.url)]) as client:
            assert (await get(client, server.url)).body == b"direct"
        assert proxy.connections == 0
