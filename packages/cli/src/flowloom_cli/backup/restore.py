"""Put a home back from a backup: all of it or nothing, and what was there before is kept aside."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flowloom_cli.backup import sets
from flowloom_cli.backup.rebuild import rebuild
from flowloom_cli.backup.sealing import Identity
from flowloom_cli.errors import CliError, UsageError
from flowloom_cli.parts.postgres import postgres_major
from flowloom_cli.supervision.home_lock import HomeLock
from flowloom_cli.supervision.supervisor import Report


@dataclass(frozen=True)
class Wish:
    """What to restore, into which home, up to which moment."""

    root: Path
    home: Path
    until: datetime | None = None
    keys: Sequence[Identity] = ()
    replace: bool = False


@dataclass(frozen=True)
class Restored:
    """What was put back, and where the earlier home lies now."""

    source: sets.BackupSet
    rows: dict[str, int]
    aside: Path | None


async def restore(wish: Wish, report: Report) -> Restored:
    """Restore a home; raises CliError or UsageError, and then nothing has changed."""
    HomeLock(wish.home).require_free()
    chosen = sets.choose(wish.root, until=wish.until)
    taken = _require_place(wish)
    _require_version(chosen)
    report(f"checking {chosen.folder}")
    sets.require_whole(chosen)
    draft = wish.home.with_name(f"{wish.home.name}.restoring")
    # Left behind by a restore that was killed; it was never anybody's home.
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    try:
        archive = _archive(wish, chosen)
        rows = await rebuild(
            chosen.folder, draft, keys=wish.keys, report=report, archive=archive, until=wish.until
        )
        aside = _move_aside(wish.home) if taken else None
        draft.rename(wish.home)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Restored(chosen, rows, aside)


def _require_place(wish: Wish) -> bool:
    """Tell whether there is a home to put aside; raises UsageError when nobody allowed that."""
    taken = wish.home.exists() and any(wish.home.iterdir())
    if taken and (wish.home / "postgres").exists() and not wish.replace:
        raise UsageError(
            f"there are databases in {wish.home}",
            hint="`--replace` puts them aside under another name; or set FLOWLOOM_HOME to an empty folder",
        )
    return taken


def _require_version(chosen: sets.BackupSet) -> None:
    ours = postgres_major()
    if chosen.manifest.postgres != ours:
        raise CliError(
            f"{chosen.folder} holds files of PostgreSQL {chosen.manifest.postgres}, here is {ours}",
            hint="restore it with the version of Flowloom that wrote it"
            f" ({chosen.manifest.version}), then upgrade; nothing was changed",
        )


def _archive(wish: Wish, chosen: sets.BackupSet) -> Path | None:
    """Return the archive to go on with, if there is one; raises UsageError when `until` needs it."""
    root = chosen.folder.parent.parent
    folder = sets.wal_folder(root, chosen.manifest.timeline)
    if folder.is_dir() and any(sets.archived(root, chosen.manifest.timeline)):
        return folder
    if wish.until is not None:
        raise UsageError(
            f"{folder} holds no archive, so no moment between backups can be restored",
            hint="leave `--until` out to restore the backup itself; FLOWLOOM_BACKUP_DIR keeps an archive",
        )
    return None


def _move_aside(home: Path) -> Path:
    aside = home.with_name(f"{home.name}.before-{sets.stamp(datetime.now(UTC))}")
    home.rename(aside)
    return aside
