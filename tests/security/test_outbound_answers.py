"""S41 and S42: what an unfriendly server answers costs bounded time and memory, and brings it no secret."""

import asyncio
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flowloom_modelkit.endpoint import model_client
from flowloom_modelkit.errors import ModelUnavailableError
from flowloom_modelkit.openai_api import OpenAICaller
from flowloom_modelkit.requests import ModelRequest, ask
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.errors import (
    AnswerTooLargeError,
    OutboundTimeoutError,
    UpstreamUnreachableError,
)
from flowloom_servicekit.outbound.request import Limits, OutboundRequest
from flowloom_servicekit.testing.outside import (
    FakeInternet,
    FakeServer,
    Reply,
    answer,
    dripping,
    fake_server,
    redirect,
)

SITE = "http://site.example"
MEGABYTE = 1_000_000
LIMITS = Limits(first_byte_s=0.5, idle_s=0.5, total_s=1.0, body_bytes=MEGABYTE)
HEAD = b"HTTP/1.1 200 OK\r\n"


@asynccontextmanager
async def site(*replies: Reply) -> AsyncIterator[tuple[OutboundClient, FakeServer]]:
    async with fake_server(*replies) as server:
        internet = FakeInternet(elsewhere=server)
        async with OutboundClient(resolver=internet, dialler=internet) as client:
            yield client, server


def bomb(size: int, rounds: int) -> bytes:
    """Return zeros that were compressed several times over."""
    packer = zlib.compressobj(9, wbits=31)
    data = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(size // MEGABYTE)) + packer.flush()
    for _ in range(rounds - 1):
        packer = zlib.compressobj(9, wbits=31)
        data = packer.compress(data) + packer.flush()
    return data


@pytest.mark.parametrize(
    "reply",
    [
        dripping(HEAD + b"\r\n", b"x" * 200_000, every_s=0),
        dripping(
            HEAD + b"transfer-encoding: chunked\r\n\r\n", b"fff\r\n" + b"x" * 4_095 + b"\r\n", every_s=0
        ),
        dripping(HEAD, b"x-more: " + b"y" * 500 + b"\r\n", every_s=0),
        dripping(HEAD + b"x: ", b"y" * 5_000, every_s=0),
        answer(200, bytes(3 * MEGABYTE)),
        answer(200, bomb(100 * MEGABYTE, 1), "content-encoding: gzip\r\n"),
    ],
    ids=["endless", "endless chunks", "endless headers", "endless header", "announced", "bomb"],
)
async def test_s42_a_huge_answer_is_cut_off_early(reply: Reply) -> None:
    async with site(reply) as (client, server):
        tracemalloc.start()
        try:
            with pytest.raises(AnswerTooLargeError) as caught:
                await client.request(OutboundRequest("GET", SITE, limits=LIMITS))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert caught.value.code == "invalid_output"
        assert peak < 12 * MEGABYTE
        await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_s42_a_bomb_inside_a_bomb_is_opened_once() -> None:
    async with site(answer(200, bomb(50 * MEGABYTE, 2), "content-encoding: gzip\r\n")) as (client, _):
        got = await client.request(OutboundRequest("GET", SITE, limits=LIMITS))
        assert len(got.body) < MEGABYTE


@pytest.mark.parametrize(
    "reply",
    [
        dripping(b"", b""),
        dripping(b"", b"H"),
        dripping(HEAD + b"x: ", b"y"),
        dripping(HEAD + b"content-length: 999999\r\n\r\n", b"x"),
        dripping(HEAD + b"content-length: 999999\r\n\r\n", b""),
        dripping(HEAD + b"content-type: text/event-stream\r\n\r\n", b": still here\n\n"),
        dripping(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ],
    ids=["silent", "no http", "slow header", "slow body", "stops", "comments", "processing"],
)
async def test_s42_a_slow_answer_is_given_up(reply: Reply) -> None:
    started = time.monotonic()
    async with site(reply) as (client, server):
        with pytest.raises((OutboundTimeoutError, AnswerTooLargeError, UpstreamUnreachableError)):
            await client.request(OutboundRequest("GET", SITE, limits=LIMITS))
        assert time.monotonic() - started < 5
        await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_s42_a_chain_of_redirects_ends_and_shares_one_time_limit() -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.2)
        writer.write(redirect("/again"))

    async with site(redirect("/again")) as (client, server):
        got = await client.request(OutboundRequest("GET", SITE, limits=LIMITS, redirects=5))
        assert (got.status, len(server.requests)) == (302, 6)
    async with site(slowly) as (client, _):
        with pytest.raises(OutboundTimeoutError):
            await client.request(OutboundRequest("GET", SITE, limits=LIMITS, redirects=50))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_s41_the_models_key_goes_to_the_configured_host_only(status: int) -> None:
    async with fake_server(answer()) as thief:
        async with fake_server(redirect(f"{thief.url}/v1/chat/completions", status)) as endpoint:
            settings = ModelSettings(
                model_base_url=f"{endpoint.url}/v1", model_name="m", model_api_key="sk-canary-0123456789"
            )
            async with model_client(settings) as client:
                with pytest.raises(ModelUnavailableError) as caught:
                    await OpenAICaller(client, settings).stream(
                        ModelRequest(messages=ask("Why?")), on_delta=len, stop=StopSignal()
                    )
            assert b"sk-canary-0123456789" in endpoint.requests[0]
        assert thief.connections == 0
        assert "sk-canary" not in str(caught.value)
