"""Runs the `flowloom` command as a person would."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.integration.stack import ROOT


@dataclass(frozen=True)
class Told:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


async def flowloom(*arguments: str, env: Mapping[str, str] | None = None, limit_s: float = 60) -> Told:
    """Run the command of this environment to its end."""
    return await execute(
        str(Path(sys.executable).with_name("flowloom")), *arguments, env=env, limit_s=limit_s
    )


async def execute(
    *command: str, env: Mapping[str, str] | None = None, limit_s: float = 60, cwd: Path = ROOT
) -> Told:
    """Run any command to its end."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), limit_s)
    except TimeoutError:
        process.kill()
        out, err = await process.communicate()
        raise AssertionError(f"{command} did not end within {limit_s} s: {out!r} {err!r}") from None
    return Told(process.returncode or 0, out.decode(), err.decode())
