"""Start a command through the launcher, so that it dies with the supervisor."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from flowloom_cli.supervision import child


async def launch(
    command: tuple[str, ...],
    *,
    env: Mapping[str, str],
    cwd: Path,
    uid: int = child.KEEP_OWN_USER,
    death_signal: signal.Signals = signal.SIGKILL,
) -> asyncio.subprocess.Process:
    """Start a command in a session of its own, its output in one pipe.

    Must run on the main thread: the kernel sends `death_signal` when the *thread* that forked ends.
    """
    prefix = (
        sys.executable,
        "-I",
        "-S",
        child.__file__,
        str(os.getpid()),
        str(death_signal.value),
        str(uid),
        "--",
    )
    return await asyncio.create_subprocess_exec(
        *prefix,
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=cwd,
        env=dict(env),
        start_new_session=True,
    )
