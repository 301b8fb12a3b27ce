"""B-OPS-2: how long a backup of one gigabyte takes, and its restore."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Final

import psutil
from pydantic import JsonValue

from benchmarks.core.results import Result, Target
from flowloom_cli.backup.restore import Wish, restore
from flowloom_cli.backup.take import Plan, take
from flowloom_cli.home_server import of_home
from flowloom_cli.parts.postgres import DATABASE
from flowloom_cli.platform import Platform
from flowloom_cli.secrets import load_or_create
from flowloom_cli.supervision.supervisor import silent

ID: Final = "B-OPS-2"
PORT_BASE: Final = 26000
TARGET_BYTES: Final = 1_000_000_000
BATCH: Final = 50_000
ROUNDS: Final = 2
BACKUP_LIMIT_S: Final = 60.0
RESTORE_LIMIT_S: Final = 120.0

TABLE: Final = """
    CREATE TABLE public.ballast (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        at timestamptz NOT NULL DEFAULT now(),
        document jsonb NOT NULL
    )
"""
FILL: Final = """
    INSERT INTO public.ballast (document)
    SELECT jsonb_build_object('step', number, 'output',
        (SELECT string_agg(encode(sha512((number * 10 + part)::text::bytea), 'hex'), ' ')
         FROM generate_series(1, 10) part))
    FROM generate_series($1::int, $2::int) number
"""
NOTES: Final = [
    "Embedded Postgres of a running platform without its services; rows of 1.4 kB in hexadecimal, which gzip"
    " halves, so prose is faster.",
    "Backup: `flowloom backup` as it is by default: the copy is restored into a scratch cluster and every row"
    " of it is read. `unproved` is `--no-verify`. Restore: `flowloom restore` into a new home.",
    "On all cores; the disk's cache is warm. `_cpu_s` are processor seconds, which other work beside does not"
    " change: on a machine with nothing else the time is at most their sum, plus waiting for the disk.",
]


async def measure() -> Result:
    """Fill, then take and restore several times."""
    rows: list[dict[str, JsonValue]] = []
    with tempfile.TemporaryDirectory(prefix="flowloom-bench-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        async with _stores(root / "home") as platform:
            size = await _fill(root / "home")
            for number in range(ROUNDS):
                rows.append(await _round(root, number, _Meter(platform)))
                print(f"  {rows[-1]}", flush=True)
    backup, restored = (_middle(rows, name) for name in ("backup_s", "restore_s"))
    return Result(
        id=ID,
        figures={
            "database_bytes": size,
            "backup_s": backup,
            "unproved_s": _middle(rows, "unproved_s"),
            "restore_s": restored,
            **{name: _middle(rows, name) for name in ("unproved_cpu_s", "backup_cpu_s", "restore_cpu_s")},
        },
        targets=[
            Target(name="backup, s", value=backup, limit=BACKUP_LIMIT_S, higher_is_better=False),
            Target(name="restore, s", value=restored, limit=RESTORE_LIMIT_S, higher_is_better=False),
        ],
        notes=NOTES,
        rows=rows,
    )


@asynccontextmanager
async def _stores(home: Path) -> AsyncIterator[Platform]:
    # A model of somebody else, so that none is started.
    env = {"FLOWLOOM_MODEL_BASE_URL": "http://127.0.0.1:9/v1"}
    platform = Platform(home, port_base=PORT_BASE, env=env, stores_only=True)
    try:
        await platform.start()
        yield platform
    finally:
        await platform.stop()


async def _fill(home: Path) -> int:
    """Add rows until the database has the size; returns its bytes."""
    async with of_home(home, load_or_create(home)) as server:
        connection = await server.connect(DATABASE)
        try:
            await connection.execute(TABLE)
            first, size = 1, 0
            while size < TARGET_BYTES:
                await connection.execute(FILL, first, first + BATCH - 1)
                first += BATCH
                size = await connection.fetchval("SELECT pg_database_size(current_database())")
            # Else the server does it by itself, and what it logs goes into the first backup.
            await connection.execute("VACUUM (ANALYZE) public.ballast")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()
    return int(size)


async def _round(root: Path, number: int, meter: "_Meter") -> dict[str, JsonValue]:
    load = os.getloadavg()[0]
    unproved, into = root / "unproved", root / "backups"
    unproved_s, unproved_cpu_s = await meter.of(take(Plan(root / "home", unproved, verify=False), silent))
    backup_s, backup_cpu_s = await meter.of(take(Plan(root / "home", into), silent))
    home = root / "restored"
    restore_s, restore_cpu_s = await meter.of(restore(Wish(into, home), silent))
    stored = sum(path.stat().st_size for path in into.rglob("*") if path.is_file())
    for path in (unproved, into, home):
        await asyncio.to_thread(shutil.rmtree, path)
    return {
        "round": number,
        "load_before": round(load, 2),
        "unproved_s": round(unproved_s, 2),
        "backup_s": round(backup_s, 2),
        "restore_s": round(restore_s, 2),
        "unproved_cpu_s": round(unproved_cpu_s, 2),
        "backup_cpu_s": round(backup_cpu_s, 2),
        "restore_cpu_s": round(restore_cpu_s, 2),
        "stored_bytes": stored,
    }


class _Meter:
    """Takes the time of a piece of work, and what it used of all processors."""

    def __init__(self, platform: Platform) -> None:
        pid = platform.pid("postgres")
        assert pid is not None
        self._server = psutil.Process(pid)

    async def of(self, work: Awaitable[object]) -> tuple[float, float]:
        """Return seconds that passed, and processor seconds of this process, its programs and the server."""
        began, used = time.perf_counter(), self._used()
        await work
        return time.perf_counter() - began, self._used() - used

    def _used(self) -> float:
        ours = sum(os.times()[:4])
        # Its own and those of sessions that have ended; sessions that go on are idle.
        return ours + sum(self._server.cpu_times()[:4])


def _middle(rows: list[dict[str, JsonValue]], name: str) -> float:
    return median(float(str(row[name])) for row in rows)
