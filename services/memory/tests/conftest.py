"""A real Postgres with pgvector for the tests of the store, and the real model for those of the embedder."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.postgres import ServiceDatabase, running_postgres, service_database
from memory.adapters.model_files import ModelFiles, find_model_files
from memory.migrate import migrate


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """Start a cluster of our own and stop it after the last test."""
    with running_postgres() as port:
        yield port


@pytest.fixture(scope="session")
def addresses(postgres_port: int) -> ServiceDatabase:
    """Give a migrated database for this worker, with the roles and schema of the platform's set-up."""
    addresses = asyncio.run(service_database(postgres_port, "memory", extension="vector"))
    migrate(addresses.owner_url)
    return addresses


@pytest.fixture
async def database(addresses: ServiceDatabase) -> AsyncIterator[Database]:
    """Give the database with empty tables, as the service itself sees it."""
    owner = Database(addresses.owner_url, pool_size=1)
    async with owner.transaction() as session:
        await session.execute(text("TRUNCATE memory.collections CASCADE"))
    await owner.close()
    pool = Database(addresses.url, pool_size=4)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def model_files() -> ModelFiles:
    """Give the installed embedding model."""
    return find_model_files(None)
