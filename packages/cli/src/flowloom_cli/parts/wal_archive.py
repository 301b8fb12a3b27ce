"""The archive of the write-ahead log: every change, received from Postgres as it is written."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import asyncpg

from flowloom_cli.parts.postgres import Postgres, program
from flowloom_cli.secrets import Secrets
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import Probe
from flowloom_cli.topology import Topology

WAL_RECEIVER: Final = "wal-receiver"
ARCHIVE_SLOT: Final = "flowloom_archive"
"""Postgres keeps what the archive does not have yet."""

STREAMS: Final = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1 AND active"


def wal_receiver(
    root: Path, postgres: Postgres, topology: Topology, secrets: Secrets, *, env: Mapping[str, str]
) -> Part:
    """Describe the process that keeps the archive below a backup folder."""
    return Part(
        name=WAL_RECEIVER,
        command=(
            sys.executable,
            "-m",
            "flowloom_cli.wal_receiver_main",
            str(topology.postgres),
            str(root),
            str(program("pg_receivewal")),
        ),
        ready=_streams(postgres),
        port=topology.postgres,
        cwd=root,
        env={**env, "PGPASSWORD": secrets.backup},
        needs=("databases",),
        hint=f"is {root} writable, and is there room?",
    )


def _streams(postgres: Postgres) -> Probe:
    async def probe() -> bool:
        try:
            connection = await postgres.connect("postgres")
        except (asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        try:
            return bool(await connection.fetchval(STREAMS, ARCHIVE_SLOT))
        finally:
            await connection.close()

    return probe
