"""The client against a server of this machine: what is sent, kept, repeated, followed and cut off."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.errors import (
    AddressRefusedError,
    AnswerTooLargeError,
    OutboundTimeoutError,
    RequestRefusedError,
    UpstreamUnreachableError,
)
from flowloom_servicekit.outbound.request import Limits, OutboundRequest, OutboundResponse
from flowloom_servicekit.outbound.targets import target
from flowloom_servicekit.testing.outside import (
    FakeInternet,
    FakeServer,
    Reply,
    answer,
    dripping,
    fake_server,
    redirect,
)
from flowloom_servicekit.testing.waiting import wait_until

SITE = "http://site.example"


@asynccontextmanager
async def site(*replies: Reply) -> AsyncIterator[tuple[OutboundClient, FakeServer]]:
    """A client whose whole internet is one server."""
    async with fake_server(*replies) as server:
        internet = FakeInternet(elsewhere=server)
        async with OutboundClient(resolver=internet, dialler=internet) as client:
            yield client, server


async def get(client: OutboundClient, path: str = "/", **more: object) -> OutboundResponse:
    return await client.request(OutboundRequest("GET", SITE + path, **more))


def raw(*pieces: bytes, end: bool = True) -> Reply:
    """Write pieces one by one; with `end` close the connection, else hold it open in silence."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if end:
            raise ConnectionResetError
        await asyncio.Event().wait()

    return reply


def chunked(*pieces: bytes) -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"


async def test_sends_a_request_in_one_piece_and_reads_the_answer() -> None:
    async with site(answer(201, b'{"a": 1}', "content-type: application/json\r\nx: 1\r\nx: 2\r\n")) as (
        client,
        it,
    ):
        request = OutboundRequest("POST", f"{SITE}/p?q=1", {"X-Key": "k", "Accept-Encoding": "br"}, b"body")
        got = await client.request(request)
    assert (got.status, got.headers["x"], got.body) == (201, "1, 2", b'{"a": 1}')
    lines = it.requests[0].split(b"\r\n")
    assert lines[:2] == [b"POST /p?q=1 HTTP/1.1", b"host: site.example"]
    assert b"accept-encoding: br" not in lines
    assert {b"x-key: k", b"content-length: 4", b"accept-encoding: gzip, deflate"} <= set(lines)
    assert it.requests[0].endswith(b"\r\n\r\nbody")


async def test_keeps_a_connection_for_the_next_call_to_the_same_origin() -> None:
    async with site(answer(200, b"a"), chunked(b"b", b"c"), answer(204), b"HTTP/1.1 304 X\r\n\r\n") as (
        client,
        it,
    ):
        bodies = [(await get(client)).body for _ in range(4)]
        assert (bodies, it.connections) == ([b"a", b"bc", b"", b""], 1)


@pytest.mark.parametrize(
    ("reply", "body"),
    [
        (raw(b"HTTP/1.1 200 OK\r\n\r\nun", b"til the end"), b"until the end"),
        (raw(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nab"), b"ab"),
        (answer(200, b"ab", "connection: close\r\n"), b"ab"),
        (answer(200, b"ab") + answer(200, b"smuggled"), b"ab"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nlink: a\r\n\r\n" + answer(200, b"ab"), b"ab"),
        (
            b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
            b"content-encoding: br\r\n\r\n",
            b"x",
        ),
    ],
    ids=["no length", "1.0", "close", "two answers", "informational", "trailer"],
)
async def test_reads_every_kind_of_framing(reply: Reply, body: bytes) -> None:
    async with site(reply, answer(200, b"next")) as (client, _):
        assert (await get(client)).body == body
        assert (await get(client)).body == b"next"


async def test_reads_no_body_after_a_head_request() -> None:
    async with site(b"HTTP/1.1 200 X\r\ncontent-length: 99000000\r\n\r\n") as (client, _):
        got = await client.request(OutboundRequest("HEAD", SITE))
        assert (got.headers["content-length"], got.body) == ("99000000", b"")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate"])
async def test_decompresses(encoding: str) -> None:
    plain = b"text " * 10_000
    packer = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(plain[:25_000]) + gzip.compress(plain[25_000:]),
        "deflate": zlib.compress(plain),
        "raw deflate": packer.compress(plain) + packer.flush(),
    }[encoding]
    async with site(answer(200, packed, f"content-encoding: {encoding.split()[-1]}\r\n")) as (client, _):
        assert (await get(client)).body == plain


async def test_passes_over_kept_connections_that_the_server_has_closed() -> None:
    async with site(answer(200, b"a"), raw(), answer(200, b"b")) as (client, it):
        assert [(await get(client)).body for _ in range(2)] == [b"a", b"b"]
        assert (len(it.requests), it.connections) == (3, 2)


@pytest.mark.parametrize(("headers", "sent"), [({}, 2), ({"Idempotency-Key": "k"}, 3)])
async def test_sends_a_second_time_only_what_may_be_repeated(headers: dict[str, str], sent: int) -> None:
    async with site(answer(), raw(), answer()) as (client, it):
        await get(client)
        request = OutboundRequest("POST", SITE, headers, b"pay")
        if sent == 2:
            with pytest.raises(UpstreamUnreachableError):
                await client.request(request)
        else:
            await client.request(request)
        assert len(it.requests) == sent


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (raw(), UpstreamUnreachableError),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"), UpstreamUnreachableError),
        (raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"), UpstreamUnreachableError),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), UpstreamUnreachableError),
        (
            raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"),
            UpstreamUnreachableError,
        ),
        (
            raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
            UpstreamUnreachableError,
        ),
        (
            raw(b"HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"),
            UpstreamUnreachableError,
        ),
        (answer(200, b"x", "content-encoding: br\r\n"), UpstreamUnreachableError),
        (answer(200, b"not gzip", "content-encoding: gzip\r\n"), UpstreamUnreachableError),
        (
            answer(200, gzip.compress(b"a" * 999, mtime=0)[:-9], "content-encoding: gzip\r\n"),
            UpstreamUnreachableError,
        ),
        (raw(b"HTTP/1.1 200 OK\r\n", end=False), OutboundTimeoutError),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab", end=False), OutboundTimeoutError),
        (raw(end=False), OutboundTimeoutError),
    ],
)
async def test_tells_how_a_call_failed(reply: Reply, error: type[Exception]) -> None:
    limits = Limits(first_byte_s=0.1, idle_s=0.1)
    async with site(reply) as (client, _):
        with pytest.raises(error, match=r"site\.example"):
            await get(client, "/?key=hidden", limits=limits)


async def test_gives_up_after_the_whole_time_though_bytes_keep_coming() -> None:
    drip = dripping(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b"x")
    async with site(drip) as (client, it):
        with pytest.raises(OutboundTimeoutError, match="whole answer"):
            await get(client, limits=Limits(total_s=0.2))
        await asyncio.wait_for(it.hung_up.wait(), 5)


async def test_fails_when_nobody_listens_or_the_name_has_no_address() -> None:
    async with OutboundClient(
        resolver=FakeInternet(names={"none.example": [[]]}), dialler=FakeInternet()
    ) as client:
        with pytest.raises(UpstreamUnreachableError, match="no connection"):
            await get(client)
        with pytest.raises(UpstreamUnreachableError, match="no address"):
            await client.request(OutboundRequest("GET", "http://none.example/"))


async def test_tries_the_next_address_when_one_does_not_answer() -> None:
    async with fake_server(answer(200, b"second")) as server:

        class OneDown(FakeInternet):
            async def dial(self, connection, origin, address) -> None:
                if str(address) == "1.1.1.1":
                    raise ConnectionRefusedError
                await super().dial(connection, origin, address)

        internet = OneDown(elsewhere=server, names={"site.example": [["1.1.1.1", "1.0.0.1"]]})
        async with OutboundClient(resolver=internet, dialler=internet) as client:
            assert (await get(client)).body == b"second"
        assert internet.asked == ["site.example"]


async def test_hangs_up_at_once_when_a_stream_is_left() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n"
    async with site(raw(head, end=False)) as (client, it):
        async with client.stream(OutboundRequest("GET", SITE)) as stream:
            assert (stream.status, await stream.read()) == (200, b"ab")
        await asyncio.wait_for(it.hung_up.wait(), 1)


async def test_hangs_up_at_once_when_the_caller_is_cancelled() -> None:
    async with site(raw(end=False)) as (client, it):
        call = asyncio.ensure_future(get(client))
        await wait_until(lambda: bool(it.requests))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(it.hung_up.wait(), 1)


async def test_waits_for_its_turn_when_all_connections_are_busy() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    async with fake_server(raw(head, end=False), answer(200, b"next")) as server:
        internet = FakeInternet(elsewhere=server)
        async with OutboundClient(resolver=internet, dialler=internet, max_connections=1) as client:
            async with client.stream(OutboundRequest("GET", SITE)):
                with pytest.raises(OutboundTimeoutError, match="no free connection"):
                    await get(client, limits=Limits(first_byte_s=0.05))
                waiting = asyncio.ensure_future(get(client))
            assert (await waiting).body == b"next"


@pytest.mark.parametrize(
    ("method", "headers", "body"),
    [
        ("CONNECT", {}, None),
        ("get", {}, None),
        ("GET", {"Host": "other.example"}, None),
        ("GET", {"Transfer-Encoding": "chunked"}, None),
        ("GET", {"Content-Length": "3"}, None),
        ("GET", {"Proxy-Authorization": "x"}, None),
        ("GET", {"a b": "x"}, None),
        ("GET", {"a": "x\r\nhost: other.example"}, None),
        ("GET", {"a": "x\ny: z"}, None),
        ("GET", {"a": "\0"}, None),
        ("GET", {"a": "☃"}, None),
        ("GET", {"a": "x" * 70_000}, None),
        ("POST", {}, b"x" * 105_000_001),
    ],
)
async def test_sends_nothing_that_could_become_a_second_request(
    method: str, headers: dict[str, str], body: bytes | None
) -> None:
    async with site(answer()) as (client, it):
        with pytest.raises(RequestRefusedError):
            await client.request(OutboundRequest(method, SITE, headers, body))
        assert it.requests == []


async def test_returns_a_redirect_as_it_is_unless_asked_to_follow() -> None:
    async with site(redirect("http://other.example/")) as (client, it):
        assert (await get(client)).status == 302
        assert len(it.requests) == 1


async def test_follows_a_redirect_and_keeps_secrets_from_another_origin() -> None:
    secrets = {"Authorization": "Bearer s", "Cookie": "c=1", "X-Api-Key": "k", "Accept": "text/plain"}
    async with fake_server(redirect("/next"), redirect("https://other.example/there")) as site_server:
        async with fake_server(answer(200, b"there")) as other:
            internet = FakeInternet({SITE: site_server, "https://other.example": other})
            async with OutboundClient(resolver=internet, dialler=internet) as client:
                got = await get(client, headers=secrets, redirects=2)
        assert got.body == b"there"
        assert b"authorization: Bearer s" in site_server.requests[1]
        assert b"accept: text/plain" in other.requests[0]
        for word in (b"Bearer", b"cookie", b"x-api-key"):
            assert word not in other.requests[0]


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", b""), (303, "GET", b""), (307, "POST", b"x"), (308, "POST", b"x")],
)
async def test_keeps_or_drops_the_body_of_a_redirected_request(status: int, method: str, body: bytes) -> None:
    async with site(redirect("/next", status), answer()) as (client, it):
        await client.request(OutboundRequest("POST", SITE, {"content-type": "text/x"}, b"x", redirects=1))
    head, _, sent = it.requests[1].partition(b"\r\n\r\n")
    assert (head.split()[0].decode(), sent, b"text/x" in head) == (method, body, bool(body))


@pytest.mark.parametrize(
    ("url", "location", "method"),
    [
        (SITE, "http://other.example/", "POST"),
        ("https://site.example", "http://site.example/", "GET"),
        (SITE, "http://127.0.0.1/", "GET"),
        (SITE, "http://169.254.169.254/latest/meta-data/", "GET"),
        (SITE, "http://other.example:6379/", "GET"),
        (SITE, "file:///etc/passwd", "GET"),
    ],
    ids=["body elsewhere", "downgrade", "loopback", "metadata", "port", "scheme"],
)
async def test_refuses_where_a_redirect_must_not_lead(url: str, location: str, method: str) -> None:
    async with site(redirect(location, 307)) as (client, it):
        body = b"x" if method == "POST" else None
        with pytest.raises(AddressRefusedError):
            await client.request(OutboundRequest(method, url, body=body, redirects=5))
        assert len(it.requests) == 1


async def test_ends_a_circle_of_redirects() -> None:
    async with site(redirect("/again")) as (client, it):
        assert (await get(client, redirects=3)).status == 302
        assert len(it.requests) == 4


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, b"x" * 2_000),
        chunked(*[b"x" * 100] * 20),
        raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000),
        answer(200, zlib.compress(b"x" * 2_000), "content-encoding: deflate\r\n"),
        raw(b"HTTP/1.1 200 OK\r\na: " + b"x" * 200_000, end=False),
        raw(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 300 + b"\r\n"),
        raw(b"HTTP/1.1 103 X\r\n\r\n" * 10_000, end=False),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\na: " + b"x" * 200_000, end=False),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;" + b"x" * 200_000, end=False),
    ],
    ids=["long", "chunks", "endless", "bomb", "header", "headers", "informational", "trailer", "extension"],
)
async def test_refuses_an_answer_above_the_callers_limits(reply: Reply) -> None:
    async with site(reply) as (client, it):
        with pytest.raises((AnswerTooLargeError, UpstreamUnreachableError)):
            await get(client, limits=Limits(body_bytes=1_000))
        await asyncio.wait_for(it.hung_up.wait(), 5)


def test_shows_no_secret_when_a_request_is_printed() -> None:
    request = OutboundRequest("GET", f"{SITE}/?key=hidden", {"Authorization": "hidden"}, b"hidden")
    assert (
        "hidden"
        not in f"{request!r} {OutboundResponse(200, {'a': 'hidden'}, b'hidden')!r} {target(request.url)!r}"
    )
