"""Gateways over fakes for attacks from outside: in process, or behind a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn

from flowloom_servicekit.http_protocol import BoundedHttpProtocol
from flowloom_servicekit.testing.waiting import wait_until
from gateway.testing.gateway import PUBLIC_URL, SETUP_TOKEN, FakeGateway, Server, fake_settings

PASSWORD = "a long enough password"
OWNER = {"setup_token": SETUP_TOKEN, "email": "ada@example.org", "password": PASSWORD, "workspace": "Ada"}


@asynccontextmanager
async def gateway_with(**settings: object) -> AsyncIterator[FakeGateway]:
    """A running gateway with these settings."""
    fakes = FakeGateway(settings=fake_settings(**settings))
    async with fakes.app.router.lifespan_context(fakes.app):
        yield fakes


@asynccontextmanager
async def client_of(gateway: FakeGateway, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A client without credentials that calls from an address."""
    transport = httpx.ASGITransport(app=gateway.app, raise_app_exceptions=False, client=(address, 4_000))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


async def sign_in(client: httpx.AsyncClient) -> None:
    """Make the first owner and sign in."""
    answer = await client.post("/v1/auth/setup", json=OWNER)
    client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"


@asynccontextmanager
async def listening(gateway: FakeGateway) -> AsyncIterator[Server]:
    """The gateway behind a real socket."""
    config = uvicorn.Config(
        gateway.app,
        port=0,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=2,
        http=BoundedHttpProtocol,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    await wait_until(lambda: server.started)
    yield server
    server.should_exit = True
    await serving
