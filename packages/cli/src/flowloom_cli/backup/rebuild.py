"""Build a home from a backup set and bring its databases to one moment."""

import asyncio
import os
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from flowloom_cli import environment
from flowloom_cli.backup.sealing import SUFFIX, Identity, unpacked, unsealed
from flowloom_cli.errors import CliError
from flowloom_cli.home_server import Server, started
from flowloom_cli.parts.postgres import DATABASE, server_uid
from flowloom_cli.parts.postgres import program as postgres_program
from flowloom_cli.secrets import load_or_create
from flowloom_cli.supervision import child
from flowloom_cli.supervision.once import run_once
from flowloom_cli.supervision.supervisor import Report

RECOVERED: Final = "recovered-wal"
AUTO_CONF: Final = "postgresql.auto.conf"
COUNTED: Final = {
    "workspaces": "gateway.workspaces",
    "workflows": "gateway.workflows",
    "runs": "orchestrator.runs",
    "steps": "orchestrator.steps",
}
"""What a person wants to see after a restore."""


async def rebuild(
    folder: Path,
    home: Path,
    *,
    keys: Sequence[Identity],
    report: Report,
    archive: Path | None = None,
    until: datetime | None = None,
) -> dict[str, int]:
    """Fill `home` from the files of a set, recover, read every row once, and stop; returns rows by name.

    `archive` is a folder of WAL segments to go on with, to its end or to the moment `until`. Raises CliError
    with the server's own words when the files do not give a whole database, or `until` is not reached.
    """
    data = home / "postgres" / "data"
    data.mkdir(mode=0o700, parents=True)
    await asyncio.to_thread(_extract, folder, home, data, keys)
    env = environment.plain(home)
    (home / "run").mkdir(exist_ok=True)
    await run_once(
        "verification of the copy",
        (str(postgres_program("pg_verifybackup")), "--quiet", "--exit-on-error", str(data)),
        env=env,
        log=home / "logs" / "verify.log",
        cwd=home,
    )
    if archive is not None:
        await asyncio.to_thread(_bring_archive, archive, data, keys, until)
    await asyncio.to_thread(_give_to_server, home / "postgres")
    report("recovering")
    async with started(home, load_or_create(home)) as server:
        rows = await _read_all(server)
    _forget_recovery(data)
    return rows


def _extract(folder: Path, home: Path, data: Path, keys: Sequence[Identity]) -> None:
    places = {"home.tar.gz": home, "base.tar.gz": data, "pg_wal.tar.gz": data / "pg_wal"}
    for name, place in places.items():
        place.mkdir(mode=0o700, exist_ok=True)
        with _opened(_stored(folder, name), home / name, keys) as archive:
            archive.extractall(place, filter="data")
    unsealed(_stored(folder, "backup_manifest"), data / "backup_manifest", keys)


@contextmanager
def _opened(stored: Path, plain: Path, keys: Sequence[Identity]) -> Iterator[tarfile.TarFile]:
    """Open a file of a set where it lies, or as `plain` beside the new home while it is read."""
    is_sealed = stored.suffix == SUFFIX
    if is_sealed:
        unsealed(stored, plain, keys)
    try:
        with tarfile.open(plain if is_sealed else stored) as archive:
            yield archive
    finally:
        plain.unlink(missing_ok=True)


def _stored(folder: Path, name: str) -> Path:
    """Return a file of a set, sealed or not."""
    plain, sealed = folder / name, folder / f"{name}{SUFFIX}"
    if plain.exists():
        return plain
    if sealed.exists():
        return sealed
    raise CliError(f"{plain} is missing", hint="take another set of that folder; nothing was changed")


def _bring_archive(archive: Path, data: Path, keys: Sequence[Identity], until: datetime | None) -> None:
    """Lay the archived WAL beside the cluster and tell the server to go on with it."""
    beside = data.parent / RECOVERED
    beside.mkdir(mode=0o700)
    for path in sorted(archive.iterdir()):
        # The segment that was being received when the machine died counts as well.
        name = path.name.removesuffix(SUFFIX).removesuffix(".gz").removesuffix(".partial")
        if path.is_file() and not name.startswith("."):
            unpacked(path, beside / name, keys)
    target = f"recovery_target_time = '{until.isoformat()}'\n" if until else ""
    with (data / AUTO_CONF).open("a") as file:
        file.write(f'restore_command = \'cp "{beside}/%f" "%p"\'\n')
        file.write(f"{target}recovery_target_action = 'promote'\n")
    (data / "recovery.signal").touch()


def _forget_recovery(data: Path) -> None:
    """Take away what was only for this recovery."""
    path = data / AUTO_CONF
    lines = path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("restore_command", "recovery_target"))]
    path.write_text("".join(kept))
    shutil.rmtree(data.parent / RECOVERED, ignore_errors=True)


def _give_to_server(folder: Path) -> None:
    uid = server_uid()
    for place, folders, files in os.walk(folder):
        for path in (Path(place), *(Path(place) / name for name in (*folders, *files))):
            if uid != child.KEEP_OWN_USER:
                os.chown(path, uid, uid)
    (folder / "data").chmod(0o700)


async def _read_all(server: Server) -> dict[str, int]:
    """Read every table to its end: a damaged page would be found by its checksum."""
    connection = await server.connect(DATABASE)
    try:
        tables = await connection.fetch(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        # Names come from the catalogue, quoted by the server itself.
        counts = {row["name"]: await connection.fetchval(_count(row["name"])) for row in tables}
    finally:
        await connection.close()
    return {name: counts[table] for name, table in COUNTED.items() if table in counts}


def _count(table: str) -> str:
    return f"SELECT count(*) FROM {table}"  # noqa: S608 - a name that the server has quoted
