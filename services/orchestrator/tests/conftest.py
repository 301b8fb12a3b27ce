"""A real Postgres for the tests of the stores, and worlds over either kind of store."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.postgres import SUPERUSER, running_postgres
from orchestrator.adapters.postgres_archive import PostgresArchive
from orchestrator.adapters.postgres_journal import PostgresJournal
from orchestrator.adapters.postgres_outbox import PostgresOutbox
from orchestrator.adapters.postgres_reaper import PostgresReaper
from orchestrator.adapters.postgres_runs import PostgresRunStore
from orchestrator.adapters.postgres_views import PostgresRunViews
from orchestrator.migrate import migrate
from orchestrator.testing.world import Stores


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """Start a cluster of our own and stop it after the last test."""
    with running_postgres() as port:
        yield port


@pytest.fixture
async def database_url(postgres_port: int, worker_id: str) -> str:
    """Give an empty database, with the role and schema that the platform's set-up makes."""
    name = f"orchestrator_{worker_id}"
    server = await asyncpg.connect(host="127.0.0.1", port=postgres_port, user=SUPERUSER, database="postgres")
    for statement in (
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}"',
        "DROP ROLE IF EXISTS flowloom_orchestrator",
        "CREATE ROLE flowloom_orchestrator LOGIN",
    ):
        await server.execute(statement)
    await server.close()
    inside = await asyncpg.connect(host="127.0.0.1", port=postgres_port, user=SUPERUSER, database=name)
    await inside.execute(
        "CREATE SCHEMA orchestrator AUTHORIZATION flowloom_orchestrator;"
        "ALTER ROLE flowloom_orchestrator SET search_path = orchestrator"
    )
    await inside.close()
    return f"postgresql+asyncpg://flowloom_orchestrator@127.0.0.1:{postgres_port}/{name}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Give a migrated database."""
    await migrate(database_url)
    pool = Database(database_url, pool_size=6)
    yield pool
    await pool.close()


@pytest.fixture
def postgres_stores(database: Database) -> Stores:
    """Give the real stores."""
    runs = PostgresRunStore(database)
    return Stores(
        runs=runs,
        views=PostgresRunViews(database, runs),
        journal=PostgresJournal(database),
        outbox=PostgresOutbox(database),
        archive=PostgresArchive(database),
        reaper=PostgresReaper(database),
    )


@pytest.fixture(params=["memory", "postgres"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Give each kind of store in turn."""
    if request.param == "memory":
        return Stores.in_memory()
    found: Stores = request.getfixturevalue("postgres_stores")
    return found
