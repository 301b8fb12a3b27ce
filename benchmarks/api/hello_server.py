"""Serves the baseline as every service is served, on the platform's core."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.core.site import GENERATOR_CORE, ROOT, SYSTEM_CORE, Site, pin, process
from flowloom_cli.supervision.readiness import answers_http, wait_ready
from flowloom_cli.topology import HOST

PORT_OFFSET = 210
"""From the platform's ports."""


@dataclass(frozen=True)
class Hello:
    """A running baseline."""

    base_url: str
    pid: int


@asynccontextmanager
async def running_hello(site: Site) -> AsyncIterator[Hello]:
    """Start the process beside the platform; it ends with the block."""
    port = site.platform.topology.base + PORT_OFFSET
    serve = (sys.executable, "-m", "flowloom_servicekit.serve", "--host", HOST, "--port", str(port))
    pin([SYSTEM_CORE])
    async with process(*serve, "benchmarks.api.hello:app", cwd=ROOT) as running:
        pin([GENERATOR_CORE])
        if not await wait_ready(answers_http(port, "/hello"), limit_s=20):
            raise RuntimeError("the baseline does not start")
        yield Hello(f"http://{HOST}:{port}", running.pid)
