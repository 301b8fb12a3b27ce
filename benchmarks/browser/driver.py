"""Builds the browser application, lets one measurement of `frontend/bench` happen and reads what it found."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from benchmarks.core.site import ROOT

FRONTEND = (sys.executable, str(ROOT / "scripts" / "frontend.py"))
LIMIT_S = 1500
Found = TypeVar("Found", bound=BaseModel)


async def measured(name: str, found: type[Found], *, pages: Sequence[str] = ()) -> Found:
    """Run `frontend/bench/<name>.bench.ts` and return what it reports.

    `pages` are those of `frontend/bench/pages` that it needs beside the application.
    Raises RuntimeError when Node, Chromium or the measurement itself failed; what they said is above.
    """
    await _run("build")
    for page in pages:
        await _run("npm", "run", "--silent", "bench-page", env={"FLOWLOOM_BENCH_PAGE": page})
    with tempfile.TemporaryDirectory(prefix="flowloom-bench-") as folder:
        out = Path(folder) / "found.json"
        command = ("npm", "run", "--silent", "bench", "--", f"{name}.bench.ts")
        await _run(*command, env={"FLOWLOOM_BENCH_OUT": str(out)})
        return found.model_validate_json(out.read_bytes())


async def _run(*arguments: str, env: Mapping[str, str] | None = None) -> None:
    running = await asyncio.create_subprocess_exec(
        *FRONTEND, *arguments, cwd=ROOT, env={**os.environ, **(env or {})}
    )
    try:
        code = await asyncio.wait_for(running.wait(), LIMIT_S)
    finally:
        if running.returncode is None:
            running.terminate()
            await running.wait()
    if code != 0:
        raise RuntimeError(
            f"scripts/frontend.py {' '.join(arguments)} ended with {code}; see above what it said"
        )
