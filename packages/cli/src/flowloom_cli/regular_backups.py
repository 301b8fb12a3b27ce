"""Take a backup whenever one is due, for as long as the platform runs."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from flowloom_cli import environment
from flowloom_cli.backup import sets
from flowloom_cli.errors import CliError
from flowloom_cli.settings import Settings
from flowloom_cli.supervision.once import run_once
from flowloom_cli.supervision.supervisor import Report

AFTER_A_FAILURE: Final = timedelta(minutes=15)


async def take_when_due(settings: Settings, root: Path, report: Report) -> None:
    """Run until cancelled; a failure is reported and tried again."""
    every = timedelta(hours=settings.backup_every_hours)
    while True:
        try:
            # Inside: a set that cannot be read any more must not end all backups to come.
            await asyncio.sleep(_until_due(root, every).total_seconds())
            await _take(settings, root)
        except CliError as error:
            report(f"no backup was taken: {error.message}")
            await asyncio.sleep(AFTER_A_FAILURE.total_seconds())
        else:
            report(f"a backup was taken into {root}")


def _until_due(root: Path, every: timedelta) -> timedelta:
    """Count from the last backup there is, so that restarts neither repeat nor delay one."""
    taken = [one.manifest.created_at for one in sets.sets_in(root)]
    if not taken:
        return timedelta(0)
    return max(taken[-1] + every - datetime.now(UTC), timedelta(0))


async def _take(settings: Settings, root: Path) -> None:
    home = settings.home_dir
    await run_once(
        "backup",
        (sys.executable, "-m", "flowloom_cli", "backup", str(root)),
        env=environment.of_supervisor(home),
        log=home / "logs" / "regular-backup.log",
        cwd=home / "run",
    )
