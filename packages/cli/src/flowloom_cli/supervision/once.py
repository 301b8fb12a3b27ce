"""Run a command to its end as part of a start, with its output in a log of its own."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from flowloom_cli.errors import PartFailedError
from flowloom_cli.supervision.child import KEEP_OWN_USER
from flowloom_cli.supervision.launch import launch
from flowloom_cli.supervision.logs import LogFile, last_lines


async def run_once(
    name: str,
    command: tuple[str, ...],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path,
    uid: int = KEEP_OWN_USER,
) -> None:
    """Run a command; raises PartFailedError with the end of its log when it fails."""
    process = await launch(command, env=env, cwd=cwd, uid=uid)
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        if process.returncode is None:
            process.kill()
        raise
    file = LogFile(log)
    file.write(output)
    file.close()
    if process.returncode != 0:
        tail = "\n".join(f"    {line}" for line in last_lines(log))
        raise PartFailedError(
            name,
            f"ended with {process.returncode}; the end of {log}:\n{tail}",
            log=str(log),
            hint="read that log; nothing was changed by halves, starting again repeats the step",
        )
