"""The Postgres of a home: the one that runs, or one of the moment on a cluster at rest."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from flowloom_cli import environment
from flowloom_cli.errors import CliError
from flowloom_cli.parts.postgres import DATABASE, Postgres
from flowloom_cli.secrets import Secrets
from flowloom_cli.status_file import read_status
from flowloom_cli.supervision.home_lock import HomeLock
from flowloom_cli.supervision.launch import launch
from flowloom_cli.supervision.logs import last_lines
from flowloom_cli.supervision.readiness import is_ready
from flowloom_cli.topology import HOST, Topology

PAUSE_S: Final = 0.2
STOP_S: Final = 60.0


@dataclass(frozen=True)
class Server:
    """A running server of a home."""

    port: int
    secrets: Secrets
    cluster: Postgres

    async def connect(self, database: str = DATABASE) -> "asyncpg.Connection[asyncpg.Record]":
        """Sign in as the superuser."""
        return await self.cluster.connect(database)


def _server(home: Path, port: int, secrets: Secrets) -> Server:
    # The port of Postgres is the only one of this topology that anything listens on.
    topology = Topology(base=port - 1)
    return Server(port, secrets, Postgres(home, topology, secrets, env=environment.plain(home)))


@asynccontextmanager
async def of_home(home: Path, secrets: Secrets) -> AsyncIterator[Server]:
    """Use the server that runs in a home, or start it for as long as the block takes."""
    lock = HomeLock(home)
    if lock.holder() is not None:
        yield _server(home, _port_of(home), secrets)
        return
    lock.take()
    try:
        async with started(home, secrets) as server:
            yield server
    finally:
        lock.release()


def _port_of(home: Path) -> int:
    status = read_status(home)
    ports = [one.port for one in status.processes if one.name == "postgres"] if status else []
    if not ports:
        raise CliError(
            f"a platform holds {home}, but its Postgres has not started yet",
            hint="try again when `flowloom status` says ready",
        )
    return ports[0]


@asynccontextmanager
async def started(home: Path, secrets: Secrets, *, limit_s: float = 600.0) -> AsyncIterator[Server]:
    """Start the cluster of a home on a free port and end it with the block, cleanly.

    Returns when recovery is over and the server takes writes; raises CliError with the end of its log when
    it dies before, or `limit_s` has passed.
    """
    server = _server(home, _free_port(), secrets)
    part = server.cluster.part()
    log = home / "logs" / "postgres-recovery.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    process = await launch(
        part.command, env=part.env, cwd=part.cwd, uid=part.uid, death_signal=part.death_signal
    )
    pump = asyncio.create_task(_pump(process, log))
    try:
        await _writable(server, process, log, limit_s=limit_s)
        yield server
    finally:
        await _end(process)
        await pump


async def _writable(
    server: Server, process: asyncio.subprocess.Process, log: Path, *, limit_s: float
) -> None:
    async def takes_writes() -> bool:
        try:
            connection = await server.connect("postgres")
        except (asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        try:
            return not await connection.fetchval("SELECT pg_is_in_recovery()")
        finally:
            await connection.close()

    deadline = asyncio.get_running_loop().time() + limit_s
    while not await is_ready(takes_writes):
        if process.returncode is not None or asyncio.get_running_loop().time() > deadline:
            tail = "\n".join(f"    {line}" for line in last_lines(log))
            raise CliError(
                f"Postgres did not come up from these files; the end of its log:\n{tail}",
                hint="the log names the cause; nothing else was changed",
            )
        await asyncio.sleep(PAUSE_S)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _pump(process: asyncio.subprocess.Process, log: Path) -> None:
    if process.stdout is None:
        return
    with log.open("ab") as file:
        while chunk := await process.stdout.read(1 << 16):
            file.write(chunk)
            file.flush()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
