"""Backup sets in a folder: what one consists of, which there are, and whether its files are whole."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from flowloom_cli.errors import CliError, UsageError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SETS: Final = "sets"
WAL: Final = "wal"
CHUNK: Final = 1 << 20
SEGMENT_BYTES: Final = 16 << 20
"""Size of a WAL segment; initdb's default, which the embedded cluster keeps."""


class StoredFile(BaseModel):
    """One file of a set, as it lies there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What a set says of itself; written last, so a set without one is no backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    version: str
    created_at: datetime
    finished_at: datetime
    postgres: int
    """Major version of the server: another one cannot read these files."""
    timeline: int
    first_segment: str
    """Oldest WAL segment that a recovery from this set needs."""
    sealed: bool
    verified: bool
    rows: dict[str, int]
    """Rows of the tables that people ask for, counted in the restored copy."""
    files: list[StoredFile]


@dataclass(frozen=True)
class BackupSet:
    """A complete set on disk."""

    folder: Path
    manifest: Manifest


def sets_in(root: Path) -> list[BackupSet]:
    """Return the complete sets below a backup folder, oldest first; raises CliError for an unreadable one."""
    folders = sorted((root / SETS).glob("*")) if (root / SETS).is_dir() else []
    return [read(folder) for folder in folders if (folder / MANIFEST).is_file()]


def read(folder: Path) -> BackupSet:
    """Read one set; raises CliError when its manifest is damaged or of a later version."""
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text())
        if found.get("format", 0) > FORMAT:
            raise CliError(
                f"{path} was written by a later version of Flowloom (format {found['format']})",
                hint="restore it with that version",
            )
        return BackupSet(folder, Manifest.model_validate(found))
    except (OSError, AttributeError, ValueError, ValidationError) as error:
        raise CliError(f"{path} cannot be read: {error}", hint="take another set of that folder") from error


def choose(root: Path, *, until: datetime | None) -> BackupSet:
    """Return the set to restore from: the newest that was finished before `until`.

    `root` is a backup folder or one of its sets. Raises UsageError when there is none.
    """
    if (root / MANIFEST).is_file():
        return read(root)
    found = [one for one in sets_in(root) if until is None or one.manifest.finished_at <= until]
    if not found:
        when = f" finished before {until.isoformat()}" if until else ""
        raise UsageError(
            f"there is no complete backup{when} in {root}",
            hint="name the folder that `flowloom backup` was given",
        )
    return found[-1]


def require_whole(chosen: BackupSet) -> None:
    """Compare every file with the manifest; raises CliError that names the first one that differs."""
    for stored in chosen.manifest.files:
        path = chosen.folder / stored.name
        if not path.is_file():
            raise CliError(f"{path} is missing", hint="take another set of that folder; nothing was changed")
        if describe(path) != stored:
            raise CliError(
                f"{path} is not the file that was backed up: size or checksum differ",
                hint="take another set of that folder; nothing was changed",
            )


def describe(path: Path) -> StoredFile:
    """Measure a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return StoredFile(name=path.name, bytes=path.stat().st_size, sha256=digest.hexdigest())


def segment_of(timeline: int, lsn: str) -> str:
    """Return the file name of the WAL segment that holds a position such as `0/2000028`."""
    high, low = (int(part, 16) for part in lsn.split("/"))
    return f"{timeline:08X}{high:08X}{low // SEGMENT_BYTES:08X}"


def wal_folder(root: Path, timeline: int) -> Path:
    """Return where the archive of one timeline lies: what is restored goes on in another one."""
    return root / WAL / f"timeline-{timeline}"


def archived(root: Path, timeline: int) -> Iterator[Path]:
    """Yield the archived segments of a timeline."""
    folder = wal_folder(root, timeline)
    return (path for path in sorted(folder.glob("*")) if path.is_file()) if folder.is_dir() else iter(())


def stamp(now: datetime) -> str:
    """Return the name of a set that begins now."""
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
