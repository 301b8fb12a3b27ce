"""`flowloom down`: stop the platform of this home."""

import os
import signal
import time
from typing import Annotated, Final

import typer

from flowloom_cli.errors import CliError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.settings import Settings
from flowloom_cli.supervision.home_lock import HomeLock

POLITE_S: Final = 40.0
FORCED_S: Final = 5.0
PAUSE_S: Final = 0.1


def down(
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when all went well.")] = False,
) -> None:
    """Stop every process of the platform and wait until they have ended."""
    with shown_to_people():
        home = Settings.load().home_dir
        lock = HomeLock(home)
        holder = lock.holder()
        if holder is None:
            _say(f"nothing is running in {home}", quiet=quiet)
            return
        _stop(holder, lock)
        _say("stopped", quiet=quiet)


def _stop(pid: int, lock: HomeLock) -> None:
    os.kill(pid, signal.SIGTERM)
    if _released(lock, POLITE_S):
        return
    # Its children die with it.
    os.kill(pid, signal.SIGKILL)
    if not _released(lock, FORCED_S):
        raise CliError(f"the supervisor (pid {pid}) does not end", hint=f"look at it: ps -fp {pid}")


def _released(lock: HomeLock, limit_s: float) -> bool:
    deadline = time.monotonic() + limit_s
    while lock.holder() is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_S)
    return True


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        typer.echo(text)
