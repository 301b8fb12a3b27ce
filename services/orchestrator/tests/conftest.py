"""A real Postgres for the tests of the stores, and worlds over either kind of store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace

import pytest

from flowloom_servicekit.database import Database
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from flowloom_servicekit.testing.postgres import (
    ServiceDatabase,
    copied_database,
    running_postgres,
    service_database,
)
from flowloom_servicekit.testing.valkey import running_valkey
from orchestrator.adapters.postgres_admission import PostgresAdmission
from orchestrator.adapters.postgres_runs import PostgresRunStore
from orchestrator.adapters.postgres_views import PostgresRunViews
from orchestrator.domain.admission import Slots
from orchestrator.migrate import migrate
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.postgres_stores import stores_on
from orchestrator.testing.world import Stores


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """Start a cluster of our own and stop it after the last test."""
    with running_postgres() as port:
        yield port


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a Valkey of our own and stop it after the last test."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated(postgres_port: int) -> ServiceDatabase:
    """A migrated database that each test gets a copy of."""
    addresses = asyncio.run(service_database(postgres_port, "orchestrator"))
    asyncio.run(migrate(addresses.owner_url))
    return addresses


@pytest.fixture
async def addresses(migrated: ServiceDatabase) -> AsyncIterator[ServiceDatabase]:
    """The addresses of a migrated database of this test alone."""
    async with copied_database(migrated) as addresses:
        yield addresses


@pytest.fixture
def database_url(addresses: ServiceDatabase) -> str:
    """The address under which the service itself signs in."""
    return addresses.url


@pytest.fixture
async def database(addresses: ServiceDatabase) -> AsyncIterator[Database]:
    """Give the database as the orchestrator itself sees it, with the rows of every workspace."""
    pool = Database(addresses.url, workspace=EVERY_WORKSPACE, pool_size=6)
    yield pool
    await pool.close()


@pytest.fixture
def postgres_stores(database: Database) -> Stores:
    """Give the real stores."""
    return stores_on(database)


@pytest.fixture(params=["memory", "postgres"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Give each kind of store in turn."""
    if request.param == "memory":
        return Stores.in_memory()
    found: Stores = request.getfixturevalue("postgres_stores")
    return found


@pytest.fixture(params=["memory", "postgres"])
def stores_with(request: pytest.FixtureRequest) -> Callable[[Slots], Stores]:
    """Give a maker of each kind of store with so many slots."""
    if request.param == "memory":
        return lambda slots: Stores.in_memory(InMemoryStores(slots))
    database: Database = request.getfixturevalue("database")
    found: Stores = request.getfixturevalue("postgres_stores")

    def made(slots: Slots) -> Stores:
        runs = PostgresRunStore(database, slots)
        views = PostgresRunViews(database, runs)
        return replace(found, runs=runs, views=views, admission=PostgresAdmission(database, slots))

    return made
