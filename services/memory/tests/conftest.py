"""A real Postgres with pgvector for the tests of the store, and the real model for those of the embedder."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from sqlalchemy import text

from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.postgres import SUPERUSER, running_postgres
from memory.adapters.model_files import ModelFiles, find_model_files
from memory.migrate import migrate


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """Start a cluster of our own and stop it after the last test."""
    with running_postgres() as port:
        yield port


@pytest.fixture(scope="session")
def migrated_url(postgres_port: int, worker_id: str) -> str:
    """Give a database for this worker, with the role and schema that the platform's set-up makes."""
    name = f"memory_{worker_id}"
    asyncio.run(_create_database(postgres_port, name))
    url = f"postgresql+asyncpg://flowloom_memory@127.0.0.1:{postgres_port}/{name}"
    migrate(url)
    return url


async def _create_database(port: int, name: str) -> None:
    server = await asyncpg.connect(host="127.0.0.1", port=port, user=SUPERUSER, database="postgres")
    await server.execute(f'CREATE DATABASE "{name}"')
    await server.execute("CREATE ROLE flowloom_memory LOGIN")
    await server.close()
    inside = await asyncpg.connect(host="127.0.0.1", port=port, user=SUPERUSER, database=name)
    await inside.execute(
        "CREATE EXTENSION vector SCHEMA public; CREATE SCHEMA memory AUTHORIZATION flowloom_memory;"
        "ALTER ROLE flowloom_memory SET search_path = memory"
    )
    await inside.close()


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """Give the database with empty tables."""
    pool = Database(migrated_url, pool_size=4)
    async with pool.transaction() as session:
        await session.execute(text("TRUNCATE memory.passages, memory.texts, memory.collections"))
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def model_files() -> ModelFiles:
    """Give the installed embedding model."""
    return find_model_files(None)
