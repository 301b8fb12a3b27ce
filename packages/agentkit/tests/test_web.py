"""The web of tools: public addresses only, each hop judged, and failures that the model is told of."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.web import LIMITS, MOST_HOPS, GuardedWeb
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.targets import origin
from flowloom_servicekit.testing.outside import FakeInternet, FakeServer, answer, fake_server, redirect

Play = Callable[..., object]


class Outside:
    """An internet of one server, and the web that looks at it."""

    def __init__(self, internet: FakeInternet, server: FakeServer, web: GuardedWeb) -> None:
        self.internet, self.server, self.web = internet, server, web


@pytest.fixture
async def outside() -> AsyncIterator[Callable[..., object]]:
    async with AsyncExitStack() as stack:

        async def play(*replies: bytes, engine: str = "") -> Outside:
            server = await stack.enter_async_context(fake_server(*replies))
            internet = FakeInternet(elsewhere=server)
            client = await stack.enter_async_context(OutboundClient(resolver=internet, dialler=internet))
            searching = None
            if engine:
                searching = await stack.enter_async_context(
                    OutboundClient(allow={origin(engine)}, resolver=internet, dialler=internet)
                )
            web = GuardedWeb(client, engine=searching, engine_url=engine)
            return Outside(internet, server, web)

        yield play


async def test_returns_a_page_with_the_address_it_was_found_at(outside: Play) -> None:
    there = await outside(redirect("/new"), answer(200, b"<p>Hello</p>", "content-type: text/html\r\n"))
    page = await there.web.get("http://site.example/old")
    assert (page.url, page.status, page.media_type) == ("http://site.example/new", 200, "text/html")
    assert page.body == b"<p>Hello</p>"
    assert b"authorization" not in there.server.requests[0].lower()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/",
        "http://localhost:3500/v1.0/secrets",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:8080/",
        "http://10.0.0.7/",
        "http://site.example:5432/",
        "file:///etc/passwd",
        "gopher://site.example/",
        "http://user:word@site.example/",
    ],
)
async def test_reaches_no_address_of_this_machine_or_network(outside: Play, url: str) -> None:
    there = await outside(answer(200, b"secret"))
    there.internet.names["localhost"] = [["127.0.0.1"]]
    with pytest.raises(ToolFailedError):
        await there.web.get(url)
    assert there.internet.dialled == []


async def test_follows_no_redirect_inside(outside: Play) -> None:
    there = await outside(redirect("http://169.254.169.254/latest/meta-data/"), answer(200, b"secret"))
    with pytest.raises(ToolFailedError, match="may not be called"):
        await there.web.get("http://site.example/")
    assert len(there.internet.dialled) == 1


async def test_follows_no_name_that_leads_inside(outside: Play) -> None:
    there = await outside(answer(200, b"secret"))
    there.internet.names["rebound.example"] = [["93.184.216.34", "127.0.0.1"]]
    with pytest.raises(ToolFailedError, match="not of the public internet"):
        await there.web.get("http://rebound.example/")
    assert there.internet.dialled == []


async def test_gives_up_on_a_circle_and_on_a_flood(outside: Play) -> None:
    circle = await outside(redirect("/again"))
    with pytest.raises(ToolFailedError, match="leads on and on"):
        await circle.web.get("http://site.example/")
    assert len(circle.server.requests) == MOST_HOPS + 1
    flood = await outside(answer(200, b"x" * (LIMITS.body_bytes + 1)))
    with pytest.raises(ToolFailedError, match="too large"):
        await flood.web.get("http://site.example/")


async def test_asks_the_operators_engine_and_nobody_when_there_is_none(outside: Play) -> None:
    found = {
        "results": [{"url": "https://a.example/", "title": "A", "content": "About A", "engine": "x"}] * 30
    }
    there = await outside(answer(200, json.dumps(found).encode()), engine="http://10.0.0.9:8888/search")
    hits = await there.web.search("bees & more")
    assert hits is not None
    assert (len(hits), hits[0].title, hits[0].text) == (10, "A", "About A")
    assert there.server.requests[0].startswith(b"GET /search?q=bees+%26+more&format=json ")
    assert await (await outside(answer(200))).web.search("bees") is None


@pytest.mark.parametrize("reply", [answer(429), answer(200, b"<html>"), answer(200, b'{"results": 3}')])
async def test_says_what_is_wrong_with_the_engine(outside: Play, reply: bytes) -> None:
    there = await outside(reply, engine="http://10.0.0.9:8888/search")
    with pytest.raises(ToolFailedError, match="search engine"):
        await there.web.search("bees")
