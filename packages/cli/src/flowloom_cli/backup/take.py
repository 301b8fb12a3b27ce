"""Take a backup of a home: a consistent copy of the databases and what opens them, proved by restoring it."""

import asyncio
import importlib.metadata
import json
import shutil
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flowloom_cli import environment
from flowloom_cli.backup import retention, sets
from flowloom_cli.backup.rebuild import rebuild
from flowloom_cli.backup.sealing import Recipient, packed, seal
from flowloom_cli.errors import CliError, UsageError
from flowloom_cli.home_server import Server, of_home
from flowloom_cli.parts.postgres import REPLICATION_ROLE
from flowloom_cli.parts.postgres import program as postgres_program
from flowloom_cli.private_files import write_private
from flowloom_cli.secrets import load_or_create
from flowloom_cli.supervision.once import run_once
from flowloom_cli.supervision.supervisor import Report
from flowloom_cli.topology import HOST

HOME_ARCHIVE: Final = "home.tar.gz"
HOME_PARTS: Final = ("secrets.json", "keys", "owner.json")
"""What the databases are useless without. Valkey, the scheduler and logs are left out: they hold no fact
that Postgres does not hold, and what they hold is of another moment (decision 0080)."""

ROOM: Final = 1.2
"""Free space that a backup asks for, as a share of the databases: the copy, and its WAL."""


@dataclass(frozen=True)
class Plan:
    """What to back up, where to, and how."""

    home: Path
    into: Path
    keepers: Sequence[Recipient] = ()
    keep: int = 7
    verify: bool = True


async def take(plan: Plan, report: Report) -> sets.BackupSet:
    """Take one set, prove it, seal it and drop the oldest; raises CliError, and leaves no half set behind."""
    begun = datetime.now(UTC)
    draft = _begin(plan, begun)
    try:
        done = await _fill(plan, draft, begun, report)
        return await asyncio.to_thread(_finish, plan, draft, done)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _begin(plan: Plan, begun: datetime) -> Path:
    if not _version_file(plan.home).exists():
        raise UsageError(f"there is nothing to back up in {plan.home}", hint="is FLOWLOOM_HOME right?")
    folder = plan.into / sets.SETS
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    plan.into.chmod(0o700)
    return Path(tempfile.mkdtemp(prefix=f".{sets.stamp(begun)}-", dir=folder))


def _finish(plan: Plan, draft: Path, done: sets.Manifest) -> sets.BackupSet:
    final = plan.into / sets.SETS / sets.stamp(done.created_at)
    draft.rename(final)
    _pack_archive(plan)
    retention.apply(plan.into, keep=plan.keep)
    return sets.BackupSet(final, done)


def _version_file(home: Path) -> Path:
    return home / "postgres" / "data" / "PG_VERSION"


async def _fill(plan: Plan, draft: Path, begun: datetime, report: Report) -> sets.Manifest:
    secrets = load_or_create(plan.home)
    async with of_home(plan.home, secrets) as server:
        # The cluster may have been started last by a version that knew no such role.
        await server.cluster.prepare()
        await _require_room(server, plan.into)
        report("copying the databases")
        await _copy_cluster(server, draft, plan.home)
    await asyncio.to_thread(_copy_home, plan.home, draft)
    rows: dict[str, int] = {}
    if plan.verify:
        report("restoring the copy into a scratch cluster")
        with tempfile.TemporaryDirectory(prefix=".verify-", dir=plan.into) as scratch:
            rows = await rebuild(draft, Path(scratch), keys=(), report=report)
    timeline, first = _begins_at(draft / "backup_manifest")
    report("measuring" if not plan.keepers else "sealing")
    stored = await asyncio.to_thread(_store_all, draft, plan.keepers)
    manifest = sets.Manifest(
        version=importlib.metadata.version("flowloom-cli"),
        created_at=begun,
        finished_at=datetime.now(UTC),
        postgres=int(_version_file(plan.home).read_text()),
        timeline=timeline,
        first_segment=first,
        sealed=bool(plan.keepers),
        verified=plan.verify,
        rows=rows,
        files=stored,
    )
    write_private(draft / sets.MANIFEST, manifest.model_dump_json(indent=2) + "\n")
    return manifest


async def _require_room(server: Server, into: Path) -> None:
    connection = await server.connect()
    try:
        size = await connection.fetchval("SELECT sum(pg_database_size(oid))::bigint FROM pg_database")
    finally:
        await connection.close()
    free = shutil.disk_usage(into).free
    if free < size * ROOM:
        raise CliError(
            f"the disk of {into} has {free >> 20} MiB free, this backup may need {int(size * ROOM) >> 20}",
            hint="make room, or name a folder on another disk; nothing was written",
        )


async def _copy_cluster(server: Server, draft: Path, home: Path) -> None:
    command = (
        str(postgres_program("pg_basebackup")),
        f"--host={HOST}",
        f"--port={server.port}",
        f"--username={REPLICATION_ROLE}",
        f"--pgdata={draft}",
        "--no-password",
        "--format=tar",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--compress=client-gzip:1",
        "--label=flowloom",
    )
    env = {**environment.plain(home), "PGPASSWORD": server.secrets.backup}
    await run_once("backup", command, env=env, log=home / "logs" / "backup.log", cwd=draft)


def _copy_home(home: Path, draft: Path) -> None:
    with tarfile.open(draft / HOME_ARCHIVE, "w:gz") as archive:
        for name in HOME_PARTS:
            if (home / name).exists():
                archive.add(home / name, arcname=name)


def _begins_at(manifest: Path) -> tuple[int, str]:
    """Return timeline and first WAL segment of a base backup, from the manifest that the server wrote."""
    first = json.loads(manifest.read_text())["WAL-Ranges"][0]
    timeline = int(first["Timeline"])
    return timeline, sets.segment_of(timeline, str(first["Start-LSN"]))


def _store_all(draft: Path, keepers: Sequence[Recipient]) -> list[sets.StoredFile]:
    return [_store(path, keepers) for path in sorted(draft.iterdir()) if path.is_file()]


def _store(path: Path, keepers: Sequence[Recipient]) -> sets.StoredFile:
    stored = seal(path, keepers)
    stored.chmod(0o600)
    return sets.describe(stored)


def _pack_archive(plan: Plan) -> None:
    """Compress and seal the WAL segments that are complete; the receiver still writes the last one."""
    for folder in (plan.into / sets.WAL).glob("timeline-*"):
        for segment in [path for path in sorted(folder.iterdir()) if len(path.name) == len("0" * 24)]:
            packed(segment, plan.keepers).chmod(0o600)
