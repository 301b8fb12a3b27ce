"""Receive the write-ahead log into an archive; arguments: port, folder of backups, pg_receivewal."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg

from flowloom_cli.backup.sets import wal_folder
from flowloom_cli.parts.postgres import REPLICATION_ROLE
from flowloom_cli.parts.wal_archive import ARCHIVE_SLOT
from flowloom_cli.topology import HOST


async def _timeline(port: int) -> int:
    # The password comes from PGPASSWORD, for this and for the program.
    connection = await asyncpg.connect(
        host=HOST, port=port, user=REPLICATION_ROLE, database="postgres", ssl=False
    )
    try:
        return int(await connection.fetchval("SELECT timeline_id FROM pg_control_checkpoint()"))
    finally:
        await connection.close()


def main(port: int, root: Path, program: str) -> None:
    """Become pg_receivewal for the timeline that the server is on."""
    folder = wal_folder(root, asyncio.run(_timeline(port)))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    where = (f"--host={HOST}", f"--port={port}", f"--username={REPLICATION_ROLE}", "--no-password")
    slot = (f"--slot={ARCHIVE_SLOT}", f"--directory={folder}")
    subprocess.run((program, *where, slot[0], "--create-slot", "--if-not-exists"), check=True)
    os.execv(program, (program, *where, *slot, "--synchronous", "--no-loop"))  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
