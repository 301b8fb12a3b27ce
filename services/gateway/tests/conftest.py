"""A gateway over fakes with people to ask as; and a real Postgres and Valkey for the tests of adapters."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import asyncpg
import httpx
import pytest
import structlog
import uvicorn

from flowloom_contracts.api import User, Workspace
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.postgres import (
    SUPERUSER,
    ServiceDatabase,
    copied_database,
    running_postgres,
    service_database,
)
from flowloom_servicekit.testing.waiting import wait_until
from gateway.domain.permissions import Role
from gateway.migrate import migrate
from gateway.ports import Account
from gateway.testing.gateway import PUBLIC_URL, SETUP_TOKEN, AsMember, FakeGateway, Server

PASSWORD = "a long enough password"
OWNER = {"setup_token": SETUP_TOKEN, "email": "ada@example.org", "password": PASSWORD, "workspace": "Ada"}


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Tracebacks as text; the default renders them for people, which takes seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    fakes = FakeGateway()
    async with fakes.app.router.lifespan_context(fakes.app):
        yield fakes


@pytest.fixture
async def stranger(gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    """A client without credentials."""
    async with _client(gateway) as client:
        yield client


@pytest.fixture
async def owner(gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    """The first owner, signed in."""
    async with _client(gateway) as client:
        answer = await client.post("/v1/auth/setup", json=OWNER)
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


@pytest.fixture
async def as_member(gateway: FakeGateway) -> AsyncIterator[AsMember]:
    """Return clients of people with a role, each in a workspace of their own."""
    opened: list[httpx.AsyncClient] = []

    async def sign_in(email: str, role: Role) -> httpx.AsyncClient:
        account = Account(
            user=User(id=new_id(), email=email),
            workspace=Workspace(id=new_id(), name=email),
            role=role,
            password_hash=await gateway.passwords.hash(PASSWORD),
        )
        gateway.accounts.add_member(account)
        client = _client(gateway)
        opened.append(client)
        answer = await client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    yield sign_in
    for client in opened:
        await client.aclose()


@pytest.fixture
async def as_colleague(gateway: FakeGateway, owner: httpx.AsyncClient, as_member: AsMember) -> AsMember:
    """Return clients of people with a role in the owner's workspace."""
    workspace = Workspace.model_validate((await owner.get("/v1/me")).json()["workspace"])

    async def sign_in(email: str, role: Role) -> httpx.AsyncClient:
        client = await as_member(email, role)
        me = (await client.get("/v1/me")).json()
        gateway.accounts.people.move(me["user"]["id"], workspace, role)
        answer = await client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    return sign_in


def _client(gateway: FakeGateway) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=gateway.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)


@pytest.fixture
async def listening(gateway: FakeGateway) -> AsyncIterator[Server]:
    """The gateway over fakes behind a real socket, for streams."""
    config = uvicorn.Config(gateway.app, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=2)
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    await wait_until(lambda: server.started)
    yield server
    server.should_exit = True
    await serving


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """Start a cluster of our own and stop it after the last test."""
    with running_postgres() as port:
        yield port


@pytest.fixture(scope="session")
def migrated(postgres_port: int) -> ServiceDatabase:
    """A migrated database that each test gets a copy of."""
    addresses = asyncio.run(service_database(postgres_port, "gateway"))
    asyncio.run(migrate(addresses.owner_url))
    return addresses


@pytest.fixture
async def addresses(migrated: ServiceDatabase) -> AsyncIterator[ServiceDatabase]:
    """The addresses of a migrated database of this test alone."""
    async with copied_database(migrated) as addresses:
        yield addresses


@pytest.fixture
async def database(addresses: ServiceDatabase) -> AsyncIterator[Database]:
    """The database as the gateway itself sees it: row-level security holds."""
    database = Database(addresses.url, pool_size=5)
    yield database
    await database.close()


@pytest.fixture
def superuser(postgres_port: int) -> Callable[[str, str], Awaitable[None]]:
    """Does to a database what nobody in production can do."""

    async def execute(url: str, statements: str) -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=postgres_port, user=SUPERUSER, database=url.rpartition("/")[2]
        )
        await connection.execute(statements)
        await connection.close()

    return execute
