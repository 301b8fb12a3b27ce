"""Every service with a database ends before it listens when the schema is older than its code."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import asyncpg
import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from flowloom_cli.secrets import ensure_keys
from flowloom_servicekit.migrations import upgrade_on
from flowloom_servicekit.schema_versions import Migrations
from flowloom_servicekit.testing.postgres import (
    ServiceDatabase,
    free_port,
    running_postgres,
    service_database,
)
from flowloom_servicekit.testing.waiting import wait_until

SERVICES: Final = ("gateway", "memory", "orchestrator")
ENDS_WITHIN_S: Final = 60
STARTS_WITHIN_S: Final = 60


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running_postgres() as port:
        yield port


def _migrations(service: str) -> Migrations:
    found: Migrations = import_module(f"{service}.schema").MIGRATIONS
    return found


async def _one_change_behind(port: int, service: str) -> ServiceDatabase:
    extension = "vector" if service == "memory" else None
    addresses = await service_database(port, service, extension=extension)
    before = f"{int(_migrations(service).newest) - 1:04}"
    engine = create_async_engine(addresses.owner_url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade_on, _migrations(service), to=before)
    await engine.dispose()
    return addresses


def _environment(service: str, url: str, home: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH")},
        "FLOWLOOM_HOME": str(home),
        f"FLOWLOOM_{service.upper()}_DATABASE_URL": url,
        "FLOWLOOM_REDIS_URL": "redis://127.0.0.1:1/0",
        "FLOWLOOM_MODEL_BASE_URL": "http://127.0.0.1:1/v1",
        "FLOWLOOM_MODEL_NAME": "none",
        "DAPR_API_TOKEN": "3f9a1c5e7b20d846aa17c3f0",
        "APP_API_TOKEN": "b84d06f2e91c7a353f9a1c5e",
    }


def _serve(service: str, port: int) -> list[str]:
    app = f"{service}.main:app"
    return [sys.executable, "-m", "flowloom_servicekit.serve", app, "--port", str(port)]


async def _state(url: str) -> list[tuple[str, int]]:
    """Return every table with its number of columns."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    rows = await connection.fetch(
        "SELECT table_name, count(*) FROM information_schema.columns"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1 ORDER BY 1"
    )
    await connection.close()
    return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_ends_on_a_database_that_is_older_than_its_code(
    service: str, port: int, tmp_path: Path
) -> None:
    addresses = asyncio.run(_one_change_behind(port, service))
    ensure_keys(tmp_path / "keys")
    env = _environment(service, addresses.url, tmp_path)
    before = asyncio.run(_state(addresses.owner_url))
    ended = subprocess.run(
        _serve(service, free_port()),
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDS_WITHIN_S,
    )
    newest = _migrations(service).newest
    assert ended.returncode != 0, ended.stdout
    said = ended.stdout + ended.stderr
    assert f"'{service}' is at {int(newest) - 1:04} and this version needs {newest}" in said
    assert f"python -m {service}.migrate" in said
    assert asyncio.run(_state(addresses.owner_url)) == before, "nothing was changed"


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_asks_for_is_what_lets_it_start(service: str, port: int, tmp_path: Path) -> None:
    addresses = asyncio.run(_one_change_behind(port, service))
    ensure_keys(tmp_path / "keys")
    env = _environment(service, addresses.url, tmp_path)
    owner = _environment(service, addresses.owner_url, tmp_path)
    subprocess.run(
        [sys.executable, "-m", f"{service}.migrate"],
        env=owner,
        cwd=tmp_path,
        check=True,
        timeout=ENDS_WITHIN_S,
    )
    listens_at = free_port()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(_serve(service, listens_at), env=env, cwd=tmp_path, stdout=log, stderr=log)
        try:
            asyncio.run(wait_until(lambda: process.poll() is not None or _lives(listens_at), STARTS_WITHIN_S))
            has_ended = process.poll() is not None
        finally:
            process.terminate()
            process.wait(timeout=ENDS_WITHIN_S)
    said = (tmp_path / "log").read_text()
    assert not has_ended, said
    assert "does not start" not in said and "not known yet" not in said


def _lives(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    except httpx.TransportError:
        return False
